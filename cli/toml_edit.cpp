#include "toml_edit.h"

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

std::string toml_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\u{:04x}", c) : std::string(1, c);
  }
  return out + "\"";
}

struct Line {
  std::string_view text;  // with its end
  bool inside = false;    // of a string that began on an earlier line
};

// Whether an odd number of `mark`s stands on the line: then a long string begins or ends on it.
bool toggles(std::string_view line, std::string_view mark) {
  bool odd = false;
  for (std::size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + mark.size()))
    odd = !odd;
  return odd;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::string_view open;  // the mark of the string that goes on
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    lines.push_back({line, !open.empty()});
    for (const std::string_view mark : {"\"\"\"", "'''"})
      if ((open.empty() || open == mark) && toggles(line, mark)) {
        open = open.empty() ? mark : std::string_view{};
        break;
      }
    text.remove_prefix(end);
  }
  return lines;
}

bool is_header(const Line& line) {
  return !line.inside && text::trim(line.text).starts_with('[');
}

bool is_header_of(const Line& line, std::string_view name) {
  return is_header(line) && text::trim(line.text).starts_with(fmt::format("[{}]", name));
}

bool sets(const Line& line, std::string_view key) {
  const std::string_view text = text::trim(line.text);
  return !line.inside && text.starts_with(key) && text::trim(text.substr(key.size())).starts_with('=');
}

}  // namespace

std::string toml_lines(const TomlSettings& settings) {
  std::string out;
  for (const auto& [key, value] : settings) out += fmt::format("{} = {}\n", key, toml_string(value));
  return out;
}

std::string with_toml_root(std::string_view text, const TomlSettings& settings) {
  std::string out;
  TomlSettings missing = settings;
  bool root = true;
  for (const Line& line : lines_of(text)) {
    root = root && !is_header(line);
    const auto found = std::ranges::find_if(missing, [&](const auto& s) { return root && sets(line, s.first); });
    if (found == missing.end()) {
      out += line.text;
    } else {
      out += toml_lines({*found});
      missing.erase(found);
    }
  }
  return toml_lines(missing) + out;
}

std::string with_toml_table(std::string_view text, std::string_view name, const TomlSettings& settings) {
  const std::string table = fmt::format("[{}]\n{}", name, toml_lines(settings));
  std::string out;
  bool skipping = false, written = false;
  for (const Line& line : lines_of(text)) {
    if (is_header(line)) {
      if (skipping) out += '\n';
      skipping = !written && is_header_of(line, name);
      if (skipping) out += table;
      written = written || skipping;
    }
    if (!skipping) out += line.text;
  }
  if (written) return out;
  const std::string gap = out.empty() ? "" : out.ends_with('\n') ? "\n" : "\n\n";
  return out + gap + table;
}

}  // namespace apigw::cli
