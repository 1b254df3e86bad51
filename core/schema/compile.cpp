// The compiler's work list, and compile(), which decides the draft and reads the text.
//
// What a keyword means stands in keywords_of_values.cpp and keywords_of_schemas.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "schema/compiler.h"
#include "schema/keywords.h"

namespace apigw::schema {

namespace {

constexpr std::size_t most_findings = 50;

// The keyword that a value belongs to: the name by which it, or what it stands in, hangs on the schema `from`; of a
// value that stands elsewhere its own name.
std::string_view keyword_of(const Values& values, const Value& value, const Value* from) {
  for (const Value* at = &value; at->parent != no_value; at = &values[at->parent]) {
    if (&values[at->parent] == from) return at->key;
  }
  return value.key;
}

}  // namespace

Compiler::Compiler(Program& program, Draft draft, const Options& options)
    : program_(program), draft_(draft), options_(options), resources_(program.values, draft) {}

void Compiler::run() {
  for (const Index twice : resources_.duplicates())
    malformed(values()[twice], "names a second place by the same address");
  if (!subschema(values().root())) return;
  while (next_ < program_.subschemas.size()) compile_next();
  if (const auto id = wrong_.empty() ? circle(program_) : std::nullopt) {
    malformed(values()[program_.subschemas[*id].at], "leads back to itself without going into the document");
  }
}

const Value* Compiler::beside(std::string_view keyword) const {
  return values().find(*current_, keyword);
}

void Compiler::add(const Value& value, Types applies, op::Any what) {
  operations_.push_back({value.key, applies, std::move(what)});
}

void Compiler::note(std::vector<Finding>& list, const Value& value, std::string why) {
  if (list.size() >= most_findings) return;
  list.push_back(
      {values().pointer(values().index(value)), std::string(keyword_of(values(), value, current_)), std::move(why)});
}

void Compiler::malformed(const Value& value, std::string why) {
  note(wrong_, value, std::move(why));
}

void Compiler::unclaimed(const Value& value, std::string why) {
  note(program_.unclaimed, value, std::move(why));
}

bool Compiler::is(const Value& value, json::Type type) {
  if (value.type == type) return true;
  constexpr std::string_view words[] = {"null", "true or false", "a number", "a string", "an array", "an object"};
  malformed(value, fmt::format("must be {}", words[static_cast<std::size_t>(type)]));
  return false;
}

std::optional<SubId> Compiler::subschema(const Value& value) {
  if (value.type != json::Type::object && value.type != json::Type::boolean) {
    malformed(value, "must be a schema: an object, true or false");
    return std::nullopt;
  }
  const Index at = values().index(value);
  const auto [row, fresh] = numbers_.emplace(at, static_cast<SubId>(program_.subschemas.size()));
  if (fresh) program_.subschemas.push_back({.at = at});
  return row->second;
}

std::vector<SubId> Compiler::subschemas(const Value& list) {
  std::vector<SubId> found;
  if (!is(list, json::Type::array)) return found;
  for (const Index i : values().children(list)) {
    if (const auto id = subschema(values()[i])) found.push_back(*id);
  }
  return found;
}

std::optional<PatternId> Compiler::pattern(const Value& value, std::string_view text) {
  const auto [row, fresh] = patterns_.emplace(std::string(text), std::nullopt);
  if (!fresh) return row->second;
  if (program_.patterns.size() >= options_.patterns) {
    malformed(value, fmt::format("has one pattern more than the {} that a schema may have", options_.patterns));
    return std::nullopt;
  }
  auto compiled = Pattern::compile(text);
  if (!compiled) {
    malformed(value, fmt::format("has the pattern '{}', which cannot be used: {}", text::printable(text, 60),
                                 compiled.error()));
    return std::nullopt;
  }
  row->second = static_cast<PatternId>(program_.patterns.size());
  program_.patterns.push_back(std::move(*compiled));
  return row->second;
}

std::optional<Index> Compiler::refer(const Value& reference) {
  const auto target = resources_.find(values().index(*current_), reference.text);
  using enum Resources::Target::Kind;
  if (target.kind == here) return target.at;
  const std::string shown = text::printable(reference.text, 80);
  if (target.kind == too_far)
    malformed(reference, "is one reference too many: following them all takes too long");
  else if (target.kind == elsewhere)
    unclaimed(reference, fmt::format("names '{}', which is not part of this schema, and nothing is fetched", shown));
  else
    malformed(reference, fmt::format("names '{}', which this schema does not have", shown));
  return std::nullopt;
}

void Compiler::compile_next() {
  const std::size_t id = next_++;
  const Value& schema = values()[program_.subschemas[id].at];
  if (schema.type == json::Type::boolean) {
    program_.subschemas[id].never = schema.text == "false";
    return;
  }
  current_ = &schema;
  operations_.clear();
  compile_object(schema);
  Subschema& done = program_.subschemas[id];
  done.marks = has<op::Unevaluated>();
  done.operations = std::move(operations_);
}

void Compiler::compile_object(const Value& schema) {
  std::vector<std::pair<const Keyword*, const Value*>> found;
  const Value* alone = draft_ == Draft::draft7 ? values().find(schema, "$ref") : nullptr;
  for (const Index i : values().children(schema)) {
    const Value& member = values()[i];
    if (alone != nullptr && alone != &member) continue;  // draft-07: nothing counts beside $ref
    if (const Keyword* keyword = find_keyword(member.key, draft_)) {
      found.emplace_back(keyword, &member);
    } else if (!member.key.starts_with("x-")) {
      const Draft other = draft_ == Draft::draft7 ? Draft::draft2020_12 : Draft::draft7;
      unclaimed(member,
                find_keyword(member.key, other) == nullptr
                    ? "is not a keyword of JSON Schema"
                    : fmt::format("is a keyword of {} only", other == Draft::draft7 ? "draft-07" : "2020-12"));
    }
  }
  std::ranges::sort(found, {}, [](const auto& row) { return row.first; });
  for (const auto& [keyword, value] : found) {
    if (keyword->read != nullptr) keyword->read(*this, *value);
  }
}

namespace {

std::vector<Finding> whole(std::string why) {
  return {{"", "", std::move(why)}};
}

struct Language {
  std::string_view address;
  Draft draft;
};
constexpr Language languages[] = {
    {"json-schema.org/draft-07/schema", Draft::draft7},
    {"json-schema.org/draft/2020-12/schema", Draft::draft2020_12},
};

}  // namespace

std::optional<Draft> draft_of(std::string_view address) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (address.starts_with(scheme)) {
      address.remove_prefix(scheme.size());
      break;
    }
  }
  if (address.ends_with('#')) address.remove_suffix(1);
  const auto* row = std::ranges::find(languages, address, &Language::address);
  return row == std::end(languages) ? std::nullopt : std::optional(row->draft);
}

std::expected<Schema, std::vector<Finding>> compile(std::string_view text, const Options& options) {
  if (text.size() > options.bytes)
    return std::unexpected(whole(fmt::format("the schema is larger than {} bytes", options.bytes)));
  auto program = std::make_shared<Program>();
  program->text = text;
  auto values = Values::read(program->text, {.depth = options.depth}, options.bytes);
  if (!values) return std::unexpected(whole(values.error().what));
  program->values = std::move(*values);
  Draft draft = options.draft;
  const Value* language = program->values.find(program->values.root(), "$schema");
  if (language != nullptr) draft = draft_of(language->text).value_or(draft);
  Compiler compiler(*program, draft, options);
  compiler.run();
  if (!compiler.wrong().empty()) return std::unexpected(std::move(compiler.wrong()));
  return Schema(std::move(program));
}

const std::vector<Finding>& Schema::unclaimed() const {
  return program_->unclaimed;
}

}  // namespace apigw::schema
