#include "render/yaml_writer.h"

#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "yaml/tree.h"

using namespace apigw;
using render::Value;

namespace {

Value leaf(Value::Kind kind, std::string text) {
  return {kind, std::move(text), {}, {}};
}

// The tree as the config's own reader sees the text; a scalar that is plain keeps its word.
std::string reread(const std::string& text, const std::function<void(const yaml::Node&)>& look) {
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("x.yaml", text), sources, report);
  if (!tree || report.has_errors()) return diag::render(report, sources, diag::Format::concise, false) + text;
  look(tree->root());
  return {};
}

// What YAML 1.1, which many tools still read, takes a plain scalar for, other than a text. Its own list of words and
// forms (yaml.org/type): bool, int with 0x, 0b, octal, underscores and sexagesimals, float, null, merge, value, date.
bool misread(std::string_view s) {
  static constexpr std::string_view words[] = {"y",     "n",    "yes", "no", "on", "off", "true",
                                               "false", "null", "~",   "",   "<<", "="};
  for (const std::string_view word : words)
    if (text::iequals(word, s)) return true;
  return s.find_first_of("0123456789.+-") == 0;
}

bool same(const Value& value, const yaml::Node& node) {
  switch (value.kind) {
    case Value::Kind::none:
    case Value::Kind::boolean:
    case Value::Kind::number:
      return (node.is_null() && value.kind == Value::Kind::none) ||
             (node.style == yaml::Style::plain && node.value == value.text);
    case Value::Kind::text:
      return node.kind == yaml::Kind::scalar && node.value == value.text &&
             (node.style != yaml::Style::plain || !misread(node.value));
    case Value::Kind::list:
      return node.kind == yaml::Kind::sequence && node.items.size() == value.items.size() &&
             std::ranges::equal(value.items, node.items,
                                [](const Value& a, const yaml::Node* b) { return same(a, *b); });
    case Value::Kind::object:
      return node.kind == yaml::Kind::mapping && node.entries.size() == value.members.size() &&
             std::ranges::equal(value.members, node.entries, [](const render::Member& a, const yaml::Entry& b) {
               return b.key->value == a.name && (b.key->style != yaml::Style::plain || !misread(a.name)) &&
                      same(a.value, *b.value);
             });
  }
  return false;
}

const char* const hostile[] = {"",
                               " ",
                               "a",
                               "yes",
                               "No",
                               "ON",
                               "off",
                               "y",
                               "N",
                               "true",
                               "FALSE",
                               "null",
                               "~",
                               "Null",
                               "0",
                               "-1",
                               "+1",
                               "1_000",
                               "0x1F",
                               "0o17",
                               "017",
                               "0b1",
                               "1e3",
                               "1.5",
                               ".5",
                               "-.inf",
                               ".NaN",
                               "12:30:45",
                               "2026-11-29",
                               "2026-11-29T10:00:00Z",
                               "=",
                               "<<",
                               "a: b",
                               "a:",
                               ":a",
                               "a:b",
                               "http://x:1/y",
                               "- a",
                               "-",
                               "--",
                               "---",
                               "...",
                               "? a",
                               "#",
                               "# a",
                               "a # b",
                               "a#b",
                               " a",
                               "a ",
                               "a  b",
                               "\ta",
                               "a\tb",
                               "[a]",
                               "{a}",
                               "a, b",
                               "&a",
                               "*a",
                               "!a",
                               "|",
                               ">",
                               "%a",
                               "@a",
                               "`a`",
                               "'",
                               "\"",
                               "'a'",
                               "\"a\"",
                               "a'b",
                               "\\",
                               "\\n",
                               "a\\",
                               "line\n",
                               "line\nline",
                               "line\nline\n",
                               "line\n\nline\n",
                               "line\n\n",
                               "\nline",
                               "\n",
                               " indented\nline\n",
                               "line\n indented\n",
                               "line \nline\n",
                               "line\n \nline",
                               "line\n\tline\n",
                               "a\rb",
                               "a\r\nb\r\n",
                               "# comment\nkey: value\n",
                               "---\na: b\n---\nc\n",
                               "a\n#b\n",
                               "\x01",
                               "\x7f",
                               "\xc2\x85",
                               "\xc2\xa0",
                               "\u00e9t\u00e9",
                               "\u2028",
                               "a\u2029b\nc\n",
                               "\ufeff",
                               "\ufeffa\nb\n",
                               "\U0001F600",
                               "\ufffd\n\ufffd\n",
                               "${HOME}",
                               "{{text}}",
                               "key: |\n  block\n",
                               "a\nb: c\n",
                               "%YAML 1.2\n---\n",
                               "x\n...\ny\n"};

}  // namespace

