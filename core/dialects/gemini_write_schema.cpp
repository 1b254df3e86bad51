// JSON Schema in Gemini's own form, for models that do not take it as it is.
//
// References are written out where they stand, what all of several schemas say is one schema, null among the types is
// `nullable`. A property that is called like a keyword stays. Bounded in depth and in what is written, whatever the
// references say.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/gemini.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Loss;
using json::Document;
using json::Slice;
using json::Type;

constexpr std::size_t most_written = 10'000;  // schemas
// Bytes that may be read to write a schema of `size` bytes, and as many may be written: a reference reads what it
// leads to again.
std::size_t most_read(std::size_t size) {
  return std::min<std::size_t>(16 * size + (4 << 20), 64 << 20);
}
constexpr unsigned deepest = 32;

// Goes as it is.
constexpr auto kept = std::to_array<std::string_view>(
    {"minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength", "minimum", "maximum"});
// Bounds that the own form has no word for. What only describes (title, default, examples) goes without a word.
constexpr auto unsayable = std::to_array<std::string_view>({"pattern",
                                                            "uniqueItems",
                                                            "contains",
                                                            "minContains",
                                                            "maxContains",
                                                            "multipleOf",
                                                            "not",
                                                            "if",
                                                            "then",
                                                            "else",
                                                            "exclusiveMinimum",
                                                            "exclusiveMaximum",
                                                            "patternProperties",
                                                            "propertyNames",
                                                            "dependentRequired",
                                                            "dependentSchemas",
                                                            "unevaluatedProperties",
                                                            "unevaluatedItems",
                                                            "contentSchema",
                                                            "contentEncoding",
                                                            "contentMediaType",
                                                            "prefixItems"});

// One schema and what it refers to, or is all of: the first that says a keyword counts.
class Layers {
 public:
  explicit Layers(std::string_view text) : text_(text) {}

  void add(Document document) { documents_.push_back(std::move(document)); }
  [[nodiscard]] std::optional<Slice> find(std::string_view key) const {
    for (const Document& document : documents_) {
      if (const json::Member* member = document.find(key)) return member->value;
    }
    return std::nullopt;
  }
  // The members of the object `key` in all of them, each name once.
  [[nodiscard]] std::vector<json::Member> merged(std::string_view key) const {
    std::vector<json::Member> found;
    std::set<std::string_view> names;
    for (const Document& document : documents_) {
      const json::Member* member = document.find(key);
      if (member == nullptr || member->value.type != Type::object) continue;
      for (json::Member& one : json::members(text_, member->value).members) {
        if (names.insert(one.key).second) found.push_back(one);
      }
    }
    return found;
  }
  // The elements of the list `key` in all of them.
  [[nodiscard]] std::vector<Slice> joined(std::string_view key) const {
    std::vector<Slice> found;
    for (const Document& document : documents_) {
      const json::Member* member = document.find(key);
      if (member == nullptr || member->value.type != Type::array) continue;
      for (const Slice one : json::elements(text_, member->value)) found.push_back(one);
    }
    return found;
  }
  [[nodiscard]] const std::vector<Document>& documents() const { return documents_; }

 private:
  std::string_view text_;
  std::vector<Document> documents_;
};

class Writer {
 public:
  Writer(std::string_view text, Slice root, std::string& out, std::string place, chat::Losses& losses)
      : text_(text), root_(root), json_(out), place_(std::move(place)), losses_(losses) {}

  void write() { schema({}, root_, {}); }

