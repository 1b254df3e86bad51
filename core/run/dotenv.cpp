#include "run/dotenv.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace apigw::run {
namespace {

bool is_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, fits);
}

// The text of a quoted value and how much of `s` (which begins at the quote) it took; nothing when it is never
// closed.
struct Quoted {
  std::string value;
  std::size_t taken = 0;
};
std::optional<Quoted> read_quoted(std::string_view s) {
  const char quote = s.front();
  Quoted result;
  for (std::size_t i = 1; i < s.size(); ++i) {
    if (s[i] == quote) {
      result.taken = i + 1;
      return result;
    }
    if (quote == '"' && s[i] == '\\' && i + 1 < s.size()) {
      const char c = s[++i];
      if (c != '"' && c != '\\' && c != '$' && c != 'n' && c != 't') result.value += '\\';
      result.value += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    } else {
      result.value += s[i];
    }
  }
  return std::nullopt;
}

// An unquoted value ends at the line's end or at a blank and `#`.
std::string read_plain(std::string_view line) {
  std::size_t end = line.size();
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      end = i;
      break;
    }
  return std::string(text::trim(line.substr(0, end)));
}

// Reads statements off the front of what is left.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  DotEnv read() {
    while (!left_.empty()) read_statement();
    return std::move(result_);
  }

 private:
  // The line at `from` without its end.
  [[nodiscard]] std::string_view line(std::size_t from = 0) const {
    const std::string_view line = left_.substr(from, left_.find('\n', from) - from);
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  // Goes to the line behind the one in which `at` stands.
  void pass(std::size_t at) {
    const std::size_t end = std::min(left_.find('\n', at), left_.size() - 1) + 1;
    number_ += static_cast<std::size_t>(std::ranges::count(left_.substr(0, end), '\n'));
    left_.remove_prefix(end);
  }
  void refuse() {
    result_.bad_lines.push_back(number_);
    pass(0);
  }
  void read_statement();
  void read_quoted_statement(std::string name, std::size_t at);

  std::string_view left_;
  std::size_t number_ = 1;
  DotEnv result_;
};

void Reader::read_statement() {
  const std::string_view whole = line();
  const std::string_view shown = text::trim(whole);
  if (shown.empty() || shown.front() == '#') return pass(0);
  const std::size_t equals = whole.find('=');
  std::string_view name = text::trim(whole.substr(0, std::min(equals, whole.size())));
  if (name.starts_with("export ")) name = text::trim(name.substr(7));
  if (equals == std::string_view::npos || !is_name(name)) return refuse();
  const std::size_t value = whole.find_first_not_of(" \t", equals + 1);
  if (value != std::string_view::npos && (whole[value] == '"' || whole[value] == '\''))
    return read_quoted_statement(std::string(name), value);
  result_.values.emplace_back(name, read_plain(whole.substr(equals + 1)));
  pass(0);
}

void Reader::read_quoted_statement(std::string name, std::size_t at) {
  std::optional<Quoted> quoted = read_quoted(left_.substr(at));
  if (!quoted) return refuse();
  const std::size_t end = at + quoted->taken;
  const std::string_view rest = text::trim(line(end));
  if (!rest.empty() && rest.front() != '#') return refuse();
  result_.values.emplace_back(std::move(name), std::move(quoted->value));
  pass(end);
}

}  // namespace

DotEnv parse_dotenv(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Reader(text).read();
}

std::string dotenv_line(std::string_view name, std::string_view value) {
  const bool plain = std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./+=:@,~%").contains(c);
  });
  std::string out = std::string(name) + "=";
  if (plain) return out.append(value) + "\n";
  out += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + "\"\n";
}

}  // namespace apigw::run
