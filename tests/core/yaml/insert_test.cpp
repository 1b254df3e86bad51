#include "yaml/insert.h"

#include <doctest/doctest.h>

#include "yaml/tree.h"

using namespace apigw;

namespace {

struct Row {
  std::string_view name, before, after;
};

constexpr Row rows[] = {
    {"a block mapping, behind its last entry", "apigw: 1\nproviders:\n  openai: {}  # ours\n\n  # more\nmodels: {}\n",
     "apigw: 1\nproviders:\n  openai: {}  # ours\n  groq: { key: env:G }\n\n  # more\nmodels: {}\n"},
    {"the indentation of the neighbours", "providers:\n      openai:\n          key: env:A\nmodels: {}\n",
     "providers:\n      openai:\n          key: env:A\n      groq: { key: env:G }\nmodels: {}\n"},
    {"an entry without a value", "providers:\n  openai:\nmodels: {}\n",
     "providers:\n  openai:\n  groq: { key: env:G }\nmodels: {}\n"},
    {"no line end at the end", "providers:\n  openai: {}", "providers:\n  openai: {}\n  groq: { key: env:G }\n"},
    {"windows line ends", "apigw: 1\r\nproviders:\r\n  openai: {}\r\n",
     "apigw: 1\r\nproviders:\r\n  openai: {}\r\n  groq: { key: env:G }\r\n"},
    {"a flow mapping", "providers: { openai: {} }  # all\n",
     "providers: { openai: {}, groq: { key: env:G } }  # all\n"},
    {"a flow mapping over lines", "providers: {\n  openai: {}, # one\n  a: b # two\n}\n",
     "providers: {\n  openai: {}, # one\n  a: b, groq: { key: env:G } # two\n}\n"},
    {"an empty flow mapping", "providers: {}\n", "providers: { groq: { key: env:G } }\n"},
    {"an empty flow mapping with a blank", "providers: { }\n", "providers: { groq: { key: env:G } }\n"},
    {"a section without a value", "providers:   # none yet\nmodels: {}\n",
     "providers:   # none yet\n  groq: { key: env:G }\nmodels: {}\n"},
    {"a missing section", "apigw: 1\nmodels: {}\n", "apigw: 1\nmodels: {}\n\nproviders:\n  groq: { key: env:G }\n"},
    {"a missing section before the document's end", "apigw: 1\n... # all\n",
     "apigw: 1\n\nproviders:\n  groq: { key: env:G }\n... # all\n"},
    {"an end of a document that is none", "apigw: 1\na: ...b\n....: c\n",
     "apigw: 1\na: ...b\n....: c\n\nproviders:\n  groq: { key: env:G }\n"},
    {"nothing but the document's end", "...\n", "providers:\n  groq: { key: env:G }\n...\n"},
    {"a missing section of a flow document", "{ apigw: 1 }\n", "{ apigw: 1, providers: { groq: { key: env:G } } }\n"},
    {"an empty text", "", "providers:\n  groq: { key: env:G }\n"},
    {"only a comment", "# ours\n", "# ours\n\nproviders:\n  groq: { key: env:G }\n"},
    {"blank lines that a text keeps", "providers:\n  a:\n    key: |+\n      x\n\n \n# b\nmodels: {}\n",
     "providers:\n  a:\n    key: |+\n      x\n\n \n  groq: { key: env:G }\n# b\nmodels: {}\n"},
    {"kept blank lines at the end", "providers:\n  a: >2+\n    x\n\n\n",
     "providers:\n  a: >2+\n    x\n\n\n  groq: { key: env:G }\n"},
    {"kept blank lines in a list", "providers:\n  a:\n    - |+\r\n      x\r\n\r\n",
     "providers:\n  a:\n    - |+\r\n      x\r\n\r\n  groq: { key: env:G }\r\n"},
    {"kept blank lines before a missing section", "x: |+\n  y\n\n",
     "x: |+\n  y\n\nproviders:\n  groq: { key: env:G }\n"},
    {"blank lines that a text does not keep", "providers:\n  a: |\n    x\n\n\n",
     "providers:\n  a: |\n    x\n  groq: { key: env:G }\n\n\n"},
    {"it is there", "providers: { groq: {} }\n", "providers: { groq: {} }\n"},
};

Result<std::string> with_entry(std::string_view text, std::string_view section, const yaml::NewEntry& entry) {
  auto document = yaml::OpenDocument::read(std::string(text));
  if (!document) return std::unexpected(document.error());
  if (const auto added = document->add(section, entry); !added) {
    CHECK(document->text() == text);
    return std::unexpected(added.error());
  }
  return document->text();
}

constexpr yaml::NewEntry groq{.key = "groq", .block = "groq", .flow = "groq", .value = "{ key: env:G }"};

}  // namespace

