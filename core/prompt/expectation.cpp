#include "prompt/expectation.h"

#include <algorithm>

#include "base/text.h"
#include "prompt/prompt.h"
#include "prompt/typed.h"
#include "schema/values.h"
#include "yaml/json.h"

namespace apigw::prompt {
namespace {

using Kind = Expectation::Kind;
using yaml::MappingNode;

constexpr std::size_t shown_output = 200;  // bytes of an output in a sentence
constexpr json::Limits limits{.depth = 128};

struct Word {
  std::string_view word;
  Kind kind;
};
constexpr Word words[] = {{"equals", Kind::equals},       {"contains", Kind::contains},
                          {"regex", Kind::regex},         {"json-schema", Kind::json_schema},
                          {"json-path", Kind::json_path}, {"max-latency", Kind::max_latency}};

// The steps of `$.a[0].b`, as a JSON pointer; nothing when it is no path.
std::optional<std::string> pointer_of(std::string_view path) {
  if (path.starts_with('$'))
    path.remove_prefix(1);
  else if (!path.starts_with('[') && !path.empty())
    return pointer_of("$." + std::string(path));
  std::string pointer;
  while (!path.empty()) {
    const bool bracket = path[0] == '[';
    if (!bracket && path[0] != '.') return std::nullopt;
    const std::size_t end = bracket ? path.find(']') : std::min(path.find_first_of(".[", 1), path.size());
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view step = path.substr(1, end - 1);
    if (bracket && step.size() >= 2 && (step[0] == '\'' || step[0] == '"') && step.back() == step[0])
      step = step.substr(1, step.size() - 2);
    else if (step.empty() || (bracket && !text::parse_number(step)))
      return std::nullopt;
    pointer += schema::pointer_step(step);
    path.remove_prefix(bracket ? end + 1 : end);
  }
  return pointer;
}

class Reader {
 public:
  Reader(yaml::Reading& reading, std::vector<Expectation>& out) : reading_(reading), out_(out) {}

  void read(Kind kind, const yaml::Node& node) {
    if (kind == Kind::json_path) return paths(node);
    const bool several = kind == Kind::contains || kind == Kind::regex;
    if (!several || node.kind != yaml::Kind::sequence) return one(kind, node);
    for (const yaml::Node* item : node.items) one(kind, *item);
  }

 private:
  void wrong(const yaml::Node& node, std::string message, std::string help) {
    reading_.wrong(632, node, std::move(message)).helps.push_back(std::move(help));
  }

  void paths(const yaml::Node& node) {
    if (!MappingNode::read(node, reading_)) return;
    for (const yaml::Entry& entry : node.entries) {
      if (!pointer_of(entry.key->value)) {
        wrong(*entry.key, fmt::format("'{}' is not a path", text::printable(entry.key->value, 60)),
              "write names and numbers as in $.items[0].name");
        continue;
      }
      out_.push_back({.kind = Kind::json_path, .text = entry.key->value, .value = json_of(*entry.value)});
      out_.back().where = entry.key->span;
    }
  }

  void one(Kind kind, const yaml::Node& node) {
    Expectation made{.kind = kind};
    made.where = node.span;
    if (kind == Kind::equals) {
      made.value = json_of(node);
    } else if (kind == Kind::max_latency) {
      const auto latency = yaml::Duration::read(node, reading_);
      if (!latency) return;
      made.latency = *latency;
    } else if (kind == Kind::json_schema) {
      auto typed = read_schema(node, reading_.report());
      if (!typed) return;
      made.schema = std::move(typed->compiled);
    } else {
      const auto text = yaml::scalar(node, reading_, "a text");
      if (!text) return;
      made.text = *text;
      if (kind == Kind::regex && !compile_pattern(node, made)) return;
    }
    out_.push_back(std::move(made));
  }

  bool compile_pattern(const yaml::Node& node, Expectation& made) {
    auto compiled = schema::compile(fmt::format(R"({{"pattern":{}}})", json::quote(made.text)));
    if (!compiled) {
      const std::string& why = compiled.error()[0].why;
      const std::size_t colon = why.rfind("used: ");
      reading_
          .wrong(632, node, fmt::format("'{}' is not a pattern", text::printable(made.text, 60)),
                 colon == std::string::npos ? why : why.substr(colon + 6))
          .helps.push_back("a regular expression as JSON Schema has it, without look-around");
      return false;
    }
    made.schema = std::move(*compiled);
    return true;
  }

