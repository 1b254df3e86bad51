// Where the addresses of a schema lead: its $ids, anchors and pointers, all within its own text.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/keywords.h"
#include "schema/schema.h"
#include "schema/values.h"

namespace apigw::schema {

class Resources {
 public:
  // Walks every place of `values` where a subschema stands.
  Resources(const Values& values, Draft draft);

  struct Target {
    // nowhere: this text should hold it and does not; too_far: all references together take too long to follow
    enum class Kind { here, nowhere, elsewhere, too_far } kind;
    Index at = no_value;
  };
  // Where a $ref in the subschema at `from` leads.
  [[nodiscard]] Target find(Index from, std::string_view reference);

  // $ids and anchors that name two places, by their value's index.
  [[nodiscard]] const std::vector<Index>& duplicates() const { return duplicates_; }

 private:
  struct Resource {
    std::string address;
    Index root;
  };
  void walk(Index at, std::size_t resource);
  void walk_inside(const Value& value, Holds holds, std::size_t resource);
  std::size_t enter(const Value& schema, std::size_t resource);
  void name_anchors(const Value& schema, std::size_t resource);
  void anchor(std::size_t resource, std::string_view name, Index at, Index named_by);
  [[nodiscard]] std::size_t resource_of(Index at) const;

  const Values& values_;
  Draft draft_;
  std::vector<Resource> all_;
  std::map<std::string, std::size_t, std::less<>> by_address_;
  std::map<std::pair<std::size_t, std::string>, Index> anchors_;
  std::vector<std::size_t> of_;  // resource of each value that a walk came by, by index; none elsewhere
  std::vector<Index> duplicates_;
  Steps steps_{5'000'000};  // of following pointers
};

}  // namespace apigw::schema
