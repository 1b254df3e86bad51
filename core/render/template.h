// The one template engine, of prompts and of scaffolded files: a text with tags in it, parsed once, filled in one
// pass.
//
// The language is the part of Handlebars that has one meaning: `{{a.b}}`, `{{json a}}`, `{{#if}}`, `{{#unless}}`,
// `{{#each}}` with `{{else}}`, `this`, `../`, `@index`, `@first`, `@last`, `@key`, `@root`, comments, `\{{` for the
// braces themselves, and in prompts `{{role "system"}}`. Whatever else stands between the braces is a fault with its
// place. Nothing is escaped: the result is text for people and models, not HTML.
//
// What a value brings in is never read as template: it opens no tag and no role, whatever it holds. Time and memory
// of a rendering end at its bounds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "render/value.h"

namespace apigw::render {

// By the numbers of the findings that tell them.
enum class FaultKind : std::uint16_t {
  open_tag = 602,    // `{{` without `}}`
  open_block = 603,  // `{{#if}}` without `{{/if}}`
  stray_end = 604,   // `{{/if}}` or `{{else}}` where no such block is open
  unknown = 605,     // a construct that is not part of the language
  malformed = 606,   // a known one with something wrong inside
  role = 607,        // an unknown role
  too_large = 608,   // depth, number of tags or bytes
};

// What is wrong at the bytes [begin, end) of the template's text, in the words of a diagnostic.
struct Fault {
  FaultKind kind{};
  std::size_t begin = 0, end = 0;
  std::string message, help;
};

// A place of the values that the template reads: {"items", "*", "name"} is the name of every item.
struct Use {
  std::vector<std::string> steps;
  std::size_t begin = 0, end = 0;  // of the path in the text
  bool certain = false;            // written or gone over whatever the values are: in no block, and no condition
};

// The text written under one role; "" before the first `{{role}}`.
struct Passage {
  std::string role;
  std::string text;
};

struct Bounds {
  std::size_t bytes = 8u << 20;   // of all passages together
  std::size_t steps = 1'000'000;  // tags and pieces of text written, those of loops each time
};

// What a path names: `up` loops outwards, then names downwards.
struct Path {
  enum class Special : std::uint8_t { none, index, first, last, key } special = Special::none;
  bool root = false;
  std::size_t up = 0;
  std::vector<std::string> names;  // empty: the item or the whole itself
  std::string written;
};

struct Node {
  enum class Kind : std::uint8_t { text, print, json, role, when, unless, each } kind = Kind::text;
  std::string text;  // of text and role
  Path path;
  std::vector<Node> body, otherwise;
  std::size_t line = 1;  // of the tag
};

enum class Language : std::uint8_t {
  file,    // no roles; a name without a value is an error
  prompt,  // roles; what is absent writes nothing; blanks of the template around a passage are cut
};

class Template {
 public:
  static constexpr std::size_t most_bytes = 1u << 20;
  static constexpr std::size_t most_depth = 16;
  static constexpr std::size_t most_tags = 10'000;

  // Faults are in the order of their places, and at most 50.
  [[nodiscard]] static std::expected<Template, std::vector<Fault>> parse(std::string_view text, Language language);

  // Every place that is read, in order; a place of the loop's own (@index) is none.
  [[nodiscard]] const std::vector<Use>& uses() const { return uses_; }
  // Passages that hold blanks only are left out. Errors: too_large, and in files invalid (a name without a value).
  [[nodiscard]] Result<std::vector<Passage>> render(const Value& values, const Bounds& bounds = {}) const;

 private:
  friend class Parser;
  explicit Template(Language language) : language_(language) {}
  Language language_;
  std::vector<Node> nodes_;
  std::vector<Use> uses_;
};

using Values = std::map<std::string, std::string, std::less<>>;

// A file's text filled with texts. Error invalid names the line of the first fault or of an unknown name.
[[nodiscard]] Result<std::string> render(std::string_view text, const Values& values);

}  // namespace apigw::render
