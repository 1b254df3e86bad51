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
            "model_provider = \"apigw\"\n# mine\nmodel = \"chat\"\nother = 1\n[a]\nmodel = 2\n"},
           {"a longer name is another key", "model_x = 1\n",
            "model = \"chat\"\nmodel_provider = \"apigw\"\nmodel_x = 1\n"},
           {"a line of a long string is no key", "text = \"\"\"\nmodel = 1\n[a]\n\"\"\"\nmodel = 2\n",
            "model_provider = \"apigw\"\ntext = \"\"\"\nmodel = 1\n[a]\n\"\"\"\nmodel = \"chat\"\n"},
       }) {
    CAPTURE(row.name);
    CHECK(with_toml_root(row.before, root) == row.after);
    CHECK(with_toml_root(row.after, root) == row.after);
  }
}

TEST_CASE("a table is added at the end, or replaced whole where it is") {
  const std::string wanted = "[p.apigw]\nname = \"apigw\"\nkey = \"a\\\"b\\\\c\"\n";
  struct Row {
    std::string_view name;
    std::string before, after;
  };
  for (const Row& row : {
           Row{"empty", "", wanted},
           {"added", "a = 1\n", "a = 1\n\n" + wanted},
           {"no line end", "a = 1", "a = 1\n\n" + wanted},
           {"replaced at the end", "a = 1\n[p.apigw] # x\nold = 1\n", "a = 1\n" + wanted},
           {"replaced between", "[p.apigw]\nold = 1\n\n[b]\nc = 1\n", wanted + "\n[b]\nc = 1\n"},
           {"another table whose name begins the same", "[p.apigw.more]\nc = 1\n",
            "[p.apigw.more]\nc = 1\n\n" + wanted},
       }) {
    CAPTURE(row.name);
    CHECK(with_toml_table(row.before, "p.apigw", table) == row.after);
    CHECK(with_toml_table(row.after, "p.apigw", table) == row.after);
  }
}
