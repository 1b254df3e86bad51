// The examples that an OpenAPI document gives: of parameters and bodies, and of schemas, whose properties make one
// together.
#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::cases {

// The examples of a parameter or a body, by the name that the document gives them; "" is the one without.
struct Examples {
  std::vector<std::pair<std::string, const yaml::Node*>> named;
  const yaml::Node* one = nullptr;
  [[nodiscard]] const yaml::Node* find(const std::string& name) const {
    for (const auto& [own, node] : named)
      if (own == name) return node;
    return one != nullptr ? one : named.empty() ? nullptr : named.front().second;
  }
};

class ExampleBook {
 public:
  // `root` and `members` outlive it. `most`: bytes of all that is read out of it: references make a small document
  // expand.
  ExampleBook(const yaml::Node& root, yaml::Members& members, std::size_t most)
      : root_(root), members_(members), left_(most) {}

  // Of a parameter or a media type; its schema's own last.
  [[nodiscard]] const Examples& of(const yaml::Node& holder);
  // Whether a media type has one, or its schema makes one.
  [[nodiscard]] bool any(const yaml::Node& holder);
  // The example of a schema as JSON: its own, or an object of its properties'. One that needs itself has none.
  [[nodiscard]] std::optional<std::string> put_together(const yaml::Node& schema, int depth = 0);
  // The text of a value that is sent; nothing for one that is too large, or where all of them are.
  [[nodiscard]] std::optional<std::string> json_of(const yaml::Node& node);
  [[nodiscard]] bool spent() const { return left_ == 0; }

 private:
  // Of an object in the making.
  struct Making {
    std::string text;  // those that have an example
    std::set<std::string_view> names, required;
    std::set<const yaml::Node*> seen;  // schemas that gave theirs
    bool whole = true;                 // nothing lay too deep
  };
  Examples read(const yaml::Node& holder);
  const yaml::Node* own_value(const yaml::Node& schema);
  std::optional<std::string> of_parts(const yaml::Node& schema, int depth);
  void add_members(const yaml::Node& schema, int depth, Making& to);
  void spend(std::size_t bytes) { left_ -= std::min(left_, bytes + 1); }

  const yaml::Node& root_;
  yaml::Members& members_;
  std::size_t left_;
  std::map<const yaml::Node*, Examples> examples_;
  std::map<const yaml::Node*, std::optional<std::string>> made_;  // by schema
};

}  // namespace apigw::cases
