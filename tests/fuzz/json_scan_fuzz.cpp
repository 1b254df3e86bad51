// The JSON scan against a second parser: they agree on every text, but for what the scan is stricter in (a member
// named twice, a byte order mark) and for numbers beyond a double, which only the other refuses.
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "fuzz/law.h"

namespace json = apigw::json;

namespace {

enum class Other { accepts, refuses, number_too_large };

Other other_parser(std::string_view text) {
  try {
    (void)nlohmann::json::parse(text);
    return Other::accepts;
  } catch (const nlohmann::json::out_of_range&) {
    return Other::number_too_large;
  } catch (const nlohmann::json::exception&) {
    return Other::refuses;
  }
}

void check_accepted(std::string_view text, const json::Document& document) {
  const json::Document again = json::members(text, document.root);
  LAW(again.members.size() == document.members.size());
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = json::scan(text);
  if (document) {
    check_accepted(text, *document);
    LAW(other_parser(text) != Other::refuses);
    return 0;
  }
  const bool stricter = document.error().kind == apigw::ErrorKind::too_large || text.starts_with("\xef\xbb\xbf") ||
                        text.contains('\0') || document.error().what.ends_with("twice");
  LAW(stricter || other_parser(text) != Other::accepts);
  return 0;
}
