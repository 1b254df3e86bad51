// Documents that nobody wrote for a reader: wrong kinds everywhere, circles, bombs, and whatever else may not hurt.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/config/world.h"
#include "import/importer.h"

using namespace apigw;
using namespace apigw::import;

namespace {

// What holds of every import: a config exactly without errors, and one that loads.
Imported sound(const RosterRow& kind, const std::string& text) {
  Imported done = read_document(kind, "doc", text, config::testing::vocabulary());
  CHECK(done.config.empty() == done.report.has_errors());
  static std::set<std::string> proven;  // many documents come to the same config
  if (!done.config.empty() && proven.insert(done.config).second) {
    const auto loaded = config::testing::load_text(done.config);
    CHECK_MESSAGE(!loaded.report.has_errors(), done.config, config::testing::rendered(loaded));
  }
  for (const diag::Diagnostic& finding : done.report.all()) {
    const bool printable = std::ranges::none_of(finding.message, [](unsigned char c) { return c < 0x20; });
    CHECK((printable && !finding.message.empty()));
  }
  return done;
}

std::string nested(std::string_view open, std::string_view close, int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += open;
  out += "1";
  for (int i = 0; i < depth; ++i) out += close;
  return out;
}

std::string bomb() {
  std::string out = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i)
    out += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  return out;
}

}  // namespace

TEST_CASE("no document hurts: a config that loads, or an error with its place") {
  const std::pair<std::string_view, std::string> rows[] = {
      {"nothing", ""},
      {"null", "~"},
      {"a scalar", "text"},
      {"a list", "[1, 2]"},
      {"another kind", "kind: Deployment\n"},
      {"no UTF-8", "openapi: \"\xff\""},
      {"a zero byte", std::string("openapi: 3.0.0\0", 15)},
      {"deep", "openapi: 3.0.0\nx: " + nested("[", "]", 200)},
      {"deep JSON", "{\"openapi\": \"3.0.0\", \"paths\": " + nested("{\"a\":", "}", 500) + "}"},
      {"a bomb of aliases", "openapi: 3.0.0\n" + bomb()},
      {"an alias of itself", "openapi: 3.0.0\npaths: &p { /a: *p }\n"},
      {"twice the same key", "openapi: 3.0.0\nopenapi: 3.0.1\n"},
      {"two documents", "openapi: 3.0.0\n---\nopenapi: 3.0.0\n"},
      {"halves of a surrogate", R"({"openapi": "3.0.0", "info": {"title": "\ud83d"}, "paths": {}})"},
  };
  for (const RosterRow& kind : roster())
    for (const auto& [name, text] : rows) {
      CAPTURE(kind.word);
      CAPTURE(name);
      sound(kind, text);
    }
}

TEST_CASE("a document of which any value is null, a list, a mapping or a scalar is imported as far as it goes") {
  constexpr std::string_view stand_ins[] = {"~", "[]", "x", "{x: ~}", "[{x: [y]}]", "'${X'"};
  for (const RosterRow& kind : roster()) {
    for (const auto& file : golden::inputs(fmt::format("golden/import/{}", kind.word), ".in")) {
      std::string text = golden::read(file);
      const std::string_view pair = "\\ud83c\\udf43";  // which only an importer joins
      if (const auto at = text.find(pair); at != std::string::npos) text.replace(at, pair.size(), "x");
      diag::Sources sources;
      diag::Report report;
      const auto tree = yaml::parse(sources.add("doc", text), sources, report);
      REQUIRE(tree);
      std::size_t number = 0;
      std::vector<const yaml::Node*> open{&tree->root()};
      while (!open.empty()) {
        const yaml::Node& node = *open.back();
        open.pop_back();
        open.insert(open.end(), node.items.begin(), node.items.end());
        for (const yaml::Entry& entry : node.entries) open.push_back(entry.value);
        for (const std::size_t n : {number, number + 3}) {  // two kinds a value, in turn: the fuzzer has the rest
          std::string changed = text;
          changed.replace(node.span.begin, node.span.end - node.span.begin, stand_ins[n % std::size(stand_ins)]);
          CAPTURE(kind.word);
          CAPTURE(changed);
          sound(kind, changed);
        }
        ++number;
      }
    }
  }
}

