#include "render/file_tree.h"

#include <algorithm>

#include "base/text.h"

namespace apigw::render {

bool stays_below(std::string_view path) {
  return std::ranges::all_of(text::split(path, '/'),
                             [](std::string_view part) { return !part.empty() && part != "." && part != ".."; });
}

}  // namespace apigw::render
