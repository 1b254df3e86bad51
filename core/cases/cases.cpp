#include "cases/cases.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "prompt/case_file.h"
#include "yaml/fields.h"
#include "yaml/json.h"

namespace apigw::cases {
namespace {

using prompt::NodeReader;
using yaml::field;
using yaml::Given;
using yaml::MappingNode;
using yaml::Row;
using yaml::Table;

constexpr std::size_t most_body = 1 << 20;  // bytes of a body in a test file
constexpr std::string_view own_words[] = {"status", "headers"};
constexpr StatusRange good{200, 399};

struct CaseDraft {
  Given<std::string> name, call;
  Given<const yaml::Node*> headers, body, expect, vars, answer;
};

constexpr Row case_rows[] = {
    field<&CaseDraft::name, yaml::Text>("name", "what the case shows", "its number"),
    field<&CaseDraft::call, yaml::Text>("call", "[METHOD] and a path, or the name of a route or service", {},
                                        "GET /orders/7"),
    field<&CaseDraft::headers, MappingNode>("headers", "headers of the call; without a value: not sent", "none"),
    field<&CaseDraft::body, NodeReader>("body", "sent as JSON, a text as it is", "none"),
    field<&CaseDraft::expect, MappingNode>("expect",
                                           "status, headers, equals, contains, regex, json-schema, json-path, "
                                           "max-latency: all that are there must hold"),
    field<&CaseDraft::vars, NodeReader>("vars", "of cases of prompts, which have files of their own"),
    field<&CaseDraft::answer, NodeReader>("answer", "of cases of prompts, which have files of their own"),
};
const Table& case_table() {
  static constexpr Table table{"a case", "One call and what must come of it.", case_rows};
  return table;
}

bool control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

// "404", "4xx".
std::optional<StatusRange> status_range(std::string_view s) {
  if (s.size() != 3 || s[0] < '1' || s[0] > '5') return std::nullopt;
  const int hundreds = (s[0] - '0') * 100;
  if (s.ends_with("xx") || s.ends_with("XX")) return StatusRange{hundreds, hundreds + 99};
  const auto number = text::parse_number(s);
  if (!number) return std::nullopt;
  return StatusRange{static_cast<int>(*number), static_cast<int>(*number)};
}

std::string text_of(const std::vector<StatusRange>& ranges) {
  std::string out;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const StatusRange range = ranges[i];
    out += i == 0 ? "" : i + 1 == ranges.size() ? " or " : ", ";
    out += range.last - range.first == 99            ? fmt::format("{}xx", range.first / 100)
           : range.last == range.first               ? fmt::format("{}", range.first)
           : range.first == 200 && range.last == 399 ? "2xx or 3xx"
                                                     : fmt::format("{} to {}", range.first, range.last);
  }
  return out;
}

class CaseReader {
 public:
  explicit CaseReader(yaml::Reading& reading) : reading_(reading) {}

  Case read(const CaseDraft& draft, Span where, std::size_t number) {
    Case out{.name = draft.name.value_or(fmt::format("case {}", number)), .method = {}, .target = {}};
    out.where = where;
    for (const Given<const yaml::Node*>& given : {draft.vars, draft.answer})
      if (given.given())
        add(635, given.where, "a case of a prompt stands among the calls of routes")
            .helps.push_back("move it to prompts/NAME.test.yaml, beside the prompt");
    read_call(draft, out);
    if (draft.headers)
      for (const yaml::Entry& entry : (*draft.headers)->entries) read_header(entry, out);
    if (draft.body) read_body(**draft.body, out);
    bool expects = false;
    if (draft.expect)
      for (const yaml::Entry& entry : (*draft.expect)->entries) expects = read_expect(entry, out) || expects;
    if (!expects && (!draft.expect.given() || draft.expect))
      prompt::expects_nothing(out.name, where, reading_, own_words);
    if (out.status.empty()) out.status.push_back(good);
    return out;
  }

 private:
  diag::Diagnostic& add(int code, Span where, std::string message) {
    return reading_.report().add(code, where, std::move(message));
  }
  void wrong(const yaml::Node& node, std::string message, std::string help) {
    reading_.wrong(632, node, std::move(message)).helps.push_back(std::move(help));
  }

