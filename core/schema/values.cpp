#include "schema/values.h"

#include <functional>

#include <fmt/format.h>

#include "base/json_escape.h"
#include "base/text.h"
#include "schema/decimal.h"

namespace apigw::schema {

// Walks a text that the scan accepted, and so asks nothing twice. Recursion is as deep as the text.
class Walker {
 public:
  Walker(std::string_view text, Values& values, std::size_t most)
      : p_(text.data()), end_(text.data() + text.size()), values_(values), most_(most) {}

  // False when there are too many values.
  bool value(Index parent, std::string_view key) {
    const auto self = static_cast<Index>(values_.all_.size());
    if (self >= most_) return false;
    values_.all_.push_back({.key = key, .parent = parent});
    blanks();
    const char* start = p_;
    json::Type type = json::Type::number;
    std::string_view meaning;
    bool good = true;
    if (*p_ == '{' || *p_ == '[') {
      type = *p_ == '{' ? json::Type::object : json::Type::array;
      good = children(self, type);
    } else if (*p_ == '"') {
      type = json::Type::string;
      meaning = string();
    } else {
      if (*p_ == 't' || *p_ == 'f') type = json::Type::boolean;
      if (*p_ == 'n') type = json::Type::null;
      while (p_ < end_ && std::string_view(" \t\r\n,]}").find(*p_) == std::string_view::npos) ++p_;
    }
    Value& done = values_.all_[self];
    done.type = type;
    done.text = type == json::Type::string ? meaning : std::string_view(start, static_cast<std::size_t>(p_ - start));
    done.after = static_cast<Index>(values_.all_.size());
    return good;
  }

 private:
  void blanks() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  bool children(Index self, json::Type type) {
    ++p_;
    blanks();
    while (*p_ != '}' && *p_ != ']') {
      std::string_view key;
      if (type == json::Type::object) {
        key = string();
        blanks();
        ++p_;  // the colon
      }
      if (!value(self, key)) return false;
      ++values_.all_[self].count;
      blanks();
      if (*p_ == ',') ++p_, blanks();
    }
    ++p_;
    return true;
  }

  std::string_view string() {
    const char* start = ++p_;
    bool escaped = false;
    for (; *p_ != '"'; ++p_) {
      if (*p_ == '\\') escaped = true, ++p_;
    }
    const std::string_view raw(start, static_cast<std::size_t>(p_++ - start));
    return escaped ? values_.decoded_.emplace_back(json::decode_string(raw)) : raw;
  }

  const char* p_;
  const char* end_;
  Values& values_;
  std::size_t most_;
};

Result<Values> Values::read(std::string_view text, const json::Limits& limits, std::size_t most) {
  if (const auto scanned = json::scan(text, limits); !scanned) return std::unexpected(scanned.error());
  Values values;
  most = std::min<std::size_t>(most, no_value);
  values.all_.reserve(std::min(text.size() / 8 + 1, most));
  if (!Walker(text, values, most).value(no_value, {})) {
    return fail(ErrorKind::too_large, fmt::format("JSON holds more than {} values", most));
  }
  return values;
}

const Value* Values::find(const Value& object, std::string_view key) const {
  if (object.type != json::Type::object) return nullptr;
  for (Index i = first(object); i != object.after; i = all_[i].after) {
    if (all_[i].key == key) return &all_[i];
  }
  return nullptr;
}

std::vector<Index> Values::children(const Value& value) const {
  std::vector<Index> found;
  found.reserve(value.count);
  if (value.count == 0) return found;
  for (Index i = first(value); i != value.after; i = all_[i].after) found.push_back(i);
  return found;
}

std::string pointer_step(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

std::string step_name(std::string_view step) {
  std::string name;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    name += !escape ? step[i] : step[i + 1] == '0' ? '~' : '/';
    i += escape ? 1 : 0;
  }
  return name;
}

std::string Values::pointer(Index value) const {
  std::vector<std::string> steps;
  for (Index at = value; all_[at].parent != no_value; at = all_[at].parent) {
    const Value& parent = all_[all_[at].parent];
    if (parent.type == json::Type::object) {
      steps.push_back(pointer_step(all_[at].key));
      continue;
    }
    std::size_t before = 0;
    for (Index i = first(parent); i != at; i = all_[i].after) ++before;
    steps.push_back(fmt::format("/{}", before));
  }
  std::string pointer;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) pointer += *step;
  return pointer;
}

