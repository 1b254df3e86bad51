#include "import/importing.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "import/secrecy.h"

namespace apigw::import {

std::string_view kind_of(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Kind::null:
      return "nothing";
    case yaml::Kind::scalar:
      return "a single value";
    case yaml::Kind::sequence:
      return "a list";
    case yaml::Kind::mapping:
      return "a mapping";
  }
  return "nothing";
}

diag::Diagnostic& Importing::refuse(Span where, std::string message, std::string label) {
  return report.add(720, where, std::move(message), std::move(label));
}

diag::Diagnostic& Importing::nearly(Span where, std::string what, std::string_view how) {
  return report.add(722, where, fmt::format("{} is imported only nearly: {}", what, how));
}

diag::Diagnostic& Importing::lost(Span where, std::string what, std::string_view why) {
  return report.add(724, where, fmt::format("{} is lost: {}", what, why));
}

diag::Diagnostic& Importing::later(Span where, std::string what, std::string_view write) {
  auto& finding = report.add(725, where, fmt::format("{} is not enforced by this version yet and left out", what));
  if (!write.empty()) finding.helps.push_back(fmt::format("once it is: {}", write));
  return finding;
}

diag::Diagnostic& Importing::unreadable(Span where, std::string message, std::string label) {
  return report.add(726, where, std::move(message), std::move(label));
}

std::string Importing::secret_variable(Span where, const std::string& literal, std::string_view wanted) {
  std::string base;
  for (const char c : wanted.substr(0, 200)) {
    const bool kept = config::letter(c) || config::digit(c);
    if (kept)
      base += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    else if (!base.empty() && base.back() != '_')
      base += '_';
  }
  if (base.empty() || config::digit(base.front())) base = "KEY_" + base;
  const auto [known, fresh] = variables_.try_emplace({base, literal});
  if (!fresh) return known->second;
  std::string name = base;
  std::size_t& n = numbers_[base];
  while (!taken_.insert(name).second) name = fmt::format("{}_{}", base, ++n + 1);
  known->second = name;
  report.add(723, where, fmt::format("a secret stands here, and the config refers to {} instead", name), "not copied")
      .helps.push_back(fmt::format("set {} to it, in the environment or in .env beside the config", name));
  return name;
}

void Importing::keep_variables_of(const yaml::Node& root) {
  std::vector<const yaml::Node*> open{&root};
  while (!open.empty()) {
    const yaml::Node* const node = open.back();
    open.pop_back();
    for (const yaml::Node* item : node->items) open.push_back(item);
    for (const yaml::Entry& entry : node->entries) open.push_back(entry.value);
    if (node->kind != yaml::Kind::scalar) continue;
    if (auto name = referred_variable(node->value)) taken_.insert(std::move(*name));
  }
}

std::string Importing::secret(const yaml::Node& scalar, std::string_view variable) {
  if (const auto referred = referred_variable(scalar.value)) return fmt::format("env:{}", *referred);
  return fmt::format("env:{}", secret_variable(scalar.span, scalar.value, variable));
}

std::string Importing::shown(const yaml::Node& scalar) const {
  if (scalar.kind != yaml::Kind::scalar) return std::string(kind_of(scalar));
  return secret_text(scalar.value) ? std::string("…") : text::printable(scalar.value, 60);
}

Fields::Fields(const yaml::Node& node, Importing& to, std::string what)
    : node_(node), to_(to), what_(std::move(what)) {
  if (node.kind != yaml::Kind::mapping && !node.is_null())
    to.unreadable(node.span, fmt::format("{} must be a mapping, not {}", what_, kind_of(node)));
}

const yaml::Node* Fields::take(std::string_view key) {
  said_.insert(key);
  const yaml::Node* found = node_.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> Fields::text(std::string_view key) {
  const yaml::Node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind == yaml::Kind::scalar) return node->value;
  to_.unreadable(node->span, fmt::format("'{}' of {} must be a single value, not {}", key, what_, kind_of(*node)));
  return std::nullopt;
}

std::optional<std::uint64_t> Fields::number(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto number = text::parse_number(*value);
  if (!number)
    to_.unreadable(take(key)->span,
                   fmt::format("'{}' of {} must be a whole number, not '{}'", key, what_, to_.shown(*take(key))));
  return number;
}

std::optional<bool> Fields::boolean(std::string_view key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const std::string word = text::lower(*value);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  to_.unreadable(take(key)->span,
                 fmt::format("'{}' of {} must be true or false, not '{}'", key, what_, to_.shown(*take(key))));
  return std::nullopt;
}

std::vector<const yaml::Node*> Fields::list(std::string_view key, bool or_one) {
  const yaml::Node* node = take(key);
  if (node == nullptr) return {};
  if (node->kind == yaml::Kind::sequence) return node->items;
  if (or_one && node->kind == yaml::Kind::scalar) return {node};
  to_.unreadable(node->span, fmt::format("'{}' of {} must be a list, not {}", key, what_, kind_of(*node)));
  return {};
}

std::vector<std::string> Fields::texts(std::string_view key, bool or_one) {
  std::vector<std::string> out;
  for (const yaml::Node* item : list(key, or_one)) {
    if (item->kind == yaml::Kind::scalar)
      out.push_back(item->value);
    else
      to_.unreadable(item->span,
                     fmt::format("'{}' of {} must hold single values, not {}", key, what_, kind_of(*item)));
  }
  return out;
}

void Fields::ignore(std::initializer_list<std::string_view> keys) {
  said_.insert(keys.begin(), keys.end());
}

void Fields::lost(std::string_view key, std::string_view why) {
  if (take(key) != nullptr) to_.lost(this->key(key), fmt::format("'{}' of {}", key, what_), why);
}

void Fields::later(std::string_view key, std::string_view write) {
  if (take(key) != nullptr) to_.later(this->key(key), fmt::format("'{}' of {}", key, what_), write);
}

void Fields::rest() {
  std::set<std::string_view> told;
  for (const yaml::Entry& entry : node_.entries) {
    if (entry.value->is_null()) continue;
    if (said_.contains(entry.key->value) || !told.insert(entry.key->value).second) continue;
    to_.lost(entry.key->span, fmt::format("'{}' of {}", text::printable(entry.key->value, 60), what_),
             "apigw has no counterpart");
  }
}

Span Fields::key(std::string_view name) const {
  for (const yaml::Entry& entry : node_.entries)
    if (entry.key->value == name) return entry.key->span;
  return node_.span;
}

}  // namespace apigw::import
