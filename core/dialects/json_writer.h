// Appends one JSON value to a string, member after member, commas where they belong.
//
// An absent value writes nothing, so no member is ever null by accident; who wants a null writes Raw. Numbers and raw
// JSON go out as the bytes that they came in. Does not check: opening, closing and naming in the right order is the
// caller's, and asserted.
#pragma once
#include <algorithm>
#include <cassert>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json.h"
#include "chat/request.h"

namespace apigw::dialects {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {
    out_.reserve(out_.size() + 512);  // most of what is written beside a long text
    open_.reserve(8);
    root_names_.reserve(12);
  }

  // The root, or an element of the open array.
  void open_object() { open('{'); }
  void open_array() { open('['); }
  // A member of the open object. Names are the dialect's own words, need no escape and outlive this.
  void open_object(std::string_view key) { name(key), push('{'); }
  void open_array(std::string_view key) { name(key), push('['); }
  void close() {
    assert(!open_.empty());
    out_ += open_.back().bracket == '{' ? '}' : ']';
    open_.pop_back();
  }

  // T: text, bool, a whole number, json::Raw, chat::Number, or an optional of one of them.
  template <class T>
  void member(std::string_view key, const T& value) {
    if constexpr (requires { value.has_value(); }) {
      if (value) member(key, *value);
    } else {
      name(key);
      append(value);
    }
  }
  // Text that says nothing when it is empty.
  void filled(std::string_view key, std::string_view value) {
    if (!value.empty()) member(key, value);
  }
  void null(std::string_view key) { name(key), out_ += "null"; }
  // Whether the root object has such a member already.
  [[nodiscard]] bool has(std::string_view key) const {
    return std::ranges::find(root_names_, key) != root_names_.end();
  }

  template <class T>
  void element(const T& value) {
    separate();
    append(value);
  }

 private:
  struct Open {
    char bracket;
    bool filled = false;
  };

  void separate() {
    if (open_.empty()) return;
    if (open_.back().filled) out_ += ',';
    open_.back().filled = true;
  }
  void name(std::string_view key) {
    assert(!open_.empty() && open_.back().bracket == '{');
    separate();
    if (open_.size() == 1) root_names_.emplace_back(key);
    out_.append("\"").append(key).append("\":");
  }
  void push(char bracket) {
    out_ += bracket;
    open_.push_back({bracket});
  }
  void open(char bracket) {
    assert(open_.empty() || open_.back().bracket == '[');
    separate();
    push(bracket);
  }

  template <class T>
  void append(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      out_ += std::to_string(value);
    } else if constexpr (std::same_as<T, json::Raw> || std::same_as<T, chat::Number>) {
      out_ += value.text;
    } else {
      static_assert(std::convertible_to<const T&, std::string_view>);
      json::quote_into(out_, value);
    }
  }

  std::string& out_;
  std::vector<Open> open_;
  std::vector<std::string_view> root_names_;
};

}  // namespace apigw::dialects
