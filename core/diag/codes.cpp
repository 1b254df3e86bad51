// Every diagnostic that apigw knows: one row a code, sorted by number. A row here has a page in pages/ and a fixture.
//
// A number is never given a second meaning; a retired one stays free.
#include "diag/diagnostic.h"

namespace apigw::diag {
namespace {

using enum Severity;

constexpr Code table[] = {
    // 1xx: the text is no YAML that apigw reads
    {101, error, "broken YAML"},
    {102, error, "tab in the indentation"},
    {103, error, "duplicate key"},
    {104, error, "unclosed quote"},
    {105, error, "unmatched bracket"},
    {106, error, "'${…}' cut by a brace"},
    {107, error, "unquoted value starting with '*'"},
    {108, warning, "ignore comment that ignores nothing"},
    {109, error, "unknown alias"},
    {110, error, "several documents in one file"},
    {111, error, "key that is not a word"},
    {112, error, "merge of something that is not a mapping"},
    {113, error, "unknown tag"},
    {114, error, "file too large"},
    {115, error, "nested too deeply"},
    {116, error, "too many values"},
    {117, error, "text that is not UTF-8"},
    {118, error, "value too long"},
    {119, error, "inconsistent indentation"},
    {120, error, "colon in the wrong place"},
    {121, error, "unquoted value starting with a reserved character"},
    {122, error, "unknown escape in a quoted value"},
};

static_assert(std::ranges::is_sorted(table, {}, &Code::number));

}  // namespace

std::span<const Code> codes() {
  return table;
}

const Code* find_code(int number) {
  const auto* row = std::ranges::lower_bound(table, number, {}, &Code::number);
  return row != std::end(table) && row->number == number ? row : nullptr;
}

std::string code_name(int number) {
  return fmt::format("AGW{:03}", number);
}

namespace pages {
std::span<const std::pair<std::string_view, std::string_view>> embedded();  // generated, see folder.cmake
}

std::string_view page(int number) {
  const std::string file = code_name(number) + ".md";
  for (const auto& [name, bytes] : pages::embedded()) {
    if (name == file) return bytes;
  }
  return {};
}

}  // namespace apigw::diag
