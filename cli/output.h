// Results on their way out: one value, written as a person, a pipe or a program wants it, to stdout or a file.
//
// A table is an array of flat objects, a document one object; both leave as `{"apigw": 1, "kind": …}` in json, jsonl
// and yaml, so that a reader can tell what it holds and a later version can add members. Which form is the default
// depends on what stdout is; `-o FORMAT[=FILE]` says otherwise, and may repeat as long as one stdout is enough.
#pragma once
#include <array>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "command.h"

namespace apigw::cli {

struct Destination {
  std::string format;  // one of the words allowed; empty: the command's default
  std::string file;    // empty: stdout
};

// What -o asks for, each word one of `formats`; one default Destination when there is no -o.
[[nodiscard]] std::expected<std::vector<Destination>, Complaint> destinations(
    const Globals& globals, std::span<const std::string_view> formats);
inline constexpr auto table_formats =
    std::to_array<std::string_view>({"table", "tsv", "csv", "json", "jsonl", "yaml"});
inline constexpr auto document_formats = std::to_array<std::string_view>({"text", "json", "jsonl", "yaml"});

[[nodiscard]] Exit deliver(Env& env, const Destination& destination, std::string_view text);

struct Column {
  std::string_view key;  // member of a row
  std::string_view title;
};
struct Table {
  std::string_view kind;  // "models"
  std::vector<Column> columns;
};

// In table_formats. A cell is text, number, boolean or a list of texts.
[[nodiscard]] Exit write_table(Env& env, const Globals& globals, const Table& table,
                               const nlohmann::ordered_json& rows);

// Whose words a document's text is: a model's are shown on a terminal as text::on_screen shows them.
enum class Words { own, of_model };

// In document_formats. `text` writes the form for people, with colour when told so.
[[nodiscard]] Exit write_document(Env& env, const Globals& globals, std::string_view kind,
                                  const nlohmann::ordered_json& body,
                                  const std::function<std::string(bool color)>& text, Words words = Words::own);

}  // namespace apigw::cli
