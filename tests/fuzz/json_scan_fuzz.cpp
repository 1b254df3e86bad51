// The JSON scan against a second parser: they agree on every text, but for what the scan is stricter in (a member
// named twice, a byte order mark) and for numbers beyond a double, which only the other refuses.
#include <algorithm>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "fuzz/law.h"

namespace json = apigw::json;

namespace {

enum class Other { accepts, refuses, number_too_large };

Other other_parser(std::string_view text, nlohmann::json& parsed) {
  try {
    parsed = nlohmann::json::parse(text);
    return Other::accepts;
  } catch (const nlohmann::json::out_of_range&) {
    return Other::number_too_large;
  } catch (const nlohmann::json::exception&) {
    return Other::refuses;
  }
}

void check_accepted(std::string_view text, const json::Document& document) {
  const json::Document again = json::members(text, document.root);
  LAW(again.root.type == document.root.type);
  LAW(std::ranges::equal(again.members, document.members, [](const json::Member& a, const json::Member& b) {
    return a.key.data() == b.key.data() && a.key == b.key && a.escaped == b.escaped &&
           a.value.begin == b.value.begin && a.value.end == b.value.end && a.value.type == b.value.type;
  }));
  for (const json::Member& member : document.members) {
    LAW(json::scan(json::at(text, member.value)).has_value());
    const std::string quoted = "\"" + std::string(member.key) + "\"";
    const auto key = json::string_at(quoted, json::scan(quoted)->root);
    LAW(key && document.find(*key) == &member);
    const std::string written = json::quote(*key);
    LAW(json::string_at(written, json::scan(written)->root) == key);
  }
  for (const json::Slice element : json::elements(text, document.root)) {
    LAW(json::scan(json::at(text, element)).has_value() || document.root.type == json::Type::object);
  }
}

constexpr std::size_t all = 1'000'000;

// Each value inside of the one at `at`, in the order of their beginnings.
void gather(std::string_view text, json::Slice at, std::vector<json::Slice>& values) {
  auto inner = json::elements(text, at);
  for (const json::Member& member : json::members(text, at).members) inner.push_back(member.value);
  for (const json::Slice one : inner) {
    values.push_back(one);
    gather(text, one, values);
  }
}

// What is walked is what the other parser finds, as deep as it goes, whichever ends are known before.
void check_walk(std::string_view text, json::Slice at, const nlohmann::json& other,
                std::span<const json::Slice> known) {
  LAW((at.type == json::Type::object) == other.is_object());
  LAW((at.type == json::Type::array) == other.is_array());
  if (at.type == json::Type::string) LAW(json::string_at(text, at) == other.get<std::string>());
  if (at.type == json::Type::boolean) LAW(json::boolean_at(text, at) == other.get<bool>());
  const auto elements = json::elements(text, at, all, known);
  LAW(elements.size() == (other.is_array() ? other.size() : 0));
  for (std::size_t i = 0; i < elements.size(); ++i) check_walk(text, elements[i], other[i], known);
  const json::Document object = json::members(text, at, known);
  LAW(object.members.size() == (other.is_object() ? other.size() : 0));
  for (const json::Member& member : object.members) {
    const std::string quoted = "\"" + std::string(member.key) + "\"";
    const auto key = json::string_at(quoted, {0, quoted.size(), json::Type::string});
    LAW(key && other.contains(*key));
    check_walk(text, member.value, other[*key], known);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = json::scan(text);
  nlohmann::json parsed;
  if (document) {
    check_accepted(text, *document);
    const Other other = other_parser(text, parsed);
    LAW(other != Other::refuses);
    if (other != Other::accepts) return 0;
    std::vector<json::Slice> values;
    gather(text, document->root, values);
    check_walk(text, document->root, parsed, {});
    check_walk(text, document->root, parsed, document->long_values);
    check_walk(text, document->root, parsed, values);
    return 0;
  }
  const bool stricter = document.error().kind == apigw::ErrorKind::too_large || text.starts_with("\xef\xbb\xbf") ||
                        text.contains('\0') || document.error().what.ends_with("twice");
  LAW(stricter || other_parser(text, parsed) != Other::accepts);
  return 0;
}
