// Reads a `.env` file: NAME=VALUE lines, `export` before them, comments, single and double quotes.
//
// Nothing is expanded or executed: a `$` is a dollar sign. Between double quotes \n \t \" \\ and \$ are escapes and
// line ends may stand; between single quotes all is literal. Values are secrets: what goes wrong is told by line
// number only.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::run {

struct DotEnv {
  std::vector<std::pair<std::string, std::string>> values;  // in order; the last of equal names counts
  std::vector<std::size_t> bad_lines;                       // from 1
};

[[nodiscard]] DotEnv parse_dotenv(std::string_view text);
// NAME=VALUE and a line feed, quoted where the value needs it: parse_dotenv reads back exactly `value`.
[[nodiscard]] std::string dotenv_line(std::string_view name, std::string_view value);

}  // namespace apigw::run
