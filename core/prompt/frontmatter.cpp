#include "prompt/frontmatter.h"

#include <cmath>

#include "base/text.h"

namespace apigw::prompt {

using yaml::Anything;
using yaml::Count;
using yaml::field;
using yaml::known;
using yaml::Mapping;
using yaml::MappingNode;
using yaml::OneOrMore;
using yaml::Row;
using yaml::Table;
using yaml::Text;
using yaml::Use;

namespace {

const Table& config_table();
const Table& input_table();
const Table& output_table();

// A number of JSON from Least to Most tenths; its digits are kept.
template <int Least, int Most>
struct Decimal {
  using Value = chat::Number;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "number", R"("type":"number")", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading) {
    const auto text = yaml::scalar(node, reading, "a number");
    if (!text) return std::nullopt;
    const auto scanned = json::scan(*text);
    if (!scanned || scanned->root.type != json::Type::number) {
      reading.wrong(203, node, fmt::format("'{}' is not a number", text::printable(*text, 60)))
          .helps.push_back("write it as JSON does: 0.7");
      return std::nullopt;
    }
    const double value = std::strtod(text->c_str(), nullptr);
    if (value >= Least / 10.0 && value <= Most / 10.0) return chat::Number{*text, value};
    reading.wrong(204, node, fmt::format("'{}' is out of range", text::printable(*text, 60)))
        .helps.push_back(fmt::format("from {} to {}", Least / 10.0, Most / 10.0));
    return std::nullopt;
  }
};

// The node itself: its reader comes later, with the whole of the prompt at hand.
struct Schema {
  using Value = const yaml::Node*;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "Picoschema or JSON Schema", "", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading&) { return &node; }
};

struct FormReader {
  using Value = OutputForm;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "text or json", R"("enum":["text","json"])", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading) {
    const auto word = yaml::scalar(node, reading, "text or json");
    if (!word) return std::nullopt;
    if (*word == "text") return OutputForm::text;
    if (*word == "json") return OutputForm::json;
    reading.wrong(205, node, fmt::format("unknown format '{}'", text::printable(*word, 60)))
        .helps.push_back("formats: text, json");
    return std::nullopt;
  }
};

using Tokens = Count<std::uint64_t, 1, 10'000'000>;

constexpr Row config_rows[] = {
    field<&ConfigDraft::temperature, Decimal<0, 20>>("temperature", "how freely the model picks its words, 0 to 2",
                                                     "the model's own", "0.7"),
    field<&ConfigDraft::max_output, Tokens>("maxOutputTokens", "most tokens of the answer", "the model's own", "400"),
    field<&ConfigDraft::top_p, Decimal<0, 10>>("topP", "share of the likely words to pick from, 0 to 1"),
    field<&ConfigDraft::top_k, Decimal<10, 100'000>>("topK", "number of the likely words to pick from"),
    field<&ConfigDraft::frequency_penalty, Decimal<-20, 20>>("frequencyPenalty", "against repeating words, -2 to 2"),
    field<&ConfigDraft::presence_penalty, Decimal<-20, 20>>("presencePenalty", "against repeating topics, -2 to 2"),
    field<&ConfigDraft::seed, Count<std::uint64_t, 0, 4'294'967'295>>(
        "seed", "makes answers repeat, as far as the model can"),
    field<&ConfigDraft::stop, OneOrMore<Text>>("stopSequences", "texts that end the answer", {}, "['###']"),
};

constexpr Row input_rows[] = {
    field<&InputDraft::schema, Schema>("schema", "the variables, in Picoschema or JSON Schema",
                                       "any value for each variable of the template", "{text: string}"),
    field<&InputDraft::fallback, MappingNode>("default", "values of variables that a call leaves out", {},
                                              "{language: French}"),
};

constexpr Row output_rows[] = {
    field<&OutputDraft::format, FormReader>("format", "text or json", "json with a schema, else text", "json"),
    field<&OutputDraft::schema, Schema>("schema", "what the answer must be, in Picoschema or JSON Schema", {},
                                        "{mood(enum): [good, bad]}"),
};

constexpr Row frontmatter_rows[] = {
    field<&Frontmatter::model, Text>("model", "one of the config's models, or provider/model", {}, "chat"),
    field<&Frontmatter::description, Text>("description", "one sentence for the API's description"),
    field<&Frontmatter::config, Mapping<ConfigDraft, config_table>>("config", "settings of the model call"),
    field<&Frontmatter::input, Mapping<InputDraft, input_table>>("input", "what a call gives"),
    field<&Frontmatter::output, Mapping<OutputDraft, output_table>>("output", "what a call gets"),
    known<Anything>("name", Use::later, "the file's name is the prompt's"),
    known<Anything>("variant", Use::later, "one of several wordings"),
    known<Anything>("tools", Use::later, "functions that the model may call"),
    known<Anything>("toolDefs", Use::later, "functions defined here"),
    known<Anything>("maxTurns", Use::later, "most rounds of tool calls"),
    known<Anything>("metadata", Use::later, "anything for other programs"),
    known<Anything>("ext", Use::later, "fields of other programs"),
};

const Table& config_table() {
  static constexpr Table table{"config", "Settings of the model call.", config_rows};
  return table;
}
const Table& input_table() {
  static constexpr Table table{"input", "What a call gives.", input_rows};
  return table;
}
const Table& output_table() {
  static constexpr Table table{"output", "What a call gets.", output_rows};
  return table;
}

std::string_view without_blanks(std::string_view line) {
  return line.substr(0, line.find_last_not_of(" \t\r") + 1);
}

}  // namespace

const Table& frontmatter_table() {
  static constexpr Table table{"a prompt", "Settings of a prompt.", frontmatter_rows};
  return table;
}

Parts parts_of(std::string_view text) {
  const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::size_t at = mark;
  for (bool first = true; at < text.size(); first = false) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool line = without_blanks(text.substr(at, end - at)) == "---";
    if (first && !line) return {.settings_end = 0, .body = mark};
    const std::size_t next = std::min(end + 1, text.size());
    if (!first && line) return {.settings_end = at, .body = next};
    at = next;
  }
  return {.settings_end = text.size(), .body = text.size(), .unclosed = at > mark};
}

Settings read_settings(SourceId source, const diag::Sources& sources, std::size_t end, diag::Report& report) {
  Settings out;
  if (end == 0) return out;
  out.tree = yaml::parse(source, sources, report, end);
  if (!out.tree || out.tree->root().is_null()) return out;
  yaml::Reading reading(sources, report);
  yaml::decode(frontmatter_table(), out.tree->root(), reading, &out.fields);
  return out;
}

}  // namespace apigw::prompt
