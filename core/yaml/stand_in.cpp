#include "yaml/stand_in.h"

#include <utility>

namespace apigw::yaml {
namespace {

constexpr std::pair<char, char> stand_ins[] = {{'{', '\x01'}, {'}', '\x02'}, {',', '\x03'},
                                               {'*', '\x05'}, {'[', '\x06'}, {']', '\x07'},
                                               {'@', '\x0e'}, {'`', '\x0f'}, {'%', '\x10'}};

}  // namespace

char stand_in(char original) {
  for (const auto& [from, to] : stand_ins) {
    if (from == original) return to;
  }
  return original;
}

void restore(std::string& value) {
  for (char& c : value) {
    if (static_cast<unsigned char>(c) >= 0x20) continue;
    for (const auto& [from, to] : stand_ins) {
      if (to == c) c = from;
    }
  }
}

}  // namespace apigw::yaml