TEST_CASE("what is written is read back as the same tree, whatever the texts hold") {
  for (const char* raw : hostile) {
    const std::string text = raw;
    CAPTURE(text::printable(text));
    const Value tree{Value::Kind::object,
                     {},
                     {},
                     {{"value", render::text_value(text)},
                      {text.substr(0, 100), leaf(Value::Kind::number, "-1.5e3")},
                      {"list",
                       {Value::Kind::list,
                        {},
                        {render::text_value(text), {Value::Kind::list, {}, {render::text_value(text)}, {}}},
                        {}}},
                      {"deep",
                       {Value::Kind::object,
                        {},
                        {},
                        {{"a",
                          {Value::Kind::list,
                           {},
                           {{Value::Kind::object,
                             {},
                             {},
                             {{"x", render::text_value(text)}, {"b", leaf(Value::Kind::boolean, "true")}}}},
                           {}}}}}},
                      {"nothing", leaf(Value::Kind::none, "")},
                      {"empty", leaf(Value::Kind::object, "")},
                      {"none", leaf(Value::Kind::list, "")},
                      {"last", render::text_value("end")}}};
    const std::string written = render::write_yaml(tree);
    CHECK(reread(written, [&](const yaml::Node& root) { CHECK_MESSAGE(same(tree, root), written); }) == "");
    const Value alone = render::text_value(text);
    CHECK(reread(render::write_yaml(alone), [&](const yaml::Node& root) { CHECK(same(alone, root)); }) == "");
    const auto json = render::read_value(render::write_pretty_json(tree));
    REQUIRE(json.has_value());
    CHECK(render::write_yaml(*json) == written);
  }
}

TEST_CASE("random texts of YAML's own characters are read back") {
  std::mt19937 random(7);
  const std::string_view alphabet[] = {"a",  "b",  "1",  "0",  ":", " ", "\n",     "#", "-", "'",
                                       "\"", "\\", "[",  "}",  ",", "&", "*",      "!", "|", ">",
                                       "%",  "?",  "\t", "\r", ".", "/", "\u00e9", "~", "_"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += alphabet[random() % std::size(alphabet)];
    const Value tree{Value::Kind::object,
                     {},
                     {},
                     {{"k", render::text_value(text)},
                      {"l", {Value::Kind::list, {}, {render::text_value(text)}, {}}},
                      {"z", render::text_value("z")}}};
    const std::string written = render::write_yaml(tree);
    bool good = false;
    const std::string fault = reread(written, [&](const yaml::Node& root) { good = same(tree, root); });
    if (!good) FAIL_CHECK(text::printable(text), "\n", written, fault);
  }
}

TEST_CASE("a line is read back whole, inside of braces, too, and a key is one key") {
  std::mt19937 random(11);
  const std::string_view alphabet[] = {"a", "/", " ", ":", "#", "-", "'", "\"", "\\", "[",  "]", "{",      "}",
                                       ",", "&", "*", "!", "|", "%", "?", "\t", "\r", "\n", "$", "\u00e9", "1"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = random() % 10; n > 0; --n) text += alphabet[random() % std::size(alphabet)];
    const Value line{Value::Kind::object,
                     {},
                     {},
                     {{text, render::text_value(text)},
                      {"z", {Value::Kind::list, {}, {render::text_value(text), render::text_value("z")}, {}}}}};
    const std::string written = render::write_yaml_line(line);
    const std::string key = render::write_yaml_key(text);
    bool good = false;
    const std::string fault =
        reread("f: { in: " + written + ", z: 1 }\n" + key + ": " + written + "\n", [&](const yaml::Node& root) {
          const yaml::Node* const flow = root.find("f");
          good = flow->entries.size() == 2 && same(line, *flow->find("in")) && root.entries.size() == 2 &&
                 root.entries[1].key->value == text && same(line, *root.entries[1].value);
        });
    if (!good) FAIL_CHECK(text::printable(text), "\n", written, "\n", key, fault);
  }
  CHECK(
      render::write_yaml_line(*render::read_value(R"({"a":"30s","b":["8MiB","x*"],"c":{},"d":[],"e":7,"f":"*"})")) ==
      R"({ a: 30s, b: [8MiB, x*], c: {}, d: [], e: 7, f: "*" })");
  for (const char* plain : {"GET,POST /orders/{id}", "/stock/**", "orders"})
    CHECK(render::write_yaml_key(plain) == plain);
  for (const char* odd : {"GET /it's", "{a}", "/a: b", "", "yes", "7"})
    CHECK(render::write_yaml_key(odd) == json::quote(odd));
}

TEST_CASE("the form is that of kubectl: two spaces, dashes under their key, blocks for lines") {
  const Value tree = *render::read_value(
      R"({"a":{"b":[1,"two",{"c":true,"d":[]}],"e":{}},"text":"one\ntwo\n","cut":"one\ntwo","yes":"no","port":"8080","image":"r.example:5000/a:1","none":null})");
  CHECK(render::write_yaml(tree) ==
        "a:\n  b:\n  - 1\n  - two\n  - c: true\n    d: []\n  e: {}\ntext: |\n  one\n  two\ncut: |-\n  one\n  two\n"
        "\"yes\": \"no\"\nport: \"8080\"\nimage: r.example:5000/a:1\nnone: null\n");
  CHECK(render::write_pretty_json(*render::read_value(R"({"a":[1,{"b":"c"}],"d":{}})")) ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"c\"\n    }\n  ],\n  \"d\": {}\n}\n");
}
