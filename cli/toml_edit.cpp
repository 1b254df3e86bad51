#include "toml_edit.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

constexpr int deepest = 64;  // arrays and tables inside each other

std::string toml_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\u{:04x}", c) : std::string(1, c);
  }
  return out + "\"";
}

using Path = std::vector<std::string>;

// `[path]`, `[[path]]` or `path = value`, with the places of what may be edited.
struct Statement {
  enum class Kind { key, table, list } kind = Kind::key;
  Path path;
  std::size_t value = 0, value_end = 0;  // of a key
  std::size_t end = 0;                   // behind the line's end
};

class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  Result<std::vector<Statement>> statements() {
    std::vector<Statement> out;
    while (true) {
      lines();
      if (at_ == text_.size()) return out;
      Statement one;
      const std::size_t begin = at_;
      if (!(peek() == '[' ? header(one) : setting(one)) || !end_of_line()) {
        const auto line = std::ranges::count(text_.substr(0, std::max(at_, begin)), '\n') + 1;
        return fail(ErrorKind::invalid, fmt::format("it is no TOML in line {}", line));
      }
      one.end = at_;
      out.push_back(std::move(one));
    }
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  void comment() {
    if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  // Blanks, comments and line ends.
  void lines() {
    for (std::size_t before = text_.size() + 1; before != at_;) {
      before = at_;
      blanks();
      comment();
      take("\r\n") || take("\n");
    }
  }
  bool end_of_line() {
    blanks();
    comment();
    return at_ == text_.size() || take("\r\n") || take("\n");
  }

  bool header(Statement& out) {
    const bool list = take("[[");
    if (!list) take("[");
    out.kind = list ? Statement::Kind::list : Statement::Kind::table;
    return key(out.path) && take(list ? "]]" : "]");
  }
  bool setting(Statement& out) {
    if (!key(out.path) || !take("=")) return false;
    blanks();
    out.value = at_;
    if (!value(0)) return false;
    out.value_end = at_;
    return true;
  }
  bool key(Path& out) {
    do {
      blanks();
      const std::size_t begin = at_;
      if (peek() == '"' || peek() == '\'') {
        if (!line_string()) return false;
        out.emplace_back(text_.substr(begin + 1, at_ - begin - 2));
      } else {
        at_ =
            std::min(text_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", at_),
                     text_.size());
        if (at_ == begin) return false;
        out.emplace_back(text_.substr(begin, at_ - begin));
      }
      blanks();
    } while (take("."));
    return true;
  }

  bool line_string() {
    const char mark = text_[at_];
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == mark) return ++at_, true;
      if (mark == '"' && text_[at_] == '\\') ++at_;
    }
    return false;
  }
  bool long_string(std::string_view mark) {
    for (at_ += mark.size(); at_ < text_.size(); ++at_) {
      if (take(mark)) {
        for (int more = 0; more < 2 && peek() == mark[0]; ++more) ++at_;  // two quotes may stand before the end
        return true;
      }
      if (mark[0] == '"' && text_[at_] == '\\') ++at_;
    }
    return false;
  }
  bool value(int depth) {
    for (const std::string_view mark : {"\"\"\"", "'''"})
      if (text_.substr(at_).starts_with(mark)) return long_string(mark);
    if (peek() == '"' || peek() == '\'') return line_string();
    if (depth == deepest) return false;
    if (take("[")) return array(depth + 1);
    if (take("{")) return inline_table(depth + 1);
    return word();
  }
  bool array(int depth) {
    while (true) {
      lines();
      if (take("]")) return true;
      if (!value(depth)) return false;
      lines();
      if (!take(",") && peek() != ']') return false;
    }
  }
  bool inline_table(int depth) {
    blanks();
    if (take("}")) return true;
    do {
      Path path;
      if (!key(path) || !take("=")) return false;
      blanks();
      if (!value(depth)) return false;
      blanks();
    } while (take(","));
    return take("}");
  }
  // A number, a date or true and false.
  bool word() {
    constexpr std::string_view of_numbers = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.:";
    const std::size_t begin = at_;
    const auto pass = [&] { at_ = std::min(text_.find_first_not_of(of_numbers, at_), text_.size()); };
    pass();
    const std::string_view all = text_.substr(begin, at_ - begin);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (all.size() == 10 && all[4] == '-' && peek() == ' ' && at_ + 1 < text_.size() && digit(text_[at_ + 1])) {
      ++at_;  // a blank between date and time
      pass();
    }
    if (all.empty()) return false;
    return digit(all[0]) || all[0] == '+' || all[0] == '-' || all == "true" || all == "false" || all == "inf" ||
           all == "nan";
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// What is put in place of a part of the text; several are in the order of the text.
struct Edit {
  std::size_t begin = 0, end = 0;
  std::string with;
};

std::string edited(std::string_view text, std::span<const Edit> edits) {
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out += std::string(text.substr(at, edit.begin - at)) + edit.with;
    at = edit.end;
  }
  return out + std::string(text.substr(at));
}

