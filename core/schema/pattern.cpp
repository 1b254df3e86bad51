#include "schema/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/json_escape.h"
#include "base/text.h"

namespace apigw::schema {

namespace {

constexpr std::int64_t memory = 1 << 20;  // of one compiled pattern and of what it remembers while matching
constexpr int most_instructions = 20'000;

// ECMA's white space and line ends, and all but them, as insides of a class.
constexpr std::string_view blank =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view no_blank =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view any = R"(\x{0}-\x{10ffff})";

struct Category {
  std::string_view name, letters;
};
// Long names of the general categories that RE2 knows by their letters.
constexpr Category categories[] = {
    {"Cased_Letter", "L"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Uppercase_Letter", "Lu"},
};

// Reads an expression from left to right and writes RE2's. Structure (groups, repetitions) is left to RE2 to judge.
class Rewriter {
 public:
  explicit Rewriter(std::string_view ecma) : in_(ecma) {}

  std::expected<std::string, std::string> rewrite() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      const bool good = c == '\\' ? escape(false) : c == '[' ? char_class() : c == '(' ? group() : plain(c);
      if (!good) return std::unexpected(why_);
    }
    return std::move(out_);
  }

 private:
  bool wrong(std::string why) {
    why_ = std::move(why);
    return false;
  }

  bool plain(char c) {
    ++at_;
    if (c == '.')
      out_ += R"([^\n\r\x{2028}\x{2029}])";
    else
      out_ += c;
    return true;
  }

  bool group() {
    ++at_;
    std::string_view rest = in_.substr(at_);
    if (!rest.starts_with('?')) {
      out_ += "(?:";
      return true;
    }
    if (rest.starts_with("?=") || rest.starts_with("?!") || rest.starts_with("?<=") || rest.starts_with("?<!")) {
      return wrong("look-around is not supported");
    }
    std::size_t skipped = 2;
    if (rest.starts_with("?<")) {
      const auto end = rest.find('>');
      if (end == std::string_view::npos) return wrong("a group's name does not end");
      skipped = end + 1;
    } else if (!rest.starts_with("?:")) {
      return wrong("unknown kind of group after '(?'");
    }
    at_ += skipped;
    out_ += "(?:";
    return true;
  }

  bool char_class() {
    ++at_;
    const bool negated = at_ < in_.size() && in_[at_] == '^';
    at_ += negated ? 1 : 0;
    if (at_ < in_.size() && in_[at_] == ']') {
      ++at_;
      out_ += fmt::format("[{}{}]", negated ? "" : "^", any);
      return true;
    }
    out_ += negated ? "[^" : "[";
    while (at_ < in_.size() && in_[at_] != ']') {
      const char c = in_[at_];
      if (c == '\\') {
        if (!escape(true)) return false;
        continue;
      }
      ++at_;
      // RE2 would take [: for the start of a class with a name.
      if (c == '[')
        out_ += "\\[";
      else
        out_ += c;
    }
    if (at_ == in_.size()) return wrong("a class in brackets does not end");
    ++at_;
    out_ += ']';
    return true;
  }

  void literal(unsigned code_point) { out_ += fmt::format("\\x{{{:x}}}", code_point); }

  bool escape(bool in_class) {
    if (at_ + 1 >= in_.size()) return wrong("a backslash ends it");
    const char c = in_[at_ + 1];
    at_ += 2;
    if (std::string_view("dDwWnrtfv").contains(c) || (!in_class && (c == 'b' || c == 'B'))) {
      out_.append({'\\', c});
    } else if (c == 's' || c == 'S') {
      const std::string_view inside = c == 's' ? blank : no_blank;
      out_ += in_class ? std::string(inside) : fmt::format("[{}]", inside);
    } else if (c == 'b') {
      literal(8);
    } else if (c == 'p' || c == 'P') {
      return property(c);
    } else if (c == 'x' || c == 'u') {
      return hexadecimal(c);
    } else if (c == 'c') {
      return control();
    } else if (c == '0' && (at_ == in_.size() || in_[at_] < '0' || in_[at_] > '9')) {
      literal(0);
    } else if (c >= '0' && c <= '9') {
      return wrong("back-references are not supported");
    } else if (c == 'k') {
      return wrong("back-references are not supported");
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      return wrong(fmt::format("unknown escape '\\{}'", c));
    } else if (static_cast<unsigned char>(c) < 0x80) {
      literal(static_cast<unsigned char>(c));
    } else {
      out_ += c;
    }
    return true;
  }