 private:
  void lose(std::string_view below, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, below.empty() ? place_ : inside(place_, below), std::string(why));
  }

  // `key`: of the member; empty: an element or the root. `step`: what stands behind the place of what holds it.
  void schema(std::string_view key, Slice slice, const std::string& step) {
    const std::size_t before = place_.size();
    place_ += step;
    if (key.empty())
      json_.open_object();
    else
      json_.open_object(key);
    read_ += slice.end - slice.begin;
    if (++written_ > most_written || depth_ == deepest || read_ > most_read_) {
      lose({}, "the schema goes deeper or further than Gemini's form of it", Loss::Kind::changed);
      json_.member("type", "OBJECT");
    } else {
      ++depth_;
      const std::size_t open = referred_.size();
      Layers layers(text_);
      bool nullable = false;
      gather(slice, layers, nullable);
      members(layers, nullable);
      referred_.resize(open);
      --depth_;
    }
    json_.close();
    place_.resize(before);
  }

  // A schema with what it stands for: references, parts that all hold, the one choice that is left beside null.
  void gather(Slice slice, Layers& layers, bool& nullable) {
    if (slice.type != Type::object || layers.documents().size() == most_layers) return;
    if (!layers.documents().empty()) read_ += slice.end - slice.begin;  // of the first the schema has counted it
    if (read_ > most_read_) return;
    Document object = json::members(text_, slice);
    const json::Member* ref = object.find("$ref");
    const auto target = ref == nullptr ? std::nullopt : follow(word_at(text_, ref->value));
    const json::Member* all = object.find("allOf");
    std::optional<Slice> of_all = all == nullptr ? std::nullopt : std::optional(all->value);
    const auto one = only_choice(object, nullable);
    layers.add(std::move(object));
    if (target) gather(*target, layers, nullable);
    if (of_all && of_all->type == Type::array) {
      for (const Slice part : json::elements(text_, *of_all)) gather(part, layers, nullable);
    }
    if (one) gather(*one, layers, nullable);
  }

  // The members of an object that references lead through, read once.
  const Document& holder(Slice at) {
    const auto [found, fresh] = holders_.try_emplace(at.begin);
    if (fresh && at.type == Type::object) {
      read_ += at.end - at.begin;
      found->second = json::members(text_, at);
    }
    return found->second;
  }

  // What `#/$defs/Name` means; nothing where it leads nowhere, or to what is being written already.
  std::optional<Slice> follow(std::string_view pointer) {
    if (!pointer.starts_with("#")) return std::nullopt;
    Slice at = root_;
    for (const std::string_view step : text::split(pointer.substr(1), '/')) {
      if (step.empty()) continue;
      const json::Member* member = holder(at).find(unescaped(step));
      if (member == nullptr) return std::nullopt;
      at = member->value;
    }
    if (std::ranges::find(referred_, at.begin) != referred_.end()) {
      lose({}, "a schema that holds itself ends here in Gemini's form", Loss::Kind::changed);
      return std::nullopt;
    }
    referred_.push_back(at.begin);
    return at;
  }
  static std::string unescaped(std::string_view step) {
    std::string name(step);
    for (const auto& [written, meant] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
      for (auto at = name.find(written); at != std::string::npos; at = name.find(written, at + 1))
        name.replace(at, 2, meant);
    }
    return name;
  }

  [[nodiscard]] bool is_null(Slice one) const {
    if (one.type != Type::object) return false;
    const Document object = json::members(text_, one);
    const json::Member* type = object.find("type");
    return type != nullptr && word_at(text_, type->value) == "null";
  }

  std::optional<Slice> only_choice(const Document& object, bool& nullable) const {
    const auto choices = choices_of(object);
    const auto others =
        static_cast<std::size_t>(std::ranges::count_if(choices, [&](Slice one) { return !is_null(one); }));
    if (others != choices.size()) nullable = true;
    if (others != 1) return std::nullopt;
    return *std::ranges::find_if(choices, [&](Slice one) { return !is_null(one); });
  }
  [[nodiscard]] std::vector<Slice> choices_of(const Document& object) const {
    for (const std::string_view key : {"anyOf", "oneOf"}) {
      const json::Member* list = object.find(key);
      if (list != nullptr && list->value.type == Type::array) return json::elements(text_, list->value);
    }
    return {};
  }

  /* ------------------------------ one schema ----------------------------- */

  void members(const Layers& layers, bool nullable) {
    std::vector<std::string_view> types = types_of(layers, nullable);
    std::vector<Slice> choices;
    for (const Document& document : layers.documents()) {
      auto found = choices_of(document);
      std::erase_if(found, [&](Slice one) { return is_null(one); });
      if (found.size() > 1 && choices.empty()) choices = std::move(found);
    }
    const std::vector<std::string_view> words = words_of(layers, nullable);
    const std::string_view type = type_of(layers, types, words, !choices.empty());
    if (!type.empty()) json_.member("type", text::upper(type));
    if (const auto says = layers.find("description"); says && says->type == Type::string)
      json_.member("description", raw(*says));
    if (nullable) json_.member("nullable", true);
    format(layers, type);
    if (!words.empty() && type == "string") enumeration(words);
    if (type == "object") properties(layers);
    if (type == "array") items(layers);
    if (!choices.empty()) any_of(choices);
    if (type.empty() && choices.empty() && types.size() > 1) any_type(types);
    for (const std::string_view key : kept) {
      if (const auto value = layers.find(key)) json_.member(key, raw(*value));
    }
    told(layers);
  }

  std::vector<std::string_view> types_of(const Layers& layers, bool& nullable) const {
    std::vector<std::string_view> types;
    const auto said = layers.find("type");
    if (said && said->type == Type::string) types.push_back(word_at(text_, *said));
    if (said && said->type == Type::array) {
      for (const Slice one : json::elements(text_, *said)) types.push_back(word_at(text_, one));
    }
    if (std::erase(types, "null") != 0) nullable = true;
    return types;
  }

  // The words of an enum or a const; none where it holds something else, which the own form cannot say.
  std::vector<std::string_view> words_of(const Layers& layers, bool& nullable) {
    std::vector<std::string_view> words;
    const auto list = layers.find("enum"), constant = layers.find("const");
    std::vector<Slice> values;
    if (list && list->type == Type::array) values = json::elements(text_, *list);
    if (constant) values = {*constant};
    for (const Slice one : values) {
      if (one.type == Type::null) {
        nullable = true;
      } else if (one.type == Type::string) {
        words.push_back(json::at(text_, one));
      } else {
        lose(constant ? "const" : "enum", "Gemini's form of a schema lists texts alone");
        return {};
      }
    }
    return words;
  }

  std::string_view type_of(const Layers& layers, const std::vector<std::string_view>& types,
                           const std::vector<std::string_view>& words, bool chooses) {
    if (types.size() == 1) return types.front();
    if (!words.empty()) return "string";
    if (layers.find("properties")) return "object";
    if (layers.find("items") || layers.find("prefixItems")) return "array";
    if (chooses || types.size() > 1) return {};
    lose({}, "Gemini's form of a schema names a type; it is an object", Loss::Kind::changed);
    return "object";
  }

  void format(const Layers& layers, std::string_view type) {
    const auto said = layers.find("format");
    if (!said || said->type != Type::string) return;
    const std::string_view word = word_at(text_, *said);
    const auto among = [&](std::initializer_list<std::string_view> words) {
      return std::ranges::find(words, word) != words.end();
    };
    const bool sayable = type == "string" ? among({"date-time", "enum"})
                                          : (type == "number" && among({"float", "double"})) ||
                                                (type == "integer" && among({"int32", "int64"}));
    if (sayable) return json_.member("format", word);
    lose("format", "Gemini's form of a schema has no such format");
  }

  void enumeration(const std::vector<std::string_view>& words) {
    json_.open_array("enum");
    for (const std::string_view word : words) json_.element(json::Raw{std::string(word)});
    json_.close();
  }

  void properties(const Layers& layers) {
    const auto all = layers.merged("properties");
    if (all.empty()) return;
    json_.open_object("properties");
    for (const json::Member& one : all) schema(one.key, one.value, fmt::format(".properties.{}", one.key));
    json_.close();
    std::set<std::string_view> names;
    for (const json::Member& one : all) names.insert(one.key);
    std::vector<std::string_view> required;
    for (const Slice one : layers.joined("required")) {
      if (names.erase(word_at(text_, one)) != 0) required.push_back(word_at(text_, one));
    }
    if (required.empty()) return;
    json_.open_array("required");
    for (const std::string_view name : required) json_.element(json::Raw{fmt::format("\"{}\"", name)});
    json_.close();
  }

  void items(const Layers& layers) {
    const auto one = layers.find("items");
    if (one && one->type == Type::object) return schema("items", *one, ".items");
    lose("items", "Gemini's form of a list says what it holds; it is text", Loss::Kind::changed);
    json_.open_object("items");
    json_.member("type", "STRING");
    json_.close();
  }

  void any_of(const std::vector<Slice>& choices) {
    json_.open_array("anyOf");
    for (std::size_t i = 0; i < choices.size(); ++i) schema({}, choices[i], fmt::format(".anyOf[{}]", i));
    json_.close();
  }
  void any_type(const std::vector<std::string_view>& types) {
    json_.open_array("anyOf");
    for (const std::string_view type : types) {
      json_.open_object();
      json_.member("type", text::upper(type));
      json_.close();
    }
    json_.close();
  }

  void told(const Layers& layers) {
    for (const std::string_view key : unsayable) {
      if (layers.find(key)) lose(key, "Gemini's form of a schema has no such word");
    }
    const auto more = layers.find("additionalProperties");
    if (more && more->type == Type::object)
      lose("additionalProperties", "Gemini's form of a schema has no such word");
  }

  [[nodiscard]] json::Raw raw(Slice slice) const { return {std::string(json::at(text_, slice))}; }

  static constexpr std::size_t most_layers = 64;  // of one schema

  std::string_view text_;
  Slice root_;
  JsonWriter json_;
  std::string place_;  // of the schema at work
  chat::Losses& losses_;
  std::vector<std::size_t> referred_;  // where the schemas begin that a reference has led to and that are not done
  std::map<std::size_t, Document> holders_;  // by where they begin
  std::size_t written_ = 0, read_ = 0;
  const std::size_t most_read_ = most_read(text_.size());
  unsigned depth_ = 0;
};

}  // namespace

json::Raw own_schema(const json::Raw& schema, const std::string& place, chat::Losses& losses) {
  const auto scanned = json::scan(schema.text);
  if (!scanned || scanned->root.type != Type::object) return schema;
  json::Raw out{std::string()};
  Writer(schema.text, scanned->root, out.text, place, losses).write();
  return out;
}

}  // namespace apigw::dialects::gemini
