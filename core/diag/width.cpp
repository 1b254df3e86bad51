// Columns of characters, from the ranges that terminals draw two columns wide or none at all.
//
// The ranges are those of Unicode's East Asian Width (wide and fullwidth), emoji presentation and combining marks,
// kept to the blocks that people write in configs; a character outside them takes one column.
#include "diag/width.h"

namespace apigw::diag {
namespace {

struct Range {
  char32_t first, last;
};

constexpr Range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},   {0x23F3, 0x23F3},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},
    {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},   {0x26FA, 0x26FA},
    {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},
    {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},
    {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x303E},
    {0x3041, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF}, {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004},
    {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320}, {0x1F32D, 0x1F335},
    {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0},
    {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D},
    {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4},
    {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6D7},
    {0x1F6DC, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0},
    {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

constexpr Range zero[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},   {0x0610, 0x061A},   {0x064B, 0x065F}, {0x0900, 0x0902},
    {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},   {0x0E31, 0x0E31},   {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},   {0x20D0, 0x20F0},   {0x2060, 0x2060}, {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE01EF},
};

// Characters that reorder what a reader sees; a config line must look the way it is parsed.
constexpr Range hidden[] = {{0x061C, 0x061C}, {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}, {0x80, 0x9F}};

template <std::size_t N>
bool in(const Range (&ranges)[N], char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

struct Decoded {
  char32_t value = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};

Decoded decode(std::string_view s) {
  const auto lead = static_cast<unsigned char>(s[0]);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF5   ? 4
                            : lead >= 0xE0 && lead < 0xF0 ? 3
                            : lead >= 0xC2 && lead < 0xE0 ? 2
                                                          : 0;
  if (bytes == 0 || bytes > s.size()) return {};
  char32_t value = lead & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto c = static_cast<unsigned char>(s[i]);
    if ((c & 0xC0) != 0x80) return {};
    value = value << 6 | (c & 0x3F);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least[bytes] || value > 0x10FFFF || surrogate) return {};
  return {value, bytes, true};
}

std::string stand_in(char32_t c) {
  if (c == 0x7F) return "\xE2\x90\xA1";                                                  // U+2421
  if (c < 0x20) return {'\xE2', '\x90', static_cast<char>(0x80 + static_cast<int>(c))};  // U+2400…
  return "\xEF\xBF\xBD";
}

std::size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  return in(zero, c) ? 0 : in(wide, c) ? 2 : 1;
}

}  // namespace

ShownLine::ShownLine(std::string_view line) {
  std::size_t column = 0;
  bool joined = false;  // the last character was a zero width joiner: what follows is drawn into the same cell
  for (std::size_t at = 0; at < line.size();) {
    const Decoded c = decode(line.substr(at));
    Cell cell{at, column, 1, {}};
    if (c.value == '\t' && c.valid) {
      cell.width = 4 - column % 4;
      cell.shown.assign(cell.width, ' ');
    } else if (!c.valid || c.value < 0x20 || c.value == 0x7F || in(hidden, c.value)) {
      cell.shown = stand_in(c.valid ? c.value : 0xFFFD);
    } else {
      cell.width = joined ? 0 : width_of(c.value);
      cell.shown = line.substr(at, c.bytes);
    }
    joined = c.value == 0x200D;
    at += c.bytes;
    column += cell.width;
    cells_.push_back(std::move(cell));
  }
}

std::size_t ShownLine::column(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(cells_, offset, {}, &Cell::byte);
  if (after == cells_.begin()) return 0;
  const Cell& cell = *(after - 1);
  // Past the last byte of the line (its end, or the line break itself).
  if (after == cells_.end() && offset > cell.byte) return width();
  return cell.column;
}

std::string ShownLine::cut(std::size_t from, std::size_t count) const {
  std::string shown;
  for (const Cell& cell : cells_) {
    if (cell.column < from) continue;
    if (cell.column + cell.width > from + count) break;
    shown += cell.shown;
  }
  return shown;
}

std::string safe(std::string_view s) {
  std::string shown;
  for (std::size_t at = 0; at < s.size();) {
    const Decoded c = decode(s.substr(at));
    if (c.value == '\n') {
      shown += "\\n";
    } else if (!c.valid || c.value < 0x20 || c.value == 0x7F || in(hidden, c.value)) {
      shown += stand_in(c.valid ? c.value : 0xFFFD);
    } else {
      shown += s.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  return shown;
}

}  // namespace apigw::diag
