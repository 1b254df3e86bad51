// yaml-cpp's words as findings of ours, for what the lint did not recognise.
//
// One row a message of its 0.7 series, matched by how it begins; what has no row still gets a place and a plain
// sentence.
#include "yaml/lint.h"
#include "yaml/place.h"

namespace apigw::yaml {
namespace {

struct Row {
  std::string_view words;
  int code;
  std::string_view message, label, help;
};

constexpr std::string_view align = "indent it exactly as far as the keys or items it belongs with";
constexpr std::string_view quote_it = "if this is text, put the whole value in quotes";

constexpr Row rows[] = {
    {"end of map not found", 119, "this line fits none of the lines above", "indented like no key above", align},
    {"end of sequence not found", 119, "this line fits none of the lines above", "indented like no item above",
     align},
    {"illegal map value", 119, "a key cannot stand here",
     "the line above is not finished, or this one is indented too far", align},
    {"illegal map key", 119, "a key cannot stand here",
     "the line above is not finished, or this one is indented too far", align},
    {"illegal block entry", 101, "a list cannot start on the line of its key", "this '-'",
     "write '- …' on lines of its own below the key, or '[a, b]'"},
    {"illegal tab", 102, "a tab in the indentation", "YAML indents with spaces only",
     "replace each tab with two spaces"},
    {"end of map flow not found", 105, "expected ',' or '}' here", "the mapping goes on or ends here", quote_it},
    {"end of sequence flow not found", 105, "expected ',' or ']' here", "the list goes on or ends here", quote_it},
    {"illegal flow end", 105, "a bracket closes nothing", "nothing that it fits is open",
     "remove it, or write the opening one"},
    {"alias not found after *", 107, "an unquoted value cannot start with '*'", "read as a YAML alias", quote_it},
    {"the referenced anchor is not defined", 109, "an alias names no anchor", "no '&' with this name stands above",
     quote_it},
    {"aliases can't have any content", 101, "an alias stands alone", "it takes no anchor and no tag",
     "remove the anchor or tag"},
    {"anchor not found after &", 101, "an anchor needs a name", "no name behind '&'", quote_it},
    {"illegal character found while scanning a", 101, "a name holds a character that it cannot have", "here",
     quote_it},
    {"cannot assign multiple", 101, "a value takes one anchor and one tag", "a second one", "remove one of them"},
    {"bad character found while scanning hex", 122, "an escape needs hexadecimal digits", "no such digit",
     "write \"\\x41\" or \"\\u0041\""},
    {"invalid unicode", 122, "an escape names no Unicode character", "no such character",
     "use the number of a character"},
    {"unknown escape character", 122, "an escape that YAML does not know", "double quotes give '\\' a meaning",
     "write '\\\\' for a backslash, or use single quotes"},
    {"unknown token", 121, "an unquoted value cannot start like this", "YAML reserves this character", quote_it},
    {"illegal document indicator in scalar", 104, "a quote is never closed", "the document ends here",
     "close the quote above"},
    {"illegal EOF in scalar", 104, "a quote is never closed", "opened here", "close the quote where the value ends"},
    {"cannot set zero indentation", 101, "a block of text cannot be indented by 0", "this number",
     "write a number from 1 to 9, or none"},
    {"unexpected character in block scalar", 101,
     "only '+', '-', a number and a comment may stand behind '|' and '>'", "text starts on the next line",
     "move the text to the next line"},
    {"YAML major version too large", 101, "this version of YAML is not read", "1.2 is", "remove the line"},
    {"bad YAML version", 101, "'%YAML' needs a version", "no such version", "write '%YAML 1.2', or remove the line"},
    {"text behind the document", 101, "text behind the end of the document", "the value before this was complete",
     "put the keys of the file in one mapping: 'key: value' a line"},
};

Span word_at(std::string_view text, SourceId source, std::size_t at) {
  // At the very end of a text the last thing written is what was left unfinished.
  if (at >= text.size()) {
    at = text.size();
    while (at > 0 && is_space(text[at - 1])) --at;
    at -= at > 0 ? 1 : 0;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  }
  std::size_t end = at;
  while (end < text.size() && !is_space(text[end])) ++end;
  return {source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
}

}  // namespace

namespace {

// Behind the ':' of "key:value" at `at`, or 0.
std::size_t missing_space(std::string_view text, std::size_t at) {
  std::size_t colon = at;
  while (colon < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[colon])) != 0 || text[colon] == '_' || text[colon] == '-'))
    ++colon;
  const bool joined = colon > at && colon < text.size() && text[colon] == ':' && !ends_word(text, colon + 1);
  return joined && text.substr(colon + 1, 2) != "//" ? colon + 1 : 0;
}

// A key below a value that was complete: YAML reads it as more of that value until it meets the ':'.
bool key_below_value(std::string_view text, SourceId source, std::size_t colon, diag::Report& report) {
  const std::size_t line = start_of_line(text, colon), key = text.find_first_not_of(" \t", line);
  if (line == 0 || key >= colon || text.substr(key, colon - key).find(':') != std::string_view::npos) return false;
  std::size_t above = start_of_line(text, line - 1);
  while (above > 0 && skip_space(text, above) >= line) above = start_of_line(text, above - 1);
  const std::size_t content = skip_space(text, above);
  if (content >= line) return false;
  const auto at = [source](std::size_t begin, std::size_t end) {
    return Span{source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  };
  if (const std::size_t joined = missing_space(text, content); joined > 0) {
    auto& d = report.add(120, at(content, joined),
                         fmt::format("no space behind '{}'", text.substr(content, joined - content)),
                         "YAML wants a space behind the ':' of a key");
    d.helps.emplace_back("write a space behind the ':'");
    d.fixes.push_back({at(joined, joined), " "});
    return true;
  }
  auto& d = report.add(119, at(key, colon + 1), "a key cannot stand here", "read as more of the value above");
  d.labels.push_back({at(content, end_of_line(text, content)), "this has its value already, or lacks a ':'"});
  d.helps.emplace_back(align);
  return true;
}

}  // namespace

void translate(std::string_view words, std::size_t at, std::string_view text, SourceId source, diag::Report& report) {
  const Span where = word_at(text, source, at);
  if (words == "illegal map value" && key_below_value(text, source, at, report)) return;
  for (const Row& row : rows) {
    if (!words.starts_with(row.words)) continue;
    report.add(row.code, where, std::string(row.message), std::string(row.label)).helps.emplace_back(row.help);
    return;
  }
  report.add(101, where, "this cannot be read as YAML", "reading stopped here");
}

}  // namespace apigw::yaml
