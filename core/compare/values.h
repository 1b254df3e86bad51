// Two JSON values, member by member: which places differ.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace apigw::compare {

using Json = nlohmann::ordered_json;

struct Difference {
  std::string path;              // "spec.containers[app].image", "labels[app.kubernetes.io/name]"; empty: the whole
  const Json* before = nullptr;  // null: it was not there
  const Json* after = nullptr;
};

// Members are compared by name, whatever their order; null is not there. Items of a list by what names them (`name`,
// a port, a path), else by their number where the lists are as long, else the list is one place. The values must
// outlive the differences.
[[nodiscard]] std::vector<Difference> differences(const Json& before, const Json& after);

// A value on one line: texts as they are, the rest as JSON; cut. Empty for none.
[[nodiscard]] std::string shown(const Json* value);
// The same of two that differ: where the cut would hide how, both begin shortly before the place, behind "…".
using Shown = std::pair<std::string, std::string>;
[[nodiscard]] Shown shown(const Json* before, const Json* after);
[[nodiscard]] Shown shown(std::string_view before, std::string_view after);
// Whether `path` is `pattern` or below it; `*` stands for any run within a pattern ("spec.*.image").
[[nodiscard]] bool covers(std::string_view pattern, std::string_view path);

}  // namespace apigw::compare