// Those of `settings` that the statements have, as edits; they are taken out of it.
std::vector<Edit> replaced(std::span<const Statement> statements, TomlSettings& settings) {
  std::vector<Edit> edits;
  for (const Statement& one : statements) {
    const auto found = std::ranges::find_if(
        settings, [&](const auto& setting) { return one.path == Path{std::string(setting.first)}; });
    if (found == settings.end()) continue;
    edits.push_back({one.value, one.value_end, toml_string(found->second)});
    settings.erase(found);
  }
  return edits;
}

bool begins_with(const Path& path, const Path& front) {
  return path.size() >= front.size() && std::equal(front.begin(), front.end(), path.begin());
}

bool is_key(const Statement& one) {
  return one.kind == Statement::Kind::key;
}

}  // namespace

Result<std::vector<TomlValue>> toml_values(std::string_view text) {
  const auto all = Reading(text).statements();
  if (!all) return std::unexpected(all.error());
  std::vector<TomlValue> out;
  Path above;
  for (const Statement& one : *all) {
    if (!is_key(one)) {
      above = one.path;
      continue;
    }
    TomlValue value{above, std::string(text.substr(one.value, one.value_end - one.value))};
    value.path.insert(value.path.end(), one.path.begin(), one.path.end());
    std::string& written = value.written;
    const bool quoted =
        written.size() >= 2 && (written[0] == '"' || written[0] == '\'') && written.back() == written[0];
    if (quoted && written.find_first_of("\"'\\", 1) == written.size() - 1)
      written = written.substr(1, written.size() - 2);
    out.push_back(std::move(value));
  }
  return out;
}

std::string toml_lines(const TomlSettings& settings) {
  std::string out;
  for (const auto& [key, value] : settings) out += fmt::format("{} = {}\n", key, toml_string(value));
  return out;
}

Result<std::string> with_toml_root(std::string_view text, const TomlSettings& settings) {
  const auto all = Reading(text).statements();
  if (!all) return std::unexpected(all.error());
  TomlSettings missing = settings;
  const auto end = std::ranges::find_if_not(*all, is_key);
  auto edits = replaced({all->begin(), end}, missing);
  return toml_lines(missing) + edited(text, edits);
}

Result<std::string> with_toml_table(std::string_view text, std::string_view name, const TomlSettings& settings) {
  const auto all = Reading(text).statements();
  if (!all) return std::unexpected(all.error());
  Path own;
  for (const std::string_view part : text::split(name, '.')) own.emplace_back(part);
  auto table = all->end();
  Path above;  // of the header that a key stands below
  for (auto one = all->begin(); one != all->end(); ++one) {
    const bool header = one->kind == Statement::Kind::table && one->path == own;
    if (header && table == all->end()) table = one;
    Path whole = is_key(*one) ? above : Path{};
    whole.insert(whole.end(), one->path.begin(), one->path.end());
    if (!is_key(*one)) above = one->path;
    const bool elsewhere = is_key(*one)
                               ? !begins_with(above, own) && (begins_with(whole, own) || begins_with(own, whole))
                               : one->kind == Statement::Kind::list && begins_with(own, whole);
    if (elsewhere || (header && table != one))
      return fail(ErrorKind::invalid,
                  fmt::format("it says what '{}' is more than once, or in another way than a table", name));
  }
  if (table == all->end()) {
    const std::string gap = text.empty() ? "" : text.ends_with('\n') ? "\n" : "\n\n";
    return fmt::format("{}{}[{}]\n{}", text, gap, name, toml_lines(settings));
  }
  TomlSettings missing = settings;
  const auto end = std::find_if_not(table + 1, all->end(), is_key);
  auto edits = replaced({table + 1, end}, missing);
  const std::size_t behind = (end - 1)->end;
  if (!missing.empty())
    edits.push_back({behind, behind, (text.substr(0, behind).ends_with('\n') ? "" : "\n") + toml_lines(missing)});
  return edited(text, edits);
}

}  // namespace apigw::cli
