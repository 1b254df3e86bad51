// JSON that came from the network, judged in one scan and read where it stands.
//
// scan() proves that the whole text is one JSON document within `Limits` and that no object names a member twice, and
// reports where the members of the top-level object stand; whoever needs a field reads it there, and an edit splices
// the original bytes. There is no second parser that could answer differently to "which model?".
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace apigw::json {

struct Limits {
  unsigned depth = 64;           // arrays and objects inside each other
  std::size_t members = 10'000;  // of one object
  std::size_t string_bytes = 64u << 20;
};

// One JSON value as the bytes that carried it: numbers, key order and white space go out as they came in.
struct Raw {
  std::string text = "null";
};

enum class Type { null, boolean, number, string, array, object };

// A value's place in the scanned text.
struct Slice {
  std::size_t begin = 0;
  std::size_t end = 0;
  Type type = Type::null;
};

struct Member {
  std::string_view key;  // decoded key when it holds no escape, else the raw bytes between the quotes
  bool escaped = false;  // whether `key` is raw with escapes in it
  Slice value;
};

struct Document {
  Slice root;
  std::vector<Member> members;  // of the root when it is an object, in order; views into the scanned text
  // Values below the root that are so long that who has their ends need not pass over them: in the order of their
  // beginnings, the first 4,096 that ended. Of scan() alone.
  std::vector<Slice> long_values;
  [[nodiscard]] const Member* find(std::string_view key) const;  // sees through escapes in keys
};

// The member's key, decoded.
[[nodiscard]] std::string key_of(const Member& member);

// RFC 8259; the text must be UTF-8. Errors: invalid (with the byte offset in `what`) or too_large.
[[nodiscard]] Result<Document> scan(std::string_view text, const Limits& limits = {});

// The members of the object at `slice` of a text that scan() accepted; none when it is no object. Nothing is judged
// again: what stands inside them is passed over, in one step where it is one of the document's `long_values`.
[[nodiscard]] Document members(std::string_view text, Slice slice, std::span<const Slice> long_values = {});
// The elements of the array at `slice` of a text that scan() accepted; of an array with more than `most` of them the
// first `most` + 1: the last says that there are more.
[[nodiscard]] std::vector<Slice> elements(std::string_view text, Slice slice, std::size_t most = ~std::size_t{0} - 1,
                                          std::span<const Slice> long_values = {});

[[nodiscard]] inline std::string_view at(std::string_view text, Slice s) {
  return text.substr(s.begin, s.end - s.begin);
}
// A string value decoded; nothing when it is not a string.
[[nodiscard]] std::optional<std::string> string_at(std::string_view text, Slice slice);
[[nodiscard]] std::optional<bool> boolean_at(std::string_view text, Slice slice);
// A whole number that fits; nothing for fractions, exponents and negatives.
[[nodiscard]] std::optional<std::uint64_t> number_at(std::string_view text, Slice slice);

// Calls `take` with each string that is a value below `json`, which scan() accepted: between its quotes, escapes as
// they stand. Keys are passed over.
template <class Take>
void each_string(std::string_view json, Take&& take) {
  for (auto open = json.find('"'); open != json.npos; open = json.find('"', open)) {
    auto close = open + 1;
    while (json[close] != '"') close += json[close] == '\\' ? 2 : 1;
    const auto next = json.find_first_not_of(" \t\r\n", close + 1);
    const bool key = next != json.npos && json[next] == ':';
    if (!key) take(json.substr(open + 1, close - open - 1));
    open = close + 1;
  }
}

// `value` as a JSON string literal with its quotes; control characters below U+0020 and U+2028/9 escaped, bytes that
// are no UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string quote(std::string_view value);
void quote_into(std::string& out, std::string_view value);  // appends it

}  // namespace apigw::json
