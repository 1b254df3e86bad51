#include "dialects/vertex.h"

#include <array>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace apigw::dialects::vertex {

namespace {

constexpr json::Limits roomy{.depth = 10'000, .members = 1'000'000};  // it was judged before
constexpr std::string_view version = R"("anthropic_version":"vertex-2023-10-16")";

struct Cut {
  std::size_t begin, end;
};

// A member with the comma behind it, or else with the one before it. Its key is a view into `text`.
Cut with_comma(std::string_view text, const json::Member& member) {
  Cut cut{static_cast<std::size_t>(member.key.data() - text.data()) - 1, member.value.end};
  constexpr std::string_view blanks = " \t\r\n";
  const auto next = text.find_first_not_of(blanks, cut.end);
  if (text[next] == ',') {
    cut.end = next + 1;
    return cut;
  }
  const auto before = text.find_last_not_of(blanks, cut.begin - 1);
  if (text[before] == ',') cut.begin = before;
  return cut;
}

// `cuts` in order, none in another.
std::string without(std::string_view text, const std::vector<Cut>& cuts) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (const Cut& cut : cuts) {
    out.append(text.substr(done, cut.begin - done));
    done = cut.end;
  }
  return out.append(text.substr(done));
}

void cut_ids(std::string_view text, json::Slice part, std::vector<Cut>& cuts) {
  constexpr auto holders =
      std::to_array<std::string_view>({"functionCall", "function_call", "functionResponse", "function_response"});
  const json::Document fields = json::members(text, part);
  for (const std::string_view name : holders) {
    const json::Member* holder = fields.find(name);
    if (holder == nullptr || holder->value.type != json::Type::object) continue;
    const json::Document inner = json::members(text, holder->value);
    if (const json::Member* id = inner.find("id")) cuts.push_back(with_comma(text, *id));
  }
}

}  // namespace

std::string edit_anthropic(std::string body) {
  const auto fields = json::scan(body, roomy);
  if (!fields || fields->root.type != json::Type::object) return body;
  std::vector<Cut> cuts;
  if (const json::Member* model = fields->find("model")) cuts.push_back(with_comma(body, *model));
  std::string edited = without(body, cuts);
  if (fields->find("anthropic_version") != nullptr) return edited;
  const bool alone = fields->members.size() == cuts.size();
  return edited.insert(fields->root.begin + 1, std::string(version) + (alone ? "" : ","));
}

std::string edit_gemini(std::string body) {
  const auto fields = json::scan(body, roomy);
  const json::Member* contents = fields ? fields->find("contents") : nullptr;
  if (contents == nullptr || contents->value.type != json::Type::array) return body;
  std::vector<Cut> cuts;
  for (const json::Slice content : json::elements(body, contents->value)) {
    const json::Document turn = json::members(body, content);
    const json::Member* parts = turn.find("parts");
    if (parts == nullptr || parts->value.type != json::Type::array) continue;
    for (const json::Slice part : json::elements(body, parts->value)) cut_ids(body, part, cuts);
  }
  return cuts.empty() ? body : without(body, cuts);
}

}  // namespace apigw::dialects::vertex