TEST_CASE("a wrong kind is told at its place") {
  const auto openapi = std::ranges::find(roster(), std::string_view("openapi"), &RosterRow::word);
  REQUIRE(openapi != roster().end());
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"paths: []", "doc:2:8: warning[AGW726]: 'paths' must be a mapping, not a list\n"},
      {"paths: { /a: x }", "doc:2:14: warning[AGW726]: path '/a' must be a mapping, not a single value\n"},
      {"paths: { /a: { get: [] } }", "doc:2:21: warning[AGW726]: 'GET /a' must be a mapping, not a list\n"},
      {"paths: {}\nservers: 1", "doc:3:10: warning[AGW726]: 'servers' must be a list, not a single value\n"},
      {"paths: {}\nsecurity: { a: [] }", "doc:3:11: warning[AGW726]: 'security' must be a list, not a mapping\n"},
      {"info: {}", "doc:1:1: warning[AGW726]: the document has no paths: nothing was imported\n"},
  };
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    const auto done = sound(*openapi, fmt::format("openapi: 3.0.0\n{}\n", text));
    CHECK(diag::render(done.report, done.sources, diag::Format::concise, false).contains(expected));
  }
}

TEST_CASE("a thousand paths are imported in the order in which they stand") {
  std::string text = "openapi: 3.0.0\nservers: [{ url: 'https://shop.example' }]\npaths:\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("  /p{}: {{ get: {{ operationId: o{} }} }}\n", i, i);
  const auto openapi = std::ranges::find(roster(), std::string_view("openapi"), &RosterRow::word);
  const auto done = sound(*openapi, text);
  CHECK(done.config.contains("  GET /p999: api  # line 1003, o999\n"));
  CHECK(done.report.all().empty());
}

TEST_CASE("many of one name, and references into what is large, take no time of their own") {
  const auto row = [](std::string_view word) { return *std::ranges::find(roster(), word, &RosterRow::word); };
  std::string servers = "openapi: 3.0.0\npaths:\n";
  std::string references = "openapi: 3.0.0\npaths:\n";
  std::string extensions = "openapi: 3.0.0\npaths: {}\n";
  std::string calls = "services:\n  a: { image: 'a:1', depends_on: [";
  std::string secrets = "model_list:\n";
  for (int i = 0; i < 2000; ++i) {
    servers += fmt::format("  /p{0}: {{ get: {{ servers: [{{ url: 'http://h{0}.example' }}] }} }}\n", i);
    references += fmt::format("  /p{}: {{ $ref: '#/paths/~1p{}' }}\n", i, i + 1);
    extensions += fmt::format("x-{}: 1\n", i);
    calls += fmt::format("s{}, ", i);
    secrets +=
        fmt::format("- {{ model_name: m{0}, litellm_params: {{ model: openai/x, api_key: secret-{0} }} }}\n", i);
  }
  sound(row("openapi"), servers);
  sound(row("openapi"), references);
  sound(row("openapi"), extensions);
  sound(row("compose"), calls + "s] }\n");
  sound(row("litellm"), secrets);
}

TEST_CASE("a document of more values than a config may have is read, and a bomb of aliases is not") {
  const auto openapi = std::ranges::find(roster(), std::string_view("openapi"), &RosterRow::word);
  std::string text = "openapi: 3.0.0\nservers: [{ url: 'https://shop.example' }]\npaths: { /a: { get: {} } }\n";
  text += "components: { schemas: { Large: { enum: [";
  for (int i = 0; i < 210'000; ++i) text += "1,";
  CHECK(sound(*openapi, text + "1] } } }\n").config.contains("GET /a: api"));
  const auto refused = sound(*openapi, "openapi: 3.0.0\n" + bomb());
  REQUIRE(refused.report.has_errors());
  CHECK(refused.report.all().front().code == 116);
}
