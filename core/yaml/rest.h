// What stands behind the first document of a text: nothing, an end marker, a second document or a mistake.
//
// A config is one document; a second one is a finding, and not silently left out.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "diag/diagnostic.h"
#include "yaml/builder.h"

namespace YAML {
class Parser;
struct Mark;
}  // namespace YAML

namespace apigw::yaml {

[[nodiscard]] std::size_t bom_size(std::string_view text);
// yaml-cpp counts from behind the byte order mark.
[[nodiscard]] std::size_t offset_of(const YAML::Mark& mark, std::string_view text);

// Reads on with a parser that has given the first document. A Stop when the rest is no YAML.
[[nodiscard]] std::optional<Stop> rest_of(YAML::Parser& parser, std::string_view text, SourceId source,
                                          diag::Report& report);

}  // namespace apigw::yaml
