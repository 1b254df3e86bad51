#include "mock/arithmetic.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace apigw::mock {

namespace {

constexpr std::size_t longest_sum = 200;  // bytes
constexpr int deepest_parenthesis = 20;

struct Spoken {
  std::string_view words, sign;
};
constexpr auto spoken = std::to_array<Spoken>({{" plus ", "+"},
                                               {" minus ", "-"},
                                               {" times ", "*"},
                                               {" multiplied by ", "*"},
                                               {" divided by ", "/"},
                                               {" over ", "/"},
                                               {"×", "*"},
                                               {"÷", "/"}});

std::string with_signs(std::string_view text) {
  std::string out = text::lower(text);
  for (const auto& [words, sign] : spoken) {
    for (auto at = out.find(words); at != std::string::npos; at = out.find(words, at))
      out.replace(at, words.size(), sign);
  }
  return out;
}

class Sum {
 public:
  explicit Sum(std::string_view text) : rest_(text) {}

  std::optional<double> value() {
    const double result = added(0);
    skip();
    if (bad_ || !rest_.empty() || !std::isfinite(result)) return std::nullopt;
    return result;
  }

 private:
  void skip() { rest_ = text::trim(rest_); }

  bool take(char c) {
    skip();
    if (bad_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  double added(int depth) {
    double left = multiplied(depth);
    while (!bad_) {
      if (take('+'))
        left += multiplied(depth);
      else if (take('-'))
        left -= multiplied(depth);
      else
        break;
    }
    return left;
  }

  double multiplied(int depth) {
    double left = single(depth);
    while (!bad_) {
      if (take('*'))
        left *= single(depth);
      else if (take('/'))
        left /= single(depth);
      else
        break;
    }
    return left;
  }

  double single(int depth) {
    if (depth > deepest_parenthesis) return give_up();
    if (take('-')) return -single(depth + 1);
    if (take('(')) {
      const double inner = added(depth + 1);
      return take(')') ? inner : give_up();
    }
    skip();
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return give_up();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  double give_up() {
    bad_ = true;
    return 0;
  }

  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace

std::optional<std::string> sum_in(std::string_view text) {
  const std::string all = with_signs(text.substr(0, 2'000));
  constexpr std::string_view allowed = "0123456789.+-*/() ";
  for (std::size_t at = all.find_first_of("0123456789(-"); at < all.size();
       at = all.find_first_of("0123456789(-", at)) {
    const std::size_t end = std::min(all.find_first_not_of(allowed, at), all.size());
    std::string_view sum = std::string_view(all).substr(at, end - at);
    while (!sum.empty() && !std::string_view("0123456789)").contains(sum.back())) sum.remove_suffix(1);
    at = end;
    if (sum.size() > longest_sum || sum.find_first_of("+-*/", 1) == std::string_view::npos) continue;
    if (const auto value = Sum(sum).value()) return fmt::format("{:.10g}", *value);
  }
  return std::nullopt;
}

}  // namespace apigw::mock
