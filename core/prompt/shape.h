// Which names a JSON Schema lets its document have, as far as it can be said without a document.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::prompt {

// Whether a document that fits `schema` can hold something at `steps` ("*" is any item or member). A schema that says
// it in a way that is not looked into ($ref, anyOf…) can. `known` gets the names that stand where the first wrong
// step does.
[[nodiscard]] bool can_hold(std::string_view schema, std::span<const std::string> steps,
                            std::vector<std::string>& known);

// The names of the top level's `properties`, and of `required`, in order.
[[nodiscard]] std::vector<std::string> names_of(std::string_view schema);
[[nodiscard]] std::vector<std::string> required_of(std::string_view schema);
// Whether a property may be a text, as far as its `type` says; one that has no type may be anything.
[[nodiscard]] bool may_be_text(std::string_view schema, std::string_view name);
// Whether `type` of a property is a string, or may be.
[[nodiscard]] bool is_text(std::string_view schema, std::string_view name);

}  // namespace apigw::prompt