Index Values::follow(Index from, std::string_view pointer, Steps& steps) const {
  while (!pointer.empty()) {
    if (pointer[0] != '/') return no_value;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string name = step_name(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    const Value& value = all_[from];
    if (!steps.spend(1 + value.count / 16)) return no_value;
    if (value.type == json::Type::object) {
      const Value* member = find(value, name);
      if (member == nullptr) return no_value;
      from = index(*member);
    } else {
      const auto number = text::parse_number(name);
      if (value.type != json::Type::array || !number || *number >= value.count) return no_value;
      if (name.size() > 1 && name[0] == '0') return no_value;
      from = first(value);
      for (std::uint64_t i = 0; i < *number; ++i) from = all_[from].after;
    }
  }
  return from;
}

namespace {

bool equal_members(const Values& as, const Value& a, const Values& bs, const Value& b, Steps& steps) {
  // Members mostly come in one order, so the search starts at the same place.
  Index guess = bs.first(b);
  for (Index i = as.first(a); i != a.after; i = as[i].after) {
    const Value* other = guess != b.after && bs[guess].key == as[i].key ? &bs[guess] : nullptr;
    if (other == nullptr) {
      if (!steps.spend(b.count / 8)) return false;
      other = bs.find(b, as[i].key);
    }
    if (other == nullptr || !equal(as, as[i], bs, *other, steps)) return false;
    guess = other->after;
  }
  return true;
}

bool equal_items(const Values& as, const Value& a, const Values& bs, const Value& b, Steps& steps) {
  Index j = bs.first(b);
  for (Index i = as.first(a); i != a.after; i = as[i].after, j = bs[j].after) {
    if (!equal(as, as[i], bs, bs[j], steps)) return false;
  }
  return true;
}

std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 31;
  x *= 0x9e3779b97f4a7c15;
  return x ^ (x >> 29);
}

std::uint64_t number_hash(std::string_view text) {
  const Decimal number = decimal(text);
  return std::hash<std::string_view>()(number.digits) ^ mixed(static_cast<std::uint64_t>(number.exponent)) ^
         (number.negative ? 1u : 0u);
}

}  // namespace

bool equal(const Values& as, const Value& a, const Values& bs, const Value& b, Steps& steps) {
  if (a.type != b.type || a.count != b.count) return false;
  if (!steps.spend(1 + std::min(a.text.size(), b.text.size()) / 256)) return false;
  switch (a.type) {
    case json::Type::object:
      return equal_members(as, a, bs, b, steps);
    case json::Type::array:
      return equal_items(as, a, bs, b, steps);
    case json::Type::number:
      return same_number(a.text, b.text);
    default:
      return a.text == b.text;
  }
}

std::uint64_t hash(const Values& values, const Value& value, Steps& steps) {
  std::uint64_t sum = mixed(static_cast<std::uint64_t>(value.type) + 1);
  const bool holds_others = value.type == json::Type::array || value.type == json::Type::object;
  if (!steps.spend(1 + (holds_others ? 0 : value.text.size() / 256))) return sum;
  if (value.type == json::Type::number) return sum ^ number_hash(value.text);
  if (!holds_others) return sum ^ std::hash<std::string_view>()(value.text);
  for (Index i = values.first(value); i != value.after; i = values[i].after) {
    const std::uint64_t inner = hash(values, values[i], steps);
    // Members add up whatever their order; items do not.
    if (value.type == json::Type::object)
      sum += mixed(inner ^ mixed(std::hash<std::string_view>()(values[i].key)));
    else
      sum = mixed(sum) + inner;
  }
  return sum;
}

}  // namespace apigw::schema