TEST_CASE("an entry is added beside its neighbours and nothing else changes") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto after = with_entry(row.before, "providers", groq);
    REQUIRE(after);
    CHECK(*after == row.after);
    CHECK(with_entry(*after, "providers", groq) == *after);
    diag::Sources sources;
    diag::Report report;
    const auto tree = yaml::parse(sources.add("", *after), sources, report);
    REQUIRE(tree);
    CHECK(!report.has_errors());
    diag::Sources old;
    const auto before = yaml::parse(old.add("", std::string(row.before)), old, report);
    REQUIRE(before);
    for (const yaml::Entry& entry : before->root().entries)
      for (const yaml::Entry& inner : entry.value->entries)
        if (inner.value->kind == yaml::Kind::scalar)
          CHECK(tree->root().find(entry.key->value)->find(inner.key->value)->value == inner.value->value);
    CHECK(tree->root().find("providers")->find("groq") != nullptr);
  }
}

TEST_CASE("what cannot take an entry is an error and no text") {
  for (const auto& [name, text] : {std::pair{"broken YAML", "providers: ["},
                                   {"a list", "providers: [a]\n"},
                                   {"a word", "providers: none\n"},
                                   {"a document that is a list", "- a\n"},
                                   {"an alias", "a: &p { x: 1 }\nproviders: *p\n"}}) {
    CAPTURE(name);
    CHECK(!with_entry(text, "providers", groq));
  }
}

TEST_CASE("a key is written as its place wants it, and a comment only where it has room") {
  const yaml::NewEntry route{.key = "GET,POST /a/{id}",
                             .block = "GET,POST /a/{id}",
                             .flow = "\"GET,POST /a/{id}\"",
                             .value = "b",
                             .comment = "# new"};
  CHECK(with_entry("routes:\n  /x: y\n", "routes", route) == "routes:\n  /x: y\n  GET,POST /a/{id}: b  # new\n");
  CHECK(with_entry("routes: { /x: y }\n", "routes", route) == "routes: { /x: y, \"GET,POST /a/{id}\": b }\n");
  CHECK(with_entry("{ apigw: 1 }\n", "routes", route) == "{ apigw: 1, routes: { \"GET,POST /a/{id}\": b } }\n");
}

TEST_CASE("an entry that would be read as more than itself is an error") {
  for (const char* value : {"{ url: x }\n  evil: { run: x } # }", "{ url: x }\nadmin: {} # }", "{ url: x }, evil: {}",
                            "{ url: x", "a: b"}) {
    CAPTURE(value);
    const yaml::NewEntry hostile{.key = "groq", .block = "groq", .flow = "groq", .value = value};
    CHECK(!with_entry("providers:\n  openai: {}\n", "providers", hostile));
    CHECK(!with_entry("providers: { openai: {} }\n", "providers", hostile));
  }
  const yaml::NewEntry hostile{.key = "groq", .block = "groq: {}\n  evil", .flow = "groq: {}, evil", .value = "{}"};
  CHECK(!with_entry("providers:\n  openai: {}\n", "providers", hostile));
  CHECK(!with_entry("providers: { openai: {} }\n", "providers", hostile));
}

TEST_CASE("an entry that would change another value is an error") {
  for (const auto& [name, text] : {std::pair{"an end of line that a text has not", "providers:\n  a: |+\n    x"},
                                   {"blanks behind a text's last line", "providers:\n  a: |+\n    x\n   "},
                                   {"an alias of the section", "providers: &p\n  a: 1\nx: *p\n"}}) {
    CAPTURE(name);
    CHECK(!with_entry(text, "providers", groq));
  }
}

TEST_CASE("a document takes one entry after the other, and goes on after one that it refused") {
  auto document = yaml::OpenDocument::read("apigw: 1\n# ours\n");
  REQUIRE(document);
  CHECK(document->add("providers", groq));
  const yaml::NewEntry hostile{.key = "x", .block = "x", .flow = "x", .value = "{ url: x }\n  evil: {}"};
  CHECK(!document->add("providers", hostile));
  CHECK(document->add("providers", {.key = "local", .block = "local", .flow = "local", .value = "{}"}));
  CHECK(document->add("routes", {.key = "/a", .block = "/a", .flow = "/a", .value = "groq", .comment = "# new"}));
  CHECK(document->text() ==
        "apigw: 1\n# ours\n\nproviders:\n  groq: { key: env:G }\n  local: {}\n\nroutes:\n  /a: groq  # new\n");
}