  void read_call(const CaseDraft& draft, Case& out) {
    out.call = draft.call.given() ? draft.call.where : out.where;
    if (!draft.call.given()) {
      add(636, out.where, fmt::format("'{}' calls nothing", text::printable(out.name, 60)))
          .helps.push_back("write call: as in GET /orders/7");
      return;
    }
    if (!draft.call) return;
    std::vector<std::string_view> words = text::split(*draft.call, ' ');
    std::erase(words, "");
    const bool fits = words.size() == 1 || words.size() == 2;
    if (fits) out.target = words.back();
    if (words.size() == 2) out.method = words.front();
    const bool clean = std::ranges::none_of(*draft.call, control);
    if (!fits || !clean || (!out.method.empty() && !text::is_token(out.method)))
      add(636, out.call, fmt::format("'{}' is no call", text::printable(*draft.call, 80)))
          .helps.push_back("write a method and a path as in GET /orders/7, a blank in the path as %20");
    else if (out.target.contains("://"))
      add(636, out.call, fmt::format("'{}' names a host", text::printable(out.target, 80)))
          .helps.push_back("write the path alone: the gateway is asked");
  }

  void read_header(const yaml::Entry& entry, Case& out) {
    const std::string name = text::lower(entry.key->value);
    if (!text::is_token(name)) {
      add(636, entry.key->span, fmt::format("'{}' is no name of a header", text::printable(name, 60)));
      return;
    }
    if (entry.value->is_null()) {
      out.without.push_back(name);
      return;
    }
    const auto value = yaml::scalar(*entry.value, reading_, "a text");
    if (!value) return;
    if (std::ranges::any_of(*value, control))
      add(636, entry.value->span, "control characters and line ends are never sent in a header");
    else
      out.headers.add(name, text::trim(*value));
  }

  void read_body(const yaml::Node& node, Case& out) {
    if (node.is_null()) return;
    std::string body;
    if (node.kind == yaml::Kind::scalar)
      out.body = node.value;
    else if (yaml::append_json(node, most_body, body))
      out.body = std::move(body);
    else
      add(636, node.span, "the body is too large once its aliases are expanded");
  }

  // Whether something is expected, readable or not.
  bool read_expect(const yaml::Entry& entry, Case& out) {
    if (entry.key->value == "status") return read_status(*entry.value, out);
    if (entry.key->value == "headers") return read_headers(*entry.value, out);
    if (!prompt::read_expectation(entry, reading_, out.expect)) {
      prompt::unknown_expectation(*entry.key, reading_, own_words);
      return true;
    }
    return !out.expect.empty();
  }

  bool read_status(const yaml::Node& node, Case& out) {
    std::vector<const yaml::Node*> items{&node};
    if (node.kind == yaml::Kind::sequence) items = node.items;
    for (const yaml::Node* item : items) {
      const auto range = item->kind == yaml::Kind::scalar ? status_range(item->value) : std::nullopt;
      if (range)
        out.status.push_back(*range);
      else
        wrong(*item,
              item->kind == yaml::Kind::scalar ? fmt::format("'{}' is no status", text::printable(item->value, 60))
                                               : fmt::format("{} is no status", yaml::kind_word(*item)),
              "write a number from 100 to 599, or all of a hundred as in 2xx");
    }
    return !items.empty();
  }

  bool read_headers(const yaml::Node& node, Case& out) {
    const auto mapping = MappingNode::read(node, reading_);
    if (!mapping) return true;
    for (const yaml::Entry& entry : node.entries) {
      HeaderExpectation made{.name = text::lower(entry.key->value), .expect = {}};
      if (entry.value->kind == yaml::Kind::mapping) {
        for (const yaml::Entry& rule : entry.value->entries) read_rule(rule, made);
        if (made.expect.empty()) continue;
      } else if (!entry.value->is_null()) {
        const auto value = yaml::scalar(*entry.value, reading_, "a text or a mapping");
        if (!value) continue;
        made.expect.push_back({.kind = prompt::Expectation::Kind::equals, .text = {}, .value = json::quote(*value)});
      }
      out.answer_headers.push_back(std::move(made));
    }
    return !node.entries.empty();
  }

  void read_rule(const yaml::Entry& rule, HeaderExpectation& made) {
    const std::string& word = rule.key->value;
    if (word != "equals" && word != "contains" && word != "regex")
      wrong(*rule.key, fmt::format("'{}' cannot be expected of a header", text::printable(word, 60)),
            "equals, contains and regex can");
    else if (prompt::read_expectation(rule, reading_, made.expect) && word == "equals" && !made.expect.empty())
      made.expect.back().value = json::quote(rule.value->value);
  }

