// Unified diffs: the longest common subsequence of lines, after the common head and tail are set aside.
#include "render/file_tree.h"

namespace apigw::render {
namespace {

constexpr std::size_t most_cells = 25'000'000;  // of the table below: 5,000 changed lines on each side
constexpr std::size_t most_lines = 20'000;
constexpr std::size_t around = 3;

using Lines = std::vector<std::string_view>;

// Lines with their ends, so that a missing last newline is a difference.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

struct Edit {
  char sign;  // ' ', '-', '+'
  std::string_view line;
};

void replace_all(std::span<const std::string_view> a, std::span<const std::string_view> b, std::vector<Edit>& edits) {
  for (const auto line : a) edits.push_back({'-', line});
  for (const auto line : b) edits.push_back({'+', line});
}

void compare(std::span<const std::string_view> a, std::span<const std::string_view> b, std::vector<Edit>& edits) {
  if (a.size() * b.size() > most_cells) return replace_all(a, b, edits);
  const std::size_t stride = b.size() + 1;
  std::vector<std::uint32_t> longest((a.size() + 1) * stride);  // [i][j]: common lines of a from i and b from j
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      longest[i * stride + j] = a[i] == b[j] ? longest[(i + 1) * stride + j + 1] + 1
                                             : std::max(longest[(i + 1) * stride + j], longest[i * stride + j + 1]);
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == b[j]) {
      edits.push_back({' ', a[i]});
      ++i, ++j;
    } else if (longest[(i + 1) * stride + j] >= longest[i * stride + j + 1]) {
      edits.push_back({'-', a[i++]});
    } else {
      edits.push_back({'+', b[j++]});
    }
  }
  replace_all(a.subspan(i), b.subspan(j), edits);
}

std::vector<Edit> edits_between(const Lines& before, const Lines& after) {
  std::size_t head = 0, tail = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  while (head < shorter && before[head] == after[head]) ++head;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const std::span<const std::string_view> a{before}, b{after};
  std::vector<Edit> edits;
  for (const auto line : a.first(head)) edits.push_back({' ', line});
  const auto from = a.subspan(head, a.size() - head - tail), to = b.subspan(head, b.size() - head - tail);
  if (std::max(before.size(), after.size()) > most_lines)
    replace_all(from, to, edits);
  else
    compare(from, to, edits);
  for (const auto line : a.last(tail)) edits.push_back({' ', line});
  return edits;
}

// Line numbers in a header: a side without lines counts from the line before.
std::string range(std::size_t first, std::size_t count) {
  return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

std::string hunk(std::span<const Edit> edits, std::size_t before, std::size_t after) {
  std::string body;
  std::size_t removed = 0, added = 0;
  for (const Edit& edit : edits) {
    removed += edit.sign != '+';
    added += edit.sign != '-';
    body += edit.sign;
    body += edit.line;
    if (!edit.line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
  }
  return fmt::format("@@ -{} +{} @@\n{}", range(before, removed), range(after, added), body);
}

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const Lines a = lines_of(before), b = lines_of(after);
  const auto edits = edits_between(a, b);
  std::string out = fmt::format("--- {}\n+++ {}\n", before.empty() ? "/dev/null" : name, name);
  std::size_t i = 0, line_before = 0, line_after = 0;  // of edits[i]
  const auto advance = [&](std::size_t to) {
    for (; i < to; ++i) {
      line_before += edits[i].sign != '+';
      line_after += edits[i].sign != '-';
    }
  };
  for (std::size_t change = 0; change < edits.size(); ++change) {
    if (edits[change].sign == ' ') continue;
    std::size_t end = change;  // the last change with at most twice `around` lines to the one before
    for (std::size_t k = change; k < edits.size() && k <= end + 2 * around + 1; ++k)
      if (edits[k].sign != ' ') end = k;
    advance(std::max(i, change < around ? 0 : change - around));
    const std::size_t stop = std::min(edits.size(), end + 1 + around);
    out += hunk(std::span{edits}.subspan(i, stop - i), line_before, line_after);
    advance(stop);
    change = stop - 1;
  }
  return out;
}

}  // namespace apigw::render
