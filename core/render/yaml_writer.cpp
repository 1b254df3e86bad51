#include "render/yaml_writer.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace apigw::render {
namespace {

// Not YAML's words alone: y and n are booleans of YAML 1.1.
bool is_word_of_yaml(std::string_view s) {
  static constexpr std::string_view words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  return std::ranges::any_of(words, [&](std::string_view word) { return text::iequals(word, s); });
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Plain needs no judgement of numbers and dates: these begin with a digit, a sign or a dot, and such texts are
// quoted. A colon only before another character of a word, so that it ends no key: `registry:5000/shop` is plain.
bool is_plain(std::string_view s) {
  if (s.empty() || !(is_letter(s.front()) || s.front() == '/') || is_word_of_yaml(s)) return false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    const bool word = is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' ||
                      c == '@' || c == '+' || c == '=';
    const bool colon = c == ':' && i + 1 < s.size() && s[i + 1] != ' ';
    const bool blank = c == ' ' && i + 1 < s.size() && s[i + 1] != ' ' && s[i + 1] != '#' && s[i - 1] != ':';
    if (!word && !colon && !blank) return false;
  }
  return true;
}

// Digits with what may stand between those of a number, date or time.
bool is_number_of_yaml(const std::string& s) {
  if (s.find_first_not_of("0123456789._-:") == std::string::npos) return true;
  char* end = nullptr;
  std::strtod(s.c_str(), &end);  // 1e3 and 0x1f, too
  return end == s.c_str() + s.size();
}

// What a block scalar holds as it is: printable lines, the first one not indented, no line of blanks alone, and at
// most one newline at the end.
bool fits_block(std::string_view s) {
  if (s.find('\n') == std::string_view::npos || s.front() == ' ' || s.front() == '\n' || s.ends_with("\n\n"))
    return false;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t size = text::character_size(s.substr(i));
    if (size == 0) return false;
    const auto c = static_cast<unsigned char>(s[i]);
    if (size == 1 && ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)) return false;
    // C1 controls, the line ends of YAML 1.1 and byte order marks mean other things to one reader or another.
    const std::string_view character = s.substr(i, size);
    if (size == 2 && c == 0xc2 && static_cast<unsigned char>(s[i + 1]) < 0xa0) return false;
    if (character == "\u2028" || character == "\u2029" || character == "\ufeff") return false;
    if (character.starts_with("\xef\xbf") && static_cast<unsigned char>(s[i + 2]) >= 0xbe) return false;
    i += size;
  }
  for (const std::string_view line : text::split(s, '\n'))
    if (!line.empty() && line.find_first_not_of(" \t") == std::string_view::npos) return false;
  return s.find_first_of('\t') == std::string_view::npos;
}

// A JSON string is a double-quoted scalar, except where YAML reads another character for what JSON lets stand.
std::string quoted(std::string_view s) {
  const std::string json = json::quote(s);
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t size = std::max<std::size_t>(text::character_size(std::string_view(json).substr(i)), 1);
    const auto first = static_cast<unsigned char>(json[i]);
    const auto second = static_cast<unsigned char>(size > 1 ? json[i + 1] : '\0');
    const auto third = static_cast<unsigned char>(size > 2 ? json[i + 2] : '\0');
    if (size == 1 && first == 0x7f)
      out += "\\x7f";
    else if (size == 2 && first == 0xc2 && second < 0xa0)
      out += fmt::format("\\x{:02x}", second);
    else if (size == 3 && first == 0xef && second == 0xbb && third == 0xbf)
      out += "\\ufeff";
    else if (size == 3 && first == 0xef && second == 0xbf && third >= 0xbe)
      out += third == 0xbe ? "\\ufffe" : "\\uffff";
    else
      out += json.substr(i, size);
    i += size;
  }
  return out;
}

std::string scalar(std::string_view s) {
  return is_plain(s) ? std::string(s) : quoted(s);
}

// 30s, 8MiB: no reader takes them for a number.
bool has_unit(std::string_view s) {
  const auto unit = std::min(s.find_first_not_of("0123456789"), s.size());
  constexpr std::string_view units[] = {"ms", "s", "KiB", "MiB", "GiB"};
  return unit > 0 && std::ranges::find(units, s.substr(unit)) != std::end(units);
}

