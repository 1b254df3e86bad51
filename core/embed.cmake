# Run by apigw_embed: writes OUT with the bytes of each file of LIST ('|' between paths).
string(REPLACE "|" ";" files "${LIST}")
list(SORT files)
set(arrays "")
set(rows "")
set(n 0)
foreach(file IN LISTS files)
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR bytes "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," text "${hex}")
  file(RELATIVE_PATH name ${ROOT} ${file})
  string(APPEND arrays "constexpr char file_${n}[] = {${text}'\\0'};\n")
  string(APPEND rows "    {\"${name}\", {file_${n}, ${bytes}}},\n")
  math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT} "// Generated; do not edit.
#include <span>
#include <string_view>
#include <utility>

namespace ${NAMESPACE} {
namespace {
${arrays}
constexpr std::pair<std::string_view, std::string_view> rows[] = {
${rows}};
}  // namespace
std::span<const std::pair<std::string_view, std::string_view>> embedded() { return rows; }
}  // namespace ${NAMESPACE}
")
