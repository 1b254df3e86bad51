// Texts of several documents, parted where YAML parts them.
#include <doctest/doctest.h>

#include "support/yaml_dump.h"
#include "yaml/tree.h"

using namespace apigw;

namespace {

struct Parsed {
  diag::Sources sources;
  diag::Report report;
  std::vector<yaml::Document> documents;

  explicit Parsed(std::string text) {
    const auto id = sources.add("a.yaml", std::move(text));
    documents = yaml::parse_documents(id, sources, report);
  }
  // What each document's value reads in the text; "!" for one without a tree.
  [[nodiscard]] std::vector<std::string> values() const {
    std::vector<std::string> out;
    for (const yaml::Document& document : documents) {
      const Span at = document.tree ? document.tree->root().span : Span{};
      out.emplace_back(document.tree ? sources.text(SourceId{0}).substr(at.begin, at.end - at.begin) : "!");
    }
    return out;
  }
};
using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("documents are parted by their marks, and each value stands where it stands") {
  struct Row {
    std::string name, text;
    Values values;
  };
  const Row rows[] = {
      {"nothing", "", {}},
      {"comments", "# a\n\n# b", {}},
      {"one", "a: 1\n", {"a: 1"}},
      {"one, marked", "---\na: 1\n...\n", {"a: 1"}},
      {"two", "a: 1\n---\nb: 2\n", {"a: 1", "b: 2"}},
      {"two without an end of line", "a: 1\n---\nb", {"a: 1", "b"}},
      {"CRLF", "a: 1\r\n---\r\nb: 2\r\n", {"a: 1", "b: 2"}},
      {"a value behind the mark", "--- {a: 1}\n--- [b]\n", {"{a: 1}", "[b]"}},
      {"a comment behind the mark", "--- # first\na: 1\n", {"a: 1"}},
      {"directives", "%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n", {"a: 1", "b: 2"}},
      {"empty ones between", "---\n---\na: 1\n---\n# none\n---\n...\n...\n", {"a: 1"}},
      {"a mark that is none", "a: |\n  ---\n  x\nb: ---x\n", {"a: |\n  ---\n  x\nb: ---x"}},
      {"a mark in a block", "a: |\n  x\n---\nb: 2\n", {"a: |\n  x", "b: 2"}},
      {"a broken one first", "a: [1\n---\nb: 2\n", {"!", "b: 2"}},
      {"a broken one last", "a: 1\n---\nb: 'x\n", {"a: 1", "!"}},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a: 1\n---\nb: 2\n",
       {"a: 1", "b: 2"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Parsed parsed(row.text);
    CHECK(parsed.values() == row.values);
    for (const yaml::Document& document : parsed.documents)
      if (document.tree) CHECK(yaml_dump::stray(document.tree->root(), row.text.size()) == nullptr);
  }
}

TEST_CASE("findings stand in the document that they are of") {
  const Parsed parsed("a: 1\n---\nb: 2\nb: 3\n---\nc: *nobody\n");
  REQUIRE(parsed.report.all().size() == 2);
  CHECK(parsed.report.all()[0].code == 103);
  CHECK(parsed.sources.position(SourceId{0}, parsed.report.all()[0].where().begin).line == 4);
  CHECK(parsed.report.all()[1].code == 107);
  CHECK(parsed.sources.position(SourceId{0}, parsed.report.all()[1].where().begin).line == 6);
}

TEST_CASE("an anchor ends with its document, and a text that is none is told once") {
  CHECK(Parsed("a: &x 1\n---\nb: *x\n").report.all().size() == 1);
  const Parsed none("a: 1\n---\n\x01\n");
  CHECK(none.documents.empty());
  CHECK(none.report.all().size() == 1);
}
