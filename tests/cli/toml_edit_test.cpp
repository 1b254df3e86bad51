#include "toml_edit.h"

#include <doctest/doctest.h>

using namespace apigw::cli;

namespace {

const TomlSettings root{{"model", "chat"}, {"model_provider", "apigw"}};
const TomlSettings table{{"name", "apigw"}, {"key", "a\"b\\c"}};

}  // namespace

TEST_CASE("keys at the top are replaced where they are, and missing ones come in front") {
  struct Row {
    std::string_view name, before, after;
  };
  for (const Row& row : {
           Row{"empty", "", "model = \"chat\"\nmodel_provider = \"apigw\"\n"},
           {"one there", "# mine\nmodel = 'x' # old\nother = 1\n[a]\nmodel = 2\n",
            "model_provider = \"apigw\"\n# mine\nmodel = \"chat\" # old\nother = 1\n[a]\nmodel = 2\n"},
           {"a longer name is another key", "model_x = 1\n",
            "model = \"chat\"\nmodel_provider = \"apigw\"\nmodel_x = 1\n"},
           {"a line of a long string is no key", "text = \"\"\"\nmodel = 1\n[a]\n\"\"\"\nmodel = 2\n",
            "model_provider = \"apigw\"\ntext = \"\"\"\nmodel = 1\n[a]\n\"\"\"\nmodel = \"chat\"\n"},
           {"a value over several lines, with brackets and marks that are none",
            "model = [ # a ]\n  'b]', \"c'''\", # ]\n]  # e\nx = { a.b = [1979-05-27 07:32:00], \"]\" = '#' }\n",
            "model_provider = \"apigw\"\nmodel = \"chat\"  # e\nx = { a.b = [1979-05-27 07:32:00], \"]\" = '#' }\n"},
           {"lines that end as on Windows", "a = \"\"\"x\"\"\"\"\r\nmodel = 'x'\r\n",
            "model_provider = \"apigw\"\na = \"\"\"x\"\"\"\"\r\nmodel = \"chat\"\r\n"},
       }) {
    CAPTURE(row.name);
    CHECK(with_toml_root(row.before, root) == row.after);
    CHECK(with_toml_root(row.after, root) == row.after);
  }
}

TEST_CASE("a table is added at the end, or its keys are set where it is and others stay") {
  const std::string lines = "name = \"apigw\"\nkey = \"a\\\"b\\\\c\"\n", wanted = "[p.apigw]\n" + lines;
  struct Row {
    std::string_view name;
    std::string before, after;
  };
  for (const Row& row : {
           Row{"empty", "", wanted},
           {"added", "a = 1\n", "a = 1\n\n" + wanted},
           {"no line end", "a = 1", "a = 1\n\n" + wanted},
           {"there, at the end", "a = 1\n[p.apigw] # x\nold = 1 # y", "a = 1\n[p.apigw] # x\nold = 1 # y\n" + lines},
           {"there, in between", "[ p . \"apigw\" ]\nkey = 1 # k\nmine = '''\n[b]\n''' # m\n\n[b]\nname = 1\n",
            "[ p . \"apigw\" ]\nkey = \"a\\\"b\\\\c\" # k\nmine = '''\n[b]\n''' # m\nname = \"apigw\"\n\n[b]\nname = "
            "1\n"},
           {"there, without a key", "[p.apigw]\n[p.apigw.more]\nname = 1\n", wanted + "[p.apigw.more]\nname = 1\n"},
           {"another table whose name begins the same", "[p.apigw.more]\nc = 1\n",
            "[p.apigw.more]\nc = 1\n\n" + wanted},
       }) {
    CAPTURE(row.name);
    CHECK(with_toml_table(row.before, "p.apigw", table) == row.after);
    CHECK(with_toml_table(row.after, "p.apigw", table) == row.after);
  }
}

TEST_CASE("what is no TOML is refused with its line, and so is a table that is said in another way") {
  for (const char* text :
       {"\nmodel chat\n", "\na = \n", "\na = chat\n", "\n[a\n", "\na = 1 2\n", "\na = \"x\n", "\na = 'x' y\n",
        "\na = { b = 1\n", "\n= 1\n", "\n[a]]\n", "\na = [1 2]\n", "\na = \"x\\"}) {
    CAPTURE(text);
    const auto refused = with_toml_root(text, root);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what == "it is no TOML in line 2");
    CHECK_FALSE(with_toml_table(text, "p.apigw", table));
  }
  CHECK_FALSE(with_toml_root("a = '''\n", root));
  CHECK_FALSE(with_toml_root("a = \"\"\"\\", root));
  CHECK_FALSE(with_toml_root("a = [1,\n", root));
  CHECK_FALSE(with_toml_root("a = " + std::string(100'000, '['), root));
  for (const char* text : {"p = { apigw = { name = 'x' } }\n", "p.apigw.name = 'x'\n",
                           "[p]\napigw = { name = 'x' }\n", "[p.apigw]\n[p.apigw]\n", "[[p]]\nx = 1\n"}) {
    CAPTURE(text);
    CHECK_FALSE(with_toml_table(text, "p.apigw", table));
  }
}