  bool control() {
    const char c = at_ < in_.size() ? in_[at_] : '\0';
    if (text::lower(c) < 'a' || text::lower(c) > 'z') return wrong("'\\c' needs a letter");
    ++at_;
    literal(static_cast<unsigned char>(c) % 32);
    return true;
  }

  // \xHH, \uHHHH with surrogates in pairs, \u{H…}
  bool hexadecimal(char kind) {
    if (kind == 'u' && in_.substr(at_).starts_with('{')) return braced();
    const std::size_t digits = kind == 'x' ? 2 : 4;
    int unit = four(kind == 'x' ? "00" : "", at_, digits);
    if (unit < 0) return wrong(fmt::format("'\\{}' needs {} hex digits", kind, digits));
    at_ += digits;
    if (json::high_surrogate(unit) && in_.substr(at_).starts_with("\\u")) {
      const int low = four("", at_ + 2, 4);
      if (json::low_surrogate(low)) {
        at_ += 6;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      }
    }
    if (json::high_surrogate(unit) || json::low_surrogate(unit)) return wrong("half of a surrogate pair");
    literal(static_cast<unsigned>(unit));
    return true;
  }

  [[nodiscard]] int four(std::string_view before, std::size_t from, std::size_t digits) const {
    const std::string hex = std::string(before) + std::string(in_.substr(std::min(from, in_.size()), digits));
    return hex.size() == 4 ? json::hex4(hex.data()) : -1;
  }

  bool braced() {
    const auto end = in_.find('}', at_);
    if (end == std::string_view::npos || end == at_ + 1 || end - at_ > 9) return wrong("'\\u{' needs hex digits");
    unsigned value = 0;
    for (const char c : in_.substr(at_ + 1, end - at_ - 1)) {
      const int digit = json::hex_values[static_cast<unsigned char>(c)];
      if (digit < 0) return wrong("'\\u{' needs hex digits");
      value = value * 16 + static_cast<unsigned>(digit);
    }
    if (value > 0x10ffff) return wrong("'\\u{' names no character");
    at_ = end + 1;
    literal(value);
    return true;
  }

  bool property(char kind) {
    const auto end = in_.find('}', at_);
    if (!in_.substr(at_).starts_with('{') || end == std::string_view::npos) {
      return wrong(fmt::format("'\\{}' needs a name in braces", kind));
    }
    std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
    for (const std::string_view prefix :
         {"General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="}) {
      if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
        break;
      }
    }
    const auto* row = std::ranges::find(categories, name, &Category::name);
    out_ += fmt::format("\\{}{{{}}}", kind, row != std::end(categories) ? row->letters : name);
    at_ = end + 1;
    return true;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::string why_;
};

}  // namespace

std::expected<std::string, std::string> to_re2(std::string_view ecma) {
  return Rewriter(ecma).rewrite();
}

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled)
    : compiled_(std::move(compiled)), size_(static_cast<std::size_t>(compiled_->ProgramSize())) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

std::expected<Pattern, std::string> Pattern::compile(std::string_view ecma) {
  const auto rewritten = to_re2(ecma);
  if (!rewritten) return std::unexpected(rewritten.error());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  options.set_never_capture(true);
  auto compiled = std::make_unique<re2::RE2>(*rewritten, options);
  if (!compiled->ok()) return std::unexpected(text::printable(compiled->error(), 120));
  if (compiled->ProgramSize() > most_instructions) return std::unexpected("it is too large");
  return Pattern(std::move(compiled));
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch({text.data(), text.size()}, *compiled_);
}

}  // namespace apigw::schema
