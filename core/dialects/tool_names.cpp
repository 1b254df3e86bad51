#include "dialects/tool_names.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::dialects {

bool ToolNames::plain(char c) const {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c == '-' && rules_.dashes) || rules_.more.contains(c);
}

bool ToolNames::begins_well(std::string_view name) const {
  if (!rules_.word_first) return true;
  const char c = name.front();
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool ToolNames::allowed(std::string_view name) const {
  return !name.empty() && name.size() <= rules_.most_bytes && begins_well(name) &&
         std::ranges::all_of(name, [this](char c) { return plain(c); });
}

void ToolNames::reserve(std::string_view original) {
  if (allowed(original)) taken_.emplace(original);
}

std::string ToolNames::sent(std::string_view original) {
  if (allowed(original)) return std::string(original);
  if (const auto known = renamed_.find(original); known != renamed_.end()) return known->second;
  std::string name(original);
  std::ranges::replace_if(name, [this](char c) { return !plain(c); }, '_');
  if (!name.empty() && !begins_well(name)) name.insert(0, "_");
  std::string candidate = name.substr(0, rules_.most_bytes);
  while (candidate.empty() || taken_.contains(candidate)) {
    number_ = std::max(number_, renamed_.size()) + 1;  // none is tried twice, however many names there are
    const std::string end = fmt::format("_{}", number_);
    candidate = name.substr(0, rules_.most_bytes - end.size()) + end;
  }
  taken_.insert(candidate);
  renamed_.emplace(original, candidate);
  way_back_.tools.push_back({candidate, std::string(original)});
  return candidate;
}

std::string original_name(const WayBack& way_back, std::string_view sent) {
  const auto found = std::ranges::find(way_back.tools, sent, &WayBack::Renamed::sent);
  return found == way_back.tools.end() ? std::string(sent) : found->original;
}

}  // namespace apigw::dialects
