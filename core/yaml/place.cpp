// The ends of values, by re-scanning; see place.h.
#include "yaml/place.h"

namespace apigw::yaml {

std::size_t end_of_line(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_break(text[at])) ++at;
  return at;
}

std::size_t start_of_line(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  while (at > 0 && !is_break(text[at - 1])) --at;
  return at;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text[at] == '#' && (at == 0 || is_space(text[at - 1]))) {
      at = end_of_line(text, at);
    } else if (is_space(text[at])) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

std::size_t name_end(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_space(text[at]) && !is_flow(text[at])) ++at;
  return at;
}

Properties skip_properties(std::string_view text, std::size_t at) {
  Properties found{at, at, {}};
  while (found.value < text.size() && (text[found.value] == '&' || text[found.value] == '!')) {
    const bool verbatim = text.substr(found.value).starts_with("!<");
    found.end = verbatim ? std::min(text.find('>', found.value), text.size() - 1) + 1 : name_end(text, found.value);
    if (text[found.value] == '!') found.tag = text.substr(found.value, found.end - found.value);
    found.value = skip_space(text, found.end);
  }
  return found;
}

std::optional<std::size_t> quoted_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return std::nullopt;
}

std::size_t plain_end(std::string_view text, std::size_t at, std::string_view value) {
  // Folding only ever changes runs of white space, so the two are walked side by side and a run matches a run.
  std::size_t i = 0;
  while (i < value.size() && at < text.size()) {
    if (is_space(value[i])) {
      while (i < value.size() && is_space(value[i])) ++i;
      while (at < text.size() && is_space(text[at])) ++at;
    } else if (value[i] == text[at]) {
      ++i;
      ++at;
    } else {
      break;
    }
  }
  return at;
}

namespace {

std::size_t spaces_at(std::string_view text, std::size_t line) {
  return std::min(text.find_first_not_of(' ', line), text.size()) - line;
}

// The column of the key or dash whose value the header at `at` starts; compact lists nest on one line.
std::size_t parent_column(std::string_view text, std::size_t at) {
  const std::size_t line = start_of_line(text, at);
  std::size_t column = spaces_at(text, line);
  while (line + column + 1 < at && text[line + column] == '-' && is_blank(text[line + column + 1])) {
    const std::size_t next = text.find_first_not_of(" \t", line + column + 1) - line;
    if (line + next >= at) break;
    column = next;
  }
  return column;
}

}  // namespace

std::size_t block_end(std::string_view text, std::size_t at, std::string_view value) {
  const std::size_t header_end = end_of_line(text, at);
  std::size_t end = header_end;
  while (end > at && is_blank(text[end - 1])) --end;
  if (value.find_first_not_of("\n ") == std::string_view::npos) return end;
  const auto header = text.substr(at, header_end - at);
  const auto digit = header.substr(0, header.find(' ')).find_first_of("123456789");
  std::size_t indent = digit == std::string_view::npos
                           ? std::string_view::npos
                           : parent_column(text, at) + static_cast<std::size_t>(header[digit] - '0');
  for (std::size_t line = header_end; line < text.size();) {
    line += text.substr(line).starts_with("\r\n") ? 2 : 1;
    const std::size_t stop = end_of_line(text, line), spaces = spaces_at(text, line);
    if (line + spaces < stop && text[line + spaces] != '\t') {
      if (indent == std::string_view::npos) indent = spaces;
      const auto rest = text.substr(line, 3);
      if (spaces < indent || rest == "---" || rest == "...") break;
      end = stop;
    }
    line = stop;
  }
  return end;
}

std::size_t flow_end(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    at = skip_space(text, at);
    if (at >= text.size()) break;
    const char c = text[at++];
    if (c == ']' || c == '}') return at;
    if (c != ',' && c != ':' && c != '?') return at - 1;
  }
  return at;
}

std::size_t null_word(std::string_view text, std::size_t at) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (!text.substr(std::min(at, text.size())).starts_with(word)) continue;
    const std::size_t end = at + word.size();
    if (!ends_word(text, end) && !is_flow(text[end])) return 0;
    const std::size_t next = std::min(text.find_first_not_of(" \t", end), text.size());
    return next < text.size() && text[next] == ':' && ends_word(text, next + 1) ? 0 : word.size();
  }
  return 0;
}

}  // namespace apigw::yaml