  yaml::Reading& reading_;
  std::vector<Expectation>& out_;
};

std::vector<std::string_view> all_words(std::span<const std::string_view> more) {
  std::vector<std::string_view> known(more.begin(), more.end());
  for (const Word& row : words) known.push_back(row.word);
  return known;
}

bool same(std::string_view a, std::string_view b) {
  const auto left = schema::Values::read(a, limits, 100'000), right = schema::Values::read(b, limits, 100'000);
  schema::Steps steps(1'000'000);
  return left && right && schema::equal(*left, left->root(), *right, right->root(), steps);
}

// An output as people see it: the text itself where it is one.
std::string text_of(std::string_view output) {
  if (!output.starts_with('"')) return std::string(output);
  return json::string_at(output, {0, output.size(), json::Type::string}).value_or("");
}

std::string path_mismatch(const Expectation& expectation, std::string_view output) {
  const auto values = schema::Values::read(output, limits, 100'000);
  const auto expected = schema::Values::read(expectation.value, limits, 100'000);
  if (!values || !expected) return "the output cannot be read";
  schema::Steps steps(1'000'000);
  const schema::Index at = values->follow(0, pointer_of(expectation.text).value_or(""), steps);
  if (at == schema::no_value) return fmt::format("{} is not there", text::printable(expectation.text, 60));
  const schema::Value& found = (*values)[at];
  if (schema::equal(*values, found, *expected, expected->root(), steps)) return {};
  return fmt::format("{} is {}, not {}", text::printable(expectation.text, 60),
                     text::printable(found.type == json::Type::string ? json::quote(found.text) : found.text, 80),
                     text::printable(expectation.value, 80));
}

std::string schema_mismatch(const Expectation& expectation, std::string_view document) {
  const auto verdict = schema::check(*expectation.schema, document, {.document = limits});
  if (!verdict) return verdict.error().what;
  if (verdict->ok) return {};
  if (verdict->failures.empty()) return "does not fit the schema";
  const schema::Failure& first = verdict->failures.front();
  return fmt::format("{}{}{}", first.instance, first.instance.empty() ? "" : " ", first.message);
}

}  // namespace

std::string_view word(Expectation::Kind kind) {
  return std::ranges::find(words, kind, &Word::kind)->word;
}

std::string json_of(const yaml::Node& node) {
  std::string out;
  return yaml::append_json(node, most_bytes, out) ? out : "null";
}

bool read_expectation(const yaml::Entry& entry, yaml::Reading& reading, std::vector<Expectation>& out) {
  const auto* found = std::ranges::find(words, entry.key->value, &Word::word);
  if (found == std::end(words)) return false;
  Reader(reading, out).read(found->kind, *entry.value);
  return true;
}

void unknown_expectation(const yaml::Node& key, yaml::Reading& reading, std::span<const std::string_view> more) {
  const std::vector<std::string_view> known = all_words(more);
  const auto meant = text::closest(key.value, known);
  auto& finding = reading.wrong(201, key, fmt::format("unknown expectation '{}'", text::printable(key.value, 60)));
  finding.helps.push_back(meant ? fmt::format("replace with '{}'", *meant)
                                : fmt::format("expectations: {}", fmt::join(known, ", ")));
}

void expects_nothing(std::string_view name, Span where, yaml::Reading& reading,
                     std::span<const std::string_view> more) {
  const bool told = std::ranges::any_of(reading.report().all(), [&](const auto& finding) {
    return finding.where().begin >= where.begin && finding.where().end <= where.end;
  });
  if (told) return;
  std::vector<std::string_view> known = all_words(more);
  const std::string_view last = known.back();
  known.pop_back();
  reading.report()
      .add(631, where, fmt::format("'{}' expects nothing", text::printable(name, 60)))
      .helps.push_back(fmt::format("write expect: with {} or {}", fmt::join(known, ", "), last));
}

std::string mismatch(const Expectation& expectation, std::string_view output, std::chrono::milliseconds latency) {
  const std::string text = text_of(output);
  switch (expectation.kind) {
    case Kind::equals:
      if (same(output, expectation.value)) return {};
      return fmt::format("is {}, not {}", text::printable(output, shown_output),
                         text::printable(expectation.value, shown_output));
    case Kind::contains:
      if (text.contains(expectation.text)) return {};
      return fmt::format("'{}' does not contain '{}'", text::printable(text, shown_output),
                         text::printable(expectation.text, 80));
    case Kind::regex:
      if (schema_mismatch(expectation, json::quote(text)).empty()) return {};
      return fmt::format("'{}' does not match '{}'", text::printable(text, shown_output),
                         text::printable(expectation.text, 80));
    case Kind::json_schema:
      return schema_mismatch(expectation, output);
    case Kind::json_path:
      return path_mismatch(expectation, output);
    case Kind::max_latency:
      if (latency <= expectation.latency) return {};
      return fmt::format("took {} ms, more than {}", latency.count(), expectation.latency.count());
  }
  return {};
}

}  // namespace apigw::prompt
