// Texts by id, and the one place where a byte offset becomes a line and a column.
//
// Lines are found once, when a text is added, and code points counted at every 4096th byte: a column costs the same
// in a line of ten megabytes. Knows nothing of YAML.
#include "diag/diagnostic.h"

namespace apigw::diag {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t block = 4096;

std::size_t code_points(std::string_view s) {
  return static_cast<std::size_t>(
      std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

SourceId Sources::add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {}, {0}};
  const std::string_view all = file.text;
  file.starts.push_back(all.starts_with(byte_order_mark) ? 3 : 0);
  for (std::size_t at = all.find('\n'); at != std::string_view::npos; at = all.find('\n', at + 1)) {
    file.starts.push_back(static_cast<std::uint32_t>(at + 1));
  }
  for (std::size_t at = 0; at + block <= all.size(); at += block) {
    file.counts.push_back(file.counts.back() + static_cast<std::uint32_t>(code_points(all.substr(at, block))));
  }
  files_.push_back(std::move(file));
  return static_cast<SourceId>(files_.size() - 1);
}

std::string_view Sources::name(SourceId id) const {
  return files_.at(static_cast<std::size_t>(id)).name;
}
std::string_view Sources::text(SourceId id) const {
  return files_.at(static_cast<std::size_t>(id)).text;
}

std::size_t Sources::code_points_before(const File& file, std::size_t offset) {
  const std::size_t whole = offset / block;
  return file.counts[whole] + code_points(std::string_view(file.text).substr(whole * block, offset % block));
}

void Sources::conceal(Span where) {
  if (!where.known()) return;
  // Of a long key enough to know which one is meant ("sk-p"), of a password nothing.
  const std::size_t shown = where.end - where.begin >= 20 ? 4 : 0;
  std::string& text = files_.at(static_cast<std::size_t>(where.source)).text;
  const auto end = std::min<std::size_t>(where.end, text.size());
  for (std::size_t at = where.begin + shown; at < end; ++at)
    if (text[at] > ' ' && text[at] <= '~') text[at] = '*';
}

void Sources::show(SourceId id, std::size_t begin, std::string_view text) {
  std::string& whole = files_.at(static_cast<std::size_t>(id)).text;
  if (begin + text.size() <= whole.size()) whole.replace(begin, text.size(), text);
}

Sources::Position Sources::position(SourceId id, std::uint32_t offset) const {
  const File& file = files_.at(static_cast<std::size_t>(id));
  const auto end = std::min<std::size_t>(offset, file.text.size());
  const auto after = std::upper_bound(file.starts.begin() + 1, file.starts.end(), end);
  const std::size_t start = std::min<std::size_t>(*(after - 1), end);
  return {static_cast<std::size_t>(after - file.starts.begin()),
          1 + code_points_before(file, end) - code_points_before(file, start)};
}

std::uint32_t Sources::line_begin(SourceId id, std::size_t number) const {
  const File& file = files_.at(static_cast<std::size_t>(id));
  if (number > file.starts.size()) return static_cast<std::uint32_t>(file.text.size());
  return file.starts[std::max<std::size_t>(number, 1) - 1];
}

std::string_view Sources::line(SourceId id, std::size_t number) const {
  const std::size_t begin = line_begin(id, number), end = line_begin(id, number + 1);
  std::string_view rest = text(id).substr(begin, end - begin);
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace apigw::diag
