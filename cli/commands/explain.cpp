// apigw explain CODE | FIELD | [METHOD] PATH: the page of a code, of a field, or what would become of a request.
//
// Nothing is sent: the request walks the same Router that serves it.

#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "call_target.h"
#include "command.h"
#include "explain_request.h"
#include "output.h"
#include "page.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::vector<std::string> words;
  AskedRequest request;
};

std::optional<int> code_number(std::string_view word) {
  if (word.size() > 3 && text::iequals(word.substr(0, 3), "AGW")) word.remove_prefix(3);
  const auto number = text::parse_number(word);
  return number && word.size() == 3 ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

std::string severity_word(diag::Severity severity) {
  return severity == diag::Severity::error ? "error" : severity == diag::Severity::warning ? "warning" : "note";
}

struct Family {
  int first;
  std::string_view about;
};
constexpr Family families[] = {
    {100, "syntax"},  {200, "fields"}, {300, "what the config means"}, {400, "security"}, {500, "reliability"},
    {600, "prompts"}, {700, "emit"},   {800, "Kubernetes manifests"}};

// Numbers that are near each other have nothing in common but their family.
std::string codes_like(int number) {
  for (const Family& family : families) {
    if (family.first != number / 100 * 100) continue;
    const auto begin = std::ranges::lower_bound(diag::codes(), family.first, {}, &diag::Code::number);
    const auto end = std::ranges::lower_bound(diag::codes(), family.first + 100, {}, &diag::Code::number);
    return fmt::format("codes about {} are AGW{} to AGW{}; validate prints the code of each finding", family.about,
                       begin->number, std::prev(end)->number);
  }
  std::string all;
  for (const Family& family : families)
    all += fmt::format("{}AGW{}xx {}", all.empty() ? "" : ", ", family.first / 100, family.about);
  return "there are " + all;
}

Exit explain_code(Env& env, const Globals& globals, int number) {
  const diag::Code* code = diag::find_code(number);
  if (code == nullptr)
    return complain(env, Exit::input, fmt::format("there is no code AGW{:03}", number), codes_like(number));
  std::string page{diag::page(number)};
  if (page.empty()) page = fmt::format("AGW{:03}: {}\n", number, code->title);
  const ordered_json body{{"code", fmt::format("AGW{:03}", number)},
                          {"severity", severity_word(code->severity)},
                          {"title", code->title},
                          {"page", page}};
  return write_document(env, globals, "code", body, [&](bool color) { return terminal_page(page, color); });
}

// "services.hello.health" is an instance of "services.*.health".
bool names_field(std::string_view asked, std::string_view path) {
  if (asked == path) return true;
  const auto words = text::split(asked, '.'), rows = text::split(path, '.');
  return words.size() == rows.size() &&
         std::ranges::equal(words, rows, [](auto word, auto row) { return row == word || row == "*"; });
}

using Pages = std::vector<const config::FieldPage*>;

std::string field_text(const config::FieldPage& page, const Pages& below) {
  std::string out = fmt::format("{}: {}\n\n{}\n", page.path, page.type, page.doc);
  if (!page.fallback.empty()) out += fmt::format("\nDefault: {}\n", page.fallback);
  if (!page.enforced) out += "\nThis version does not enforce it yet; a config that sets it is refused.\n";
  if (!page.examples.empty()) out += "\nExamples:\n";
  for (const std::string& example : page.examples)
    for (const std::string_view line : text::split(example, '\n')) out += fmt::format("  {}\n", line);
  if (!below.empty()) out += "\nFields:\n";
  std::size_t width = 0;
  for (const config::FieldPage* inner : below) width = std::max(width, inner->path.size());
  for (const config::FieldPage* inner : below) out += fmt::format("  {:<{}}  {}\n", inner->path, width, inner->doc);
  return out;
}

// The fields inside of one: "services.*" and its instances have services.*.url and others below them.
Pages fields_below(std::string_view asked, const std::vector<config::FieldPage>& pages) {
  const auto depth = static_cast<std::ptrdiff_t>(text::split(asked, '.').size());
  Pages below;
  for (const config::FieldPage& page : pages) {
    const auto words = text::split(page.path, '.');
    if (std::ssize(words) <= depth) continue;
    const auto end = static_cast<std::size_t>(words[static_cast<std::size_t>(depth)].data() - page.path.data()) - 1;
    if (names_field(asked, std::string_view{page.path}.substr(0, end))) below.push_back(&page);
  }
  return below;
}

Exit explain_fields_below(Env& env, const Globals& globals, const Pages& below) {
  ordered_json rows = ordered_json::array();
  for (const config::FieldPage* page : below)
    rows.push_back({{"path", page->path}, {"type", page->type}, {"doc", page->doc}});
  return write_table(env, globals, {.kind = "fields", .columns = {{"path", "FIELD"}, {"doc", "WHAT IT IS"}}}, rows);
}

Exit explain_field(Env& env, const Globals& globals, const std::string& asked) {
  const auto pages = config::field_pages(assembly::vocabulary());
  const auto found = std::ranges::find_if(pages, [&](const auto& page) { return names_field(asked, page.path); });
  if (found != pages.end()) {
    const Pages below = fields_below(asked, pages);
    ordered_json inner = ordered_json::array();
    for (const config::FieldPage* page : below) inner.push_back(page->path);
    const ordered_json body{{"path", found->path},         {"type", found->type},
                            {"doc", found->doc},           {"default", found->fallback},
                            {"enforced", found->enforced}, {"examples", found->examples},
                            {"fields", std::move(inner)}};
    return write_document(env, globals, "field", body, [&](bool) { return field_text(*found, below); });
  }
  if (const auto below = fields_below(asked, pages); !below.empty()) return explain_fields_below(env, globals, below);
  std::vector<std::string_view> paths;
  for (const config::FieldPage& page : pages) paths.emplace_back(page.path);
  const auto near = text::closest(asked, paths);
  return complain(env, Exit::input, fmt::format("'{}' is neither a code, a field nor a path", text::printable(asked)),
                  near ? fmt::format("did you mean '{}'?", *near)
                       : "write AGW201, services.*.url, or GET /orders/7; paths begin with a slash");
}

constexpr std::size_t most_body = 16 << 20;  // bytes

bool is_method(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

Exit explain(Env& env, const Globals& globals, const Flags& flags) {
  std::vector<std::string> words = flags.words;
  // "GET /orders/7" in quotes is one word to the shell.
  if (words.size() == 1 && words[0].contains(" /")) {
    const auto blank = words[0].find(' ');
    words = {words[0].substr(0, blank), std::string(text::trim(std::string_view(words[0]).substr(blank)))};
  }
  const bool two = words.size() == 2 && words[1].starts_with('/');
  if (two) words[0] = method_of(words[0]);
  if (two && !is_method(words[0]))
    return complain(env, Exit::input, fmt::format("'{}' is no method", text::printable(words[0])),
                    "write it as in GET /orders/7");
  AskedRequest request = flags.request;
  request.target = two ? words[1] : words.empty() ? "" : words[0];
  if (two) request.method = words[0];
  if (!request.body.empty()) {
    auto body = data_of(env, request.body, most_body);
    if (!body) return body.error();
    request.body = std::move(*body);
  }
  if (two) return explain_request(env, globals, request);
  if (words.size() != 1)
    return complain(env, Exit::input, words.empty() ? "nothing to explain" : "too many words to explain",
                    "write a code (AGW201), a field (services.*.url), or a request (GET /orders/7)");
  if (words[0].starts_with('/')) return explain_request(env, globals, request);
  if (const auto number = code_number(words[0])) return explain_code(env, globals, *number);
  return explain_field(env, globals, words[0]);
}

}  // namespace

extern const Command command_explain;
const Command command_explain = {
    .name = "explain",
    .summary = "explain a code, a config field, or where a request would go",
    .details =
        "A request is not sent: the answer is the route, why it won, each value with the line that set it, and the\n"
        "bytes that its upstreams would get. What only a running gateway knows stands there in braces, as does\n"
        "where a key comes from. Exit code 1: nobody serves it.\n\n"
        "Examples:\n"
        "  apigw explain AGW103\n"
        "  apigw explain 'services.*.health'\n"
        "  apigw explain GET /hello/Ada\n"
        "  apigw explain POST /v1/chat/completions --model chat\n"
        "  apigw explain POST /v1/chat/completions -d '{\"model\": \"chat\", \"stream\": true}' -o json",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "WHAT", .doc = "a code, a field, or [METHOD] PATH", .completes = "explainable"},
                  &flags->words);
      options.add({.names = "-H,--header", .doc = "a header of the request; may repeat", .value = "'NAME: VALUE'"},
                  &flags->request.headers);
      options.add({.names = "-d,--data", .doc = "body of the request, @FILE or @- for stdin", .value = "TEXT"},
                  &flags->request.body);
      options.add({.names = "--model",
                   .doc = "model that it asks for, instead of a body",
                   .value = "NAME",
                   .completes = "models"},
                  &flags->request.model);
      options.add({.names = "--host", .doc = "host that the request names", .value = "HOST"}, &flags->request.host);
      return [flags](Env& env, const Globals& globals) { return explain(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