std::string line_scalar(std::string_view s) {
  if (has_unit(s)) return std::string(s);
  std::string stand_in(s);  // a star inside of a word means nothing to YAML
  for (std::size_t i = 1; i < stand_in.size(); ++i)
    if (stand_in[i] == '*' && stand_in[i - 1] != ' ') stand_in[i] = 'x';
  if (is_plain(stand_in)) return std::string(s);
  // Commands with quotes of their own are read best so.
  const bool printable = std::ranges::all_of(s, [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && s.find_first_of("\"\\") != std::string_view::npos && !s.contains('\''))
    return fmt::format("'{}'", s);
  return quoted(s);
}

void write_line(std::string& out, const Value& value) {
  if (value.kind == Value::Kind::text) {
    out += line_scalar(value.text);
  } else if (!value.members.empty()) {
    std::string_view before = "{ ";
    for (const Member& member : value.members) {
      out.append(before).append(line_scalar(member.name)) += ": ";
      write_line(out, member.value);
      before = ", ";
    }
    out += " }";
  } else if (!value.items.empty()) {
    std::string_view before = "[";
    for (const Value& item : value.items) {
      out.append(before);
      write_line(out, item);
      before = ", ";
    }
    out += ']';
  } else {
    write_json(value, out);
  }
}

void write(std::string& out, const Value& value, std::size_t indent);

void write_block(std::string& out, std::string_view s, std::size_t indent) {
  out += s.ends_with('\n') ? " |\n" : " |-\n";
  if (s.ends_with('\n')) s.remove_suffix(1);
  for (const std::string_view line : text::split(s, '\n')) {
    if (!line.empty()) out.append(indent, ' ').append(line);
    out += '\n';
  }
}

// What stands behind "key:" or "-" at `indent`.
void write_child(std::string& out, const Value& value, std::size_t indent, bool in_list) {
  const bool empty = value.items.empty() && value.members.empty();
  if (value.kind == Value::Kind::text && fits_block(value.text)) {
    write_block(out, value.text, indent + 2);
  } else if (value.kind == Value::Kind::text) {
    out += ' ' + scalar(value.text) + '\n';
  } else if (empty) {
    out += ' ';
    write_json(value, out);
    out += '\n';
  } else if (in_list) {  // the first member or item stands behind the dash
    std::string body;
    write(body, value, indent + 2);
    out += ' ' + body.substr(indent + 2);
  } else {
    out += '\n';
    write(out, value, value.kind == Value::Kind::list ? indent : indent + 2);
  }
}

void write(std::string& out, const Value& value, std::size_t indent) {
  for (const Value& item : value.items) {
    out.append(indent, ' ') += '-';
    write_child(out, item, indent, true);
  }
  for (const Member& member : value.members) {
    out.append(indent, ' ') += scalar(member.name) + ':';
    write_child(out, member.value, indent, false);
  }
}

void write_pretty(std::string& out, const Value& value, std::size_t indent) {
  if (value.items.empty() && value.members.empty()) return write_json(value, out);
  const bool list = value.kind == Value::Kind::list;
  const std::string line = "\n" + std::string(indent + 2, ' ');
  char before = list ? '[' : '{';
  for (const Value& item : value.items) {
    out += std::exchange(before, ',') + line;
    write_pretty(out, item, indent + 2);
  }
  for (const Member& member : value.members) {
    out += std::exchange(before, ',') + line + json::quote(member.name) + ": ";
    write_pretty(out, member.value, indent + 2);
  }
  out += "\n" + std::string(indent, ' ') + (list ? ']' : '}');
}

}  // namespace

bool reads_as_text(std::string_view word) {
  return !word.empty() && word != "~" && !is_word_of_yaml(word) && !is_number_of_yaml(std::string(word));
}

std::string write_yaml(const Value& value) {
  std::string out;
  if (value.items.empty() && value.members.empty()) {
    write_child(out, value, 0, false);
    return out.substr(1);  // the blank behind a key that is not there
  }
  write(out, value, 0);
  return out;
}

std::string write_yaml_line(const Value& value) {
  std::string out;
  write_line(out, value);
  return out;
}

std::string write_yaml_key(std::string_view key) {
  const auto all_plain = [](std::string_view s) {
    return std::ranges::all_of(
        s, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("/{}_.,*-").contains(c); });
  };
  const auto blank = key.find(' ');
  const std::string_view path = blank == std::string_view::npos ? key : key.substr(blank + 1);
  const bool route = path.starts_with('/') && all_plain(path) && (is_letter(key.front()) || key.front() == '/') &&
                     (blank == std::string_view::npos || all_plain(key.substr(0, blank)));
  return route ? std::string(key) : line_scalar(key);
}

std::string write_pretty_json(const Value& value) {
  std::string out;
  write_pretty(out, value, 0);
  return out + "\n";
}

}  // namespace apigw::render
