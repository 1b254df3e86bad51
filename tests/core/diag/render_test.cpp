#include <doctest/doctest.h>

#include "diag/diagnostic.h"
#include "support/golden.h"

using namespace apigw;
using diag::Format;
using diag::Report;
using diag::Sources;

namespace {

Span find(const Sources& sources, SourceId id, std::string_view what, std::string_view through = {}) {
  const auto text = sources.text(id);
  const auto at = text.find(what);
  REQUIRE(at != std::string_view::npos);
  const auto end = through.empty() ? at + what.size() : text.find(through, at) + through.size();
  return {id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
}

// The finding that the architecture document shows, with any code that exists.
struct Shown {
  Sources sources;
  Report report;
  Shown() {
    const auto id =
        sources.add("apigw.yaml", "apigw: 1\nproviders:\n  openai: {}\nmodels:\n  chat:\n    to: opnai\n    x: 1\n");
    auto& d = report.add(101, find(sources, id, "opnai"), "route 'chat' sends to unknown provider 'opnai'",
                         "no provider has this name");
    d.labels.push_back({find(sources, id, "openai"), "closest declared name"});
    d.helps.push_back("replace with 'openai'");
    d.fixes.push_back({find(sources, id, "opnai"), "openai"});
    report.finish(sources);
  }
};

std::string one(std::string text, std::string_view what, std::string_view through = {}) {
  Sources sources;
  const auto id = sources.add("a.yaml", std::move(text));
  Report report;
  report.add(101, find(sources, id, what, through), "wrong", "here");
  return render(report, sources, Format::full, false);
}

std::string snippet(std::string text, std::string_view what, std::string_view through = {}) {
  const auto all = one(std::move(text), what, through);
  const auto from = all.find('\n') + 1;
  return all.substr(from, all.find("\n\n") + 1 - from);
}

}  // namespace

TEST_CASE("full shows place, cause, labels, help and counts") {
  const Shown shown;
  CHECK(render(shown.report, shown.sources, Format::full, false) ==
        "apigw.yaml:6:9: error[AGW101]: route 'chat' sends to unknown provider 'opnai'\n"
        "  6 |     to: opnai\n"
        "    |         ^^^^^ no provider has this name\n"
        "  3 |   openai: {}\n"
        "    |   ------ closest declared name\n"
        " help: replace with 'openai'\n"
        "\n"
        "1 error in apigw.yaml\n");
}

TEST_CASE("colour comes only when asked for and never carries meaning alone") {
  const Shown shown;
  const auto plain = render(shown.report, shown.sources, Format::full, false);
  auto colored = render(shown.report, shown.sources, Format::full, true);
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(colored.find('\x1b') != std::string::npos);
  for (auto at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  CHECK(colored == plain);
}

TEST_CASE("underlines stay below what they mark") {
  struct Row {
    std::string name;
    std::string actual, expected;
  };
  const Row rows[] = {
      {"a tab in front", snippet("\ta: x\n", "x"), "  1 |     a: x\n    |        ^ here\n"},
      {"a tab inside", snippet("a:\tx\n", "x"), "  1 | a:  x\n    |     ^ here\n"},
      {"wide characters", snippet("名前: x\n", "x"), "  1 | 名前: x\n    |       ^ here\n"},
      {"a wide character marked", snippet("a: 名\n", "名"), "  1 | a: 名\n    |    ^^ here\n"},
      {"an emoji in front", snippet("🙂: x\n", "x"), "  1 | 🙂: x\n    |     ^ here\n"},
      {"a combining mark", snippet("e\u0301: x\n", "x"), "  1 | e\u0301: x\n    |    ^ here\n"},
      {"a joined emoji", snippet("👩\u200D🚀 x\n", "x"), "  1 | 👩\u200D🚀 x\n    |    ^ here\n"},
      {"the end of a line", snippet("a: x\n", "\n"), "  1 | a: x\n    |     ^ here\n"},
      {"CR LF", snippet("a: x\r\nb: y\r\n", "y"), "  2 | b: y\n    |    ^ here\n"},
      {"a byte order mark", snippet("\uFEFFa: x\n", "x"), "  1 | a: x\n    |    ^ here\n"},
      {"two lines", snippet("a: [1,\n  2\n", "[1", "2"), "  1 | a: [1,\n    |    ^^^\n  2 |   2\n    |   ^ here\n"},
      {"many lines", snippet("a: [1,\n  2,\n  3]\n", "[1", "]"),
       "  1 | a: [1,\n    |    ^^^\n  … |\n  3 |   3]\n    |   ^^ here\n"},
      {"control characters", snippet("a: \x1b[31m\x07 x\n", "x"), "  1 | a: ␛[31m␇ x\n    |           ^ here\n"},
      {"text that changes direction", snippet("a: \u202E x\n", "x"), "  1 | a: \uFFFD x\n    |      ^ here\n"},
      {"bytes that are no UTF-8", snippet("a: \xff\xc0 x\n", "x"), "  1 | a: \uFFFD\uFFFD x\n    |       ^ here\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(row.actual == row.expected);
  }
}

TEST_CASE("labels on one line share its snippet") {
  Sources sources;
  const auto id = sources.add("a.yaml", "one: two three\n");
  Report report;
  auto& d = report.add(101, find(sources, id, "two"), "wrong", "this");
  d.labels.push_back({find(sources, id, "three"), "against this"});
  d.labels.push_back({find(sources, id, "one"), "under this"});
  CHECK(render(report, sources, Format::full, false) ==
        "a.yaml:1:6: error[AGW101]: wrong\n"
        "  1 | one: two three\n"
        "    | ---  ^^^ ----- against this\n"
        "    | |    this\n"
        "    | under this\n"
        "\n"
        "1 error in a.yaml\n");
}

TEST_CASE("a label in another file names the file") {
  Sources sources;
  const auto a = sources.add("a.yaml", "x: 1\n"), b = sources.add("b.yaml", "x: 2\n");
  Report report;
  report.add(103, find(sources, b, "x"), "duplicate key 'x'").labels.push_back({find(sources, a, "x"), "first here"});
  report.add(108, find(sources, a, "1"), "odd");
  report.finish(sources);
  CHECK(render(report, sources, Format::full, false) ==
        "a.yaml:1:4: warning[AGW108]: odd\n"
        "  1 | x: 1\n"
        "    |    ^\n"
        "b.yaml:1:1: error[AGW103]: duplicate key 'x'\n"
        "  1 | x: 2\n"
        "    | ^\n"
        " in a.yaml:\n"
        "  1 | x: 1\n"
        "    | - first here\n"
        "\n"
        "1 error, 1 warning in 2 files\n");
}

TEST_CASE("a long line is shown as a window around its label") {
  const auto text = snippet("a: " + std::string(400, 'y') + "x" + std::string(400, 'z') + "\n", "x");
  const auto first = text.substr(0, text.find('\n'));
  const auto second = text.substr(first.size() + 1);
  CHECK(first.size() < 130);
  CHECK(first.find("…") != std::string::npos);
  // "…" is three bytes and one column.
  CHECK(first.find('x') - 2 == second.find('^'));
}

TEST_CASE("a line of ten megabytes costs no more than its window") {
  const std::string half(5u << 20, 'y');
  const auto all = one(half + "x" + half, "x");
  CHECK(all.size() < 1'000);
  CHECK(all.starts_with("a.yaml:1:5242881: "));
  const auto first = all.substr(all.find('\n') + 1);
  const auto second = first.substr(first.find('\n') + 1);
  CHECK(first.find('x') - 2 == second.find('^'));
  CHECK(one(half + "x" + half + "z", "x", "z").size() < 1'000);
}

TEST_CASE("concise is one line a finding") {
  const Shown shown;
  CHECK(render(shown.report, shown.sources, Format::concise, true) ==
        "apigw.yaml:6:9: error[AGW101]: route 'chat' sends to unknown provider 'opnai'\n");
}

TEST_CASE("a finding without a place and an empty report can be rendered") {
  const Sources sources;
  Report report;
  CHECK(render(report, sources, Format::full, false).empty());
  CHECK(render(report, sources, Format::concise, false).empty());
  report.add(114, Span{}, "the file\nis\x1b[1m large");
  CHECK(render(report, sources, Format::full, false) == "error[AGW114]: the file\\nis␛[1m large\n\n1 error\n");
  CHECK(render(report, sources, Format::json, false).find("\"place\": null") != std::string::npos);
  CHECK(render(report, sources, Format::sarif, false).find("\"locations\"") == std::string::npos);
}

TEST_CASE("the parts of one edit are one fix of SARIF") {
  Sources sources;
  const auto id = sources.add("a.yaml", "\ta\n\tb\n");
  Report report;
  auto& d = report.add(102, {id, 0, 1}, "tabs");
  d.fixes = {{{id, 0, 1}, "  "}, {{id, 3, 4}, "  "}};
  const std::string sarif = render(report, sources, Format::sarif, false);
  CHECK(sarif.find("artifactChanges") == sarif.rfind("artifactChanges"));
  CHECK(sarif.find("deletedRegion") != sarif.rfind("deletedRegion"));
}

TEST_CASE("github, gitlab and junit say each finding in the words of their readers") {
  Shown shown;
  const auto other = shown.sources.add("./dir/100%,a.yaml", "x\ny\n");
  shown.report.add(335, {other, 0, 4}, "over two lines & <more>");
  shown.report.add(335, {other, 2, 3}, "over two lines & <more>");
  shown.report.add(114, Span{}, "no place\nat all");
  for (const auto& [format, name] :
       {std::pair{Format::github, "github"}, {Format::gitlab, "gitlab.json"}, {Format::junit, "junit.xml"}}) {
    CAPTURE(name);
    golden::check(std::string("golden/diag/shown.") + name, render(shown.report, shown.sources, format, false));
  }
}

TEST_CASE("a clean run is an empty list for github and gitlab, and a passed test for junit") {
  Sources sources;
  sources.add("apigw.yaml", "apigw: 1\n");
  const Report report;
  CHECK(render(report, sources, Format::github, false).empty());
  CHECK(render(report, sources, Format::gitlab, false) == "[]\n");
  CHECK(render(report, sources, Format::junit, false) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"apigw validate\" tests=\"1\" failures=\"0\" errors=\"0\">\n"
        "  <testsuite name=\"apigw.yaml\" tests=\"1\" failures=\"0\" errors=\"0\">\n"
        "    <testcase classname=\"apigw.yaml\" name=\"no findings\"/>\n"
        "  </testsuite>\n</testsuites>\n");
}

TEST_CASE("a fingerprint follows its finding to another line") {
  const auto fingerprint = [](std::string text, std::uint32_t at) {
    Sources sources;
    const auto id = sources.add("a.yaml", std::move(text));
    Report report;
    report.add(335, {id, at, at + 1}, "same");
    const std::string out = render(report, sources, Format::gitlab, false);
    return out.substr(out.find("fingerprint"), 50);
  };
  CHECK(fingerprint("x\n", 0) == fingerprint("\n\nx\n", 2));
}

TEST_CASE("json and sarif are the documents that their goldens say") {
  const Shown shown;
  golden::check("golden/diag/shown.json", render(shown.report, shown.sources, Format::json, false));
  golden::check("golden/diag/shown.sarif", render(shown.report, shown.sources, Format::sarif, false));
}
