#include "render/tokens.h"

namespace apigw::render {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view s) {
  const std::size_t from = s.find_first_not_of(" \t\r\n");
  return from == std::string_view::npos ? s.substr(s.size())
                                        : s.substr(from, s.find_last_not_of(" \t\r\n") - from + 1);
}

struct Ends {
  std::string_view open, close;
};

// The braces that the tag at the start of `rest` begins and ends with.
Ends ends_of(std::string_view rest) {
  if (rest.starts_with("{{!--")) return {"{{!--", "--}}"};
  if (rest.starts_with("{{!")) return {"{{!", "}}"};
  if (rest.starts_with("{{{")) return {"{{{", "}}}"};
  return {"{{", "}}"};
}

// The tag at `at`, or a fault and nothing.
std::optional<Token> tag_at(std::string_view text, std::size_t at, std::vector<Fault>& faults) {
  const auto [open, close] = ends_of(text.substr(at));
  const bool comment = open.starts_with("{{!");
  const std::size_t begin = at + open.size();
  const std::size_t end = text.find(close, begin);
  const std::size_t next = comment ? std::string_view::npos : text.find("{{", begin);
  if (end == std::string_view::npos || next < end) {
    faults.push_back({FaultKind::open_tag, at, at + 2, fmt::format("'{}' is never closed", open.substr(0, 3)),
                      fmt::format("close it with '{}', or write \\{{{{ for the braces themselves", close)});
    return std::nullopt;
  }
  return Token{comment ? Token::Kind::comment : Token::Kind::tag, at, end + close.size(),
               trimmed(text.substr(begin, end - begin))};
}

void add_literal(std::vector<Token>& tokens, std::size_t begin, std::size_t end) {
  if (begin < end) tokens.push_back({Token::Kind::literal, begin, end, {}});
}

// Whether a line that holds this tag alone goes with it.
bool takes_line(const Token& token) {
  if (token.kind == Token::Kind::comment) return true;
  if (token.kind != Token::Kind::tag) return false;
  return token.inner.starts_with('#') || token.inner.starts_with('/') || token.inner == "else" ||
         token.inner.starts_with("role ");
}

void take_line(std::string_view text, std::vector<Token>& tokens, std::size_t i) {
  std::size_t begin = tokens[i].begin, end = tokens[i].end;
  while (begin > 0 && blanks.contains(text[begin - 1])) --begin;
  while (end < text.size() && blanks.contains(text[end])) ++end;
  if (begin > 0 && text[begin - 1] != '\n') return;
  if (end < text.size() && text[end] != '\n') return;
  end = std::min(end + 1, text.size());
  if (i > 0 && tokens[i - 1].kind == Token::Kind::literal) tokens[i - 1].end = std::max(tokens[i - 1].begin, begin);
  if (i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::literal)
    tokens[i + 1].begin = std::min(tokens[i + 1].end, end);
}

}  // namespace

std::vector<Token> tokens_of(std::string_view text, std::vector<Fault>& faults) {
  std::vector<Token> tokens;
  std::size_t at = 0;  // behind what is in `tokens`
  for (std::size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", open)) {
    const bool escaped = open > at && text[open - 1] == '\\';
    const bool twice = escaped && open - at >= 2 && text[open - 2] == '\\';  // the backslash itself is meant
    add_literal(tokens, at, open - (escaped ? 1 : 0));
    if (escaped && !twice) {
      add_literal(tokens, open, open + 2);
      at = open += 2;
      continue;
    }
    const auto tag = tag_at(text, open, faults);
    if (tag) tokens.push_back(*tag);
    at = open = tag ? tag->end : open + 2;
  }
  add_literal(tokens, at, text.size());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (takes_line(tokens[i])) take_line(text, tokens, i);
  return tokens;
}

}  // namespace apigw::render
