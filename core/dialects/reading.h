// Takes a scanned body apart field by field, so that nothing in it is passed over in silence.
//
// A reader is written straight on: the first mistake is kept, what is read after it yields nothing, and the reader
// asks for `error` once, at its end. A null counts as absent. What a reader has not taken of an object goes to
// `native` with its path, so a field that nobody here has heard of is never lost unseen. Bounded: a body falls into
// at most `most_pieces` elements and unknown fields. Knows no dialect.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "chat/request.h"
#include "chat/usage.h"

namespace apigw::dialects {

// Paths as errors and losses name them: "messages[3].content[1].type".
[[nodiscard]] std::string inside(std::string_view path, std::string_view key);
[[nodiscard]] std::string element(std::string_view path, std::size_t index);

// The arguments of a call as the object that they must be, blanks as the empty one; nothing when they are none.
[[nodiscard]] std::optional<json::Raw> object_of(const json::Raw& arguments);

class Reading {
 public:
  static constexpr std::size_t most_pieces = 50'000;

  // `text` was accepted by json::scan and outlives this. A tolerant reading knows no mistakes and takes a field of
  // the wrong type for an unknown one: for what providers send.
  Reading(std::string_view text, std::string_view dialect, bool tolerant = false)
      : text(text), native{.dialect = std::string(dialect), .fields = {}}, tolerant(tolerant) {}

  // Error invalid: "'messages[3].role' must be a string". Only the first is kept.
  void refuse(std::string_view path, std::string_view what);
  // The elements of an array, none and a mistake when it is no array.
  [[nodiscard]] std::vector<json::Slice> elements(json::Slice array, std::string_view path);
  void keep(std::string path, json::Slice value);  // in `native`

  const std::string_view text;
  chat::Native native;
  std::optional<Error> error;
  const bool tolerant;

 private:
  friend class Fields;
  [[nodiscard]] bool spend(std::size_t pieces);

  std::vector<json::Slice> long_values_;  // of the document
  std::size_t pieces_ = most_pieces;
};

// Which members of an object were taken, by position. Few objects have so many that this allocates.
class Taken {
 public:
  explicit Taken(std::size_t members = 0) { rest_.resize(members > 64 ? members - 64 : 0); }
  void set(std::size_t at) {
    if (at < 64)
      first_ |= std::uint64_t{1} << at;
    else
      rest_[at - 64] = true;
  }
  [[nodiscard]] bool at(std::size_t at) const { return at < 64 ? (first_ >> at & 1) != 0 : rest_[at - 64]; }

 private:
  std::uint64_t first_ = 0;
  std::vector<bool> rest_;
};

// The members of one object. A field is taken by reading it.
class Fields {
 public:
  // A mistake when the value is no object.
  Fields(Reading& reading, json::Slice object, std::string path);
  // Of the root that json::scan found; first of all.
  Fields(Reading& reading, json::Document root);

  [[nodiscard]] std::optional<json::Slice> take(std::string_view key);  // of any type
  [[nodiscard]] std::optional<json::Slice> take(std::string_view key, json::Type type);
  [[nodiscard]] std::optional<std::string> string(std::string_view key);
  [[nodiscard]] std::string required(std::string_view key);  // a string; absent is a mistake
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  [[nodiscard]] std::optional<std::uint64_t> whole(std::string_view key);  // a whole number from 0
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key);
  [[nodiscard]] std::optional<chat::Number> number(std::string_view key);
  [[nodiscard]] std::optional<json::Raw> raw(std::string_view key);
  // As it stands, without taking it. Null is absent.
  [[nodiscard]] std::optional<json::Slice> peek(std::string_view key) const;
  // Everything that nobody took goes to `native`.
  void keep_rest();
  // Calls `one` with each member that nobody took and that is not null.
  template <class One>
  void each_rest(const One& one) const {
    for (std::size_t i = 0; i < object_.members.size(); ++i) {
      const json::Member& member = object_.members[i];
      if (!taken_.at(i) && member.value.type != json::Type::null) one(member);
    }
  }

  void refuse(std::string_view key, std::string_view what) { reading_.refuse(inside(path_, key), what); }
  [[nodiscard]] std::string path(std::string_view key) const { return inside(path_, key); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] std::optional<std::size_t> position(std::string_view key) const;

  Reading& reading_;
  json::Document object_;
  Taken taken_;
  std::string path_;
};

// The count of tokens `key` into `into`, which stays as it is where none is told or what is told is none
// (chat::Usage::most).
void take_tokens(std::string_view text, const json::Document& fields, std::string_view key,
                 std::optional<std::uint64_t>& into);

}  // namespace apigw::dialects
