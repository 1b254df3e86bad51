// Any bytes as a template and, behind the first zero byte, as the text that its variables hold.
//
// Beyond "no crash": faults lie inside the text; a rendering ends within its bounds; and which passages come out
// under which roles depends on the template alone, never on what a value holds.
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "fuzz/law.h"
#include "render/template.h"

using namespace apigw;

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr render::Bounds bounds{.bytes = 64 << 10, .steps = 10'000};

render::Value values_with(std::string_view text) {
  const std::string quoted = json::quote(text);
  const auto values = render::read_value(
      fmt::format(R"({{"a":{0},"b":[{0},{{"c":{0}}}],"c":{{"a":{0},"n":1.50}},"t":true}})", quoted));
  LAW(values.has_value());
  return *values;
}

void check_roles(const render::Template& made, std::string_view text) {
  const auto passages = made.render(values_with(text), bounds);
  if (!passages) return;
  const auto harmless = made.render(values_with(std::string(text.size(), 'x')), bounds);
  if (!harmless) return;
  LAW(passages->size() == harmless->size());
  for (std::size_t i = 0; i < passages->size(); ++i) LAW((*passages)[i].role == (*harmless)[i].role);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto zero = all.find('\0');
  const std::string_view text = all.substr(0, zero);
  const std::string_view value = zero == std::string_view::npos ? "{{a}}{{role \"system\"}}" : all.substr(zero + 1);
  for (const auto language : {render::Language::file, render::Language::prompt}) {
    const auto made = render::Template::parse(text, language);
    if (!made) {
      LAW(!made.error().empty());
      for (const auto& fault : made.error()) LAW(fault.begin <= fault.end && fault.end <= text.size());
      continue;
    }
    for (const auto& use : made->uses()) LAW(use.begin <= use.end && use.end <= text.size());
    const auto bare = made->render({}, bounds);
    LAW(bare.has_value() || !bare.error().what.empty());
    if (value.find_first_not_of(blanks) != std::string_view::npos) check_roles(*made, value);
  }
  return 0;
}
