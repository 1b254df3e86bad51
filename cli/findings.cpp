#include "findings.h"

#include <algorithm>

namespace apigw::cli {
namespace {

constexpr diag::Format formats[] = {diag::Format::full,  diag::Format::concise, diag::Format::json,
                                    diag::Format::sarif, diag::Format::github,  diag::Format::gitlab,
                                    diag::Format::junit};
static_assert(std::size(formats) == finding_formats.size());

}  // namespace

diag::Format format_of(const Destination& destination, bool terminal) {
  const auto at = std::ranges::find(finding_formats, destination.format);
  if (at == finding_formats.end()) return terminal ? diag::Format::full : diag::Format::concise;
  return formats[at - finding_formats.begin()];
}

}  // namespace apigw::cli
