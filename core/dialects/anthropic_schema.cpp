// A JSON schema in the subset that the Anthropic dialect takes for the form of an answer.
//
// Bounds on numbers, lengths and counts are refused there and taken out; every object is closed, which is demanded. A
// property that is called like a keyword stays. Written in the order it came in, literals byte for byte.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;

constexpr auto refused = std::to_array<std::string_view>(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems",
     "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties"});

// What stands below a keyword.
enum class Below : std::uint8_t { literal, schema, schemas, named_schemas };
struct Keyword {
  std::string_view word;
  Below below;
};
constexpr auto keywords = std::to_array<Keyword>({
    {"properties", Below::named_schemas},
    {"$defs", Below::named_schemas},
    {"definitions", Below::named_schemas},
    {"anyOf", Below::schemas},
    {"allOf", Below::schemas},
    {"oneOf", Below::schemas},
    {"prefixItems", Below::schemas},
    {"items", Below::schema},
});

class Rewriting {
 public:
  Rewriting(std::string_view text, std::string& out, std::string place, chat::Losses& losses)
      : text_(text), json_(out), place_(std::move(place)), losses_(losses) {}

  // `key`: of the member, nothing for the root or an element.
  void schema(std::optional<std::string_view> key, json::Slice slice) {
    if (slice.type != json::Type::object) return literal(key, slice);
    const Step step(place_, key ? dotted(*key) : std::string());
    key ? json_.open_object(*key) : json_.open_object();
    const json::Document object = json::members(text_, slice);
    for (const json::Member& member : object.members) keyword(member);
    close_object(object);
    json_.close();
  }
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  // What stands below a member has its name in its place.
  class Step {
   public:
    Step(std::string& place, std::string below) : place_(place), before_(place.size()) { place_ += below; }
    ~Step() { place_.resize(before_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& place_;
    std::size_t before_;
  };
  static std::string dotted(std::string_view key) { return "." + std::string(key); }

  void literal(std::optional<std::string_view> key, json::Slice slice) {
    const json::Raw raw{std::string(json::at(text_, slice))};
    key ? json_.member(*key, raw) : json_.element(raw);
  }

  void keyword(const json::Member& member) {
    const bool few = member.key == "minItems" && json::number_at(text_, member.value).value_or(0) > 1;
    const bool no = few || std::ranges::find(refused, member.key) != refused.end();
    if (no) {
      changed_ = true;
      return losses_.add(Loss::Kind::dropped, inside(place_, member.key),
                         "Anthropic's form of an answer has no such bound");
    }
    if (member.key == "additionalProperties") return;  // close_object writes it
    const auto row = std::ranges::find(keywords, member.key, &Keyword::word);
    const Below below = row == keywords.end() ? Below::literal : row->below;
    if (below == Below::schema) return schema(member.key, member.value);
    if (below == Below::schemas && member.value.type == json::Type::array) {
      const Step step(place_, dotted(member.key));
      json_.open_array(member.key);
      std::size_t number = 0;
      for (const json::Slice one : json::elements(text_, member.value)) {
        const Step inner(place_, fmt::format("[{}]", number++));
        schema(std::nullopt, one);
      }
      return json_.close();
    }
    if (below == Below::named_schemas && member.value.type == json::Type::object) {
      const Step step(place_, dotted(member.key));
      json_.open_object(member.key);
      for (const json::Member& one : json::members(text_, member.value).members) schema(one.key, one.value);
      return json_.close();
    }
    literal(member.key, member.value);
  }

  void close_object(const json::Document& object) {
    const json::Member* type = object.find("type");
    const json::Member* open = object.find("additionalProperties");
    const bool of_object =
        object.find("properties") != nullptr || (type != nullptr && json::at(text_, type->value) == R"("object")");
    if (!of_object && open == nullptr) return;
    json_.member("additionalProperties", false);
    if (open != nullptr && json::at(text_, open->value) == "false") return;
    changed_ = true;
    if (open != nullptr) {
      losses_.add(Loss::Kind::changed, inside(place_, "additionalProperties"),
                  "Anthropic's form of an answer is closed");
    }
  }

  std::string_view text_;
  JsonWriter json_;
  std::string place_;  // of the schema at work
  chat::Losses& losses_;
  bool changed_ = false;
};

}  // namespace

json::Raw sayable_schema(const json::Raw& schema, const std::string& place, chat::Losses& losses) {
  const auto scanned = json::scan(schema.text);
  if (!scanned) return schema;
  json::Raw out{std::string()};
  Rewriting rewriting(schema.text, out.text, place, losses);
  rewriting.schema(std::nullopt, scanned->root);
  return rewriting.changed() ? out : schema;
}

}  // namespace apigw::dialects::anthropic
