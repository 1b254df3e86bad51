// A prompt filled with the variables of one call, and its answer judged.
#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "prompt/prompt.h"
#include "prompt/shape.h"
#include "schema/values.h"

namespace apigw::prompt {
namespace {

constexpr std::size_t most_answer_depth = 128;
constexpr std::size_t repeated_answer = 64 << 10;  // bytes of a wrong answer that the second try is shown

Problems one(std::string pointer, std::string message) {
  return {{{std::move(pointer), std::move(message)}}, false};
}

// "JSON at byte 7: …" with the sentence that the place is the subject of.
std::string not_json(const Error& error) {
  return error.kind == ErrorKind::invalid ? "is not " + error.what : error.what;
}

Problems problems_of(schema::Verdict verdict) {
  Problems out{{}, verdict.more};
  for (schema::Failure& failure : verdict.failures) {
    if (failure.missing.empty())
      out.list.push_back({std::move(failure.instance), std::move(failure.message)});
    else
      out.list.push_back({failure.instance + schema::pointer_step(failure.missing), "is missing"});
  }
  return out;
}

// `text` against `schema`; nothing when it fits.
std::optional<Problems> judge(const schema::Schema& schema, std::string_view text, const json::Limits& limits) {
  auto verdict = schema::check(schema, text, {.document = limits});
  if (!verdict) return one("", verdict.error().what);
  if (verdict->ok) return std::nullopt;
  Problems problems = problems_of(std::move(*verdict));
  if (problems.list.empty()) problems.list.push_back({"", "does not fit its schema"});
  return problems;
}

chat::Role role_of(std::string_view word) {
  if (word == "system") return chat::Role::system;
  return word == "assistant" ? chat::Role::assistant : chat::Role::user;
}

chat::Message message(chat::Role role, std::string text) {
  chat::Message out{.role = role, .parts = {}, .name = {}};
  out.parts.push_back({chat::Text{std::move(text)}, {}});
  return out;
}

// Providers allow letters, digits, '_' and '-'.
std::string format_name(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

std::optional<chat::AnswerFormat> format_of(const Prompt& prompt) {
  using Kind = chat::AnswerFormat::Kind;
  if (prompt.form == OutputForm::text) return std::nullopt;
  if (prompt.output_text.empty()) return chat::AnswerFormat{.kind = Kind::json};
  return chat::AnswerFormat{
      .kind = Kind::schema, .name = format_name(prompt.name), .description = {}, .schema = {prompt.output_text}};
}

// Models put JSON between fences even when told not to; what stands between them is meant.
std::string_view without_fence(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto trimmed = [&](std::string_view s) {
    const std::size_t from = std::min(s.find_first_not_of(blanks), s.size());
    return s.substr(from, s.find_last_not_of(blanks) + 1 - from);
  };
  text = trimmed(text);
  if (!text.starts_with("```") || !text.ends_with("```") || text.size() < 6) return text;
  const std::size_t line = text.find('\n');
  return line == std::string_view::npos ? text : trimmed(text.substr(line, text.size() - 3 - line));
}

// What a text stands for as the value of a variable: itself, or the JSON that it is where a text cannot stand.
std::string value_of(const Prompt& prompt, std::string_view name, std::string_view text) {
  if (may_be_text(prompt.input_text, name) || !json::scan(text)) return json::quote(text);
  return std::string(text);
}

// The JSON object `given` with one more member.
std::string with(std::string_view given, const json::Document& members, std::string_view name,
                 std::string_view value) {
  std::string out(given.substr(0, given.rfind('}')));
  if (given.empty()) out = "{";
  return fmt::format("{}{}{}:{}}}", out, members.members.empty() ? "" : ",", json::quote(name), value);
}

}  // namespace

std::expected<chat::Request, Problems> fill(const Prompt& prompt, std::string_view variables,
                                            const json::Limits& limits) {
  auto values = render::read_value(variables, limits);
  if (!values) return std::unexpected(one("", not_json(values.error())));
  if (values->kind != render::Value::Kind::object) return std::unexpected(one("", "must be a JSON object"));
  std::string merged;  // with the defaults; empty where they add nothing
  for (const render::Member& member : prompt.fallback.members) {
    if (values->find(member.name) != nullptr) continue;
    values->members.push_back(member);
    merged = "changed";
  }
  if (!merged.empty()) {
    merged.clear();
    render::write_json(*values, merged);
    variables = merged;
  }
  if (auto problems = judge(prompt.input, variables, limits)) return std::unexpected(std::move(*problems));
  auto passages = prompt.body.render(*values);
  if (!passages) return std::unexpected(one("", passages.error().what));
  if (passages->empty()) return std::unexpected(one("", "leaves nothing to say to the model"));
  chat::Request request = prompt.settings;
  request.model = prompt.model;
  for (render::Passage& passage : *passages)
    request.messages.push_back(message(role_of(passage.role), std::move(passage.text)));
  request.format = format_of(prompt);
  return request;
}

std::expected<std::string, Problems> check_answer(const Prompt& prompt, std::string_view answer) {
  if (prompt.form == OutputForm::text) return json::quote(answer);
  const std::string_view text = without_fence(answer);
  const json::Limits limits{.depth = most_answer_depth};
  const auto document = json::scan(text, limits);
  if (!document) return std::unexpected(one("", not_json(document.error())));
  if (prompt.output) {
    if (auto problems = judge(*prompt.output, text, limits)) return std::unexpected(std::move(*problems));
  }
  return std::string(text);
}

chat::Request repair(const chat::Request& asked, std::string_view answer, const Problems& problems) {
  chat::Request again = asked;
  std::size_t end = std::min(answer.size(), repeated_answer);
  while (end > 0 && end < answer.size() && (static_cast<unsigned char>(answer[end]) & 0xc0) == 0x80) --end;
  std::string said(answer.substr(0, end));
  if (said.find_first_not_of(" \t\r\n") == std::string::npos) said = "(nothing)";
  again.messages.push_back(message(chat::Role::assistant, std::move(said)));
  std::string words = "That answer does not have the form that was asked for:\n";
  for (const Problem& problem : problems.list)
    words += fmt::format("- {} {}\n", problem.pointer.empty() ? "the answer" : problem.pointer, problem.message);
  words += "Answer again with the JSON document alone.";
  again.messages.push_back(message(chat::Role::user, std::move(words)));
  return again;
}

bool has_variable(const Prompt& prompt, std::string_view name) {
  const auto names = names_of(prompt.input_text);
  return std::ranges::find(names, name) != names.end();
}

bool wants_text(const Prompt& prompt, std::string_view name) {
  return is_text(prompt.input_text, name);
}

std::expected<std::string, Problems> variables_of(const Prompt& prompt, std::string_view text, std::string_view given,
                                                  const json::Limits& limits) {
  const auto beside = json::scan(given.empty() ? "{}" : given, limits);
  if (!beside) return std::unexpected(one("", not_json(beside.error())));
  const auto is_given = [&](const std::string& name) {
    return std::ranges::find(beside->members, name, json::key_of) != beside->members.end();
  };
  std::vector<std::string> open = required_of(prompt.input_text);
  std::erase_if(open, [&](const auto& name) { return prompt.fallback.find(name) != nullptr || is_given(name); });
  const std::vector<std::string> names = names_of(prompt.input_text);
  const bool needed = !open.empty();
  if (!needed && names.size() == 1 && !is_given(names[0])) open = names;
  if (open.size() == 1 && !(text.empty() && !given.empty()))
    return with(given, *beside, open[0], value_of(prompt, open[0], text));
  if (!given.empty()) {
    if (text.empty() || needed) return std::string(given);  // fill() names what is missing
    return std::unexpected(one("", "no variable is left for the text of the message"));
  }
  const auto object = json::scan(text, limits);
  if (object && object->root.type == json::Type::object) return std::string(text);
  if (names.empty()) return "{}";
  return std::unexpected(one("", fmt::format("must be a JSON object with the variables of the prompt: {}",
                                             fmt::join(needed ? open : names, ", "))));
}

std::string sentence(const Problems& problems) {
  constexpr std::size_t most_named = 3;
  std::string out;
  for (const Problem& problem : problems.list | std::views::take(most_named)) {
    out += fmt::format("{}{}{}", out.empty() ? "" : "; ",
                       problem.pointer.empty() ? "" : text::printable(problem.pointer) + " ",
                       text::printable(problem.message, 300));
  }
  if (problems.list.size() > most_named) out += fmt::format("; and {} more", problems.list.size() - most_named);
  return out;
}

}  // namespace apigw::prompt