  yaml::Reading& reading_;
};

std::string lower_type(const http::Headers& headers) {
  std::string type = text::lower(headers.find("content-type").value_or(""));
  return std::string(text::trim(type.substr(0, type.find(';'))));
}

// The body as JSON: itself, or the text as a string.
struct Output {
  std::string json;
  bool text = false;
};
Output output_of(const Answer& answer) {
  const std::string type = lower_type(answer.headers);
  const auto scanned = json::scan(answer.body, {.depth = 128});
  const bool nested =
      scanned && (scanned->root.type == json::Type::object || scanned->root.type == json::Type::array);
  const bool told = type.ends_with("/json") || type.ends_with("+json");
  if (nested || (scanned && told)) return {std::string(json::at(answer.body, scanned->root))};
  return {json::quote(answer.body), true};
}

std::string values_of(const http::Headers& headers, const std::string& name) {
  std::string out;
  for (const auto header : headers)
    if (header.name == name) out += fmt::format("{}{}", out.empty() ? "" : ", ", header.value);
  return out;
}

void judge_headers(const Case& test, const Answer& answer, std::vector<std::string>& out) {
  for (const HeaderExpectation& header : test.answer_headers) {
    const std::string name = text::printable(header.name, 60);
    if (!answer.headers.has(header.name)) {
      if (!header.expect.empty()) out.push_back(fmt::format("header {} is not there", name));
      continue;
    }
    const std::string value = json::quote(values_of(answer.headers, header.name));
    if (header.expect.empty()) out.push_back(fmt::format("header {} is there: {}", name, text::printable(value)));
    for (const prompt::Expectation& expectation : header.expect)
      if (const std::string what = prompt::mismatch(expectation, value, answer.took); !what.empty())
        out.push_back(fmt::format("header {}: {}", name, what));
  }
}

}  // namespace

bool Case::takes(int code) const {
  return std::ranges::any_of(status,
                             [code](const StatusRange& range) { return code >= range.first && code <= range.last; });
}

std::optional<std::chrono::milliseconds> Case::limit() const {
  std::optional<std::chrono::milliseconds> least;
  for (const prompt::Expectation& expectation : expect)
    if (expectation.kind == prompt::Expectation::Kind::max_latency)
      least = std::min(least.value_or(expectation.latency), expectation.latency);
  return least;
}

std::string unsendable(const Case& test) {
  for (const auto header : test.headers)
    if (!text::is_token(header.name) || std::ranges::any_of(header.value, control))
      return fmt::format("header '{}' cannot be sent as the document has it", text::printable(header.name, 60));
  const auto odd = [](char c) { return control(c) || c == ' '; };
  return std::ranges::any_of(test.target, odd) ? "the path holds a blank or a control character" : "";
}

Kind kind_of(const yaml::Node& root) {
  if (root.find("openapi") != nullptr || root.find("swagger") != nullptr) return Kind::openapi;
  const yaml::Node* const all = root.find("cases");
  const auto calls = [](const yaml::Node* one) { return one->find("call") != nullptr; };
  return all != nullptr && std::ranges::any_of(all->items, calls) ? Kind::routes : Kind::prompt;
}

std::optional<std::vector<Case>> read_cases(const yaml::Node& root, const diag::Sources& sources,
                                            diag::Report& report) {
  return prompt::read_case_file<CaseDraft, case_table>(
      root, sources, report, [](const CaseDraft& draft, Span where, std::size_t number, yaml::Reading& reading) {
        return CaseReader(reading).read(draft, where, number);
      });
}

std::vector<std::string> mismatches(const Case& test, const Answer& answer) {
  std::vector<std::string> out;
  if (!test.takes(answer.status))
    out.push_back(fmt::format("status: is {}, not {}", answer.status, text_of(test.status)));
  judge_headers(test, answer, out);
  const Output output = output_of(answer);
  std::vector<const prompt::Expectation*> all;
  for (const prompt::Expectation& expectation : test.expect) all.push_back(&expectation);
  const auto response = std::ranges::find_if(test.responses, [&](const Response& one) {
    return answer.status >= one.status.first && answer.status <= one.status.last;
  });
  if (response != test.responses.end() && response->expect) all.push_back(&*response->expect);
  for (const prompt::Expectation* one : all) {
    const prompt::Expectation& expectation = *one;
    using Kind = prompt::Expectation::Kind;
    const bool wants_json = expectation.kind == Kind::json_schema || expectation.kind == Kind::json_path;
    const std::string what = wants_json && output.text
                                 ? fmt::format("the body is no JSON: '{}'", text::printable(answer.body, 80))
                                 : prompt::mismatch(expectation, output.json, answer.took);
    if (!what.empty()) out.push_back(fmt::format("{}: {}", prompt::word(expectation.kind), what));
  }
  return out;
}

}  // namespace apigw::cases
