// The schemas of an OpenAPI document as JSON Schema of draft 2020-12.
//
// OpenAPI 3.1 says schemas in that draft; 3.0 and Swagger 2 have a dialect of their own (`nullable`, bounds that are
// true or false), which is rewritten. A schema becomes one text that holds all that it refers to. What only answers
// have (`readOnly`) is not required of a request, and the reverse.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::contract {

// A document, and how it says schemas.
struct Dialect {
  const yaml::Node& root;
  yaml::Members& members;
  bool modern = true;  // 3.1 and later
};

enum class Side : std::uint8_t {
  request,
  answer,
  both,  // `readOnly` and `writeOnly` stay for the reader to respect
};

struct SchemaText {
  std::string json;  // at most 1 MiB, else cut and no JSON: `too_large`
  bool too_large = false;
  std::vector<yaml::BrokenReference> broken;  // anything fits where they stand
  std::vector<std::string_view> passed_over;  // words that would say something of a value: "discriminator"
};

// `parameter`: the schema is a parameter of Swagger 2, whose other words are no keywords.
[[nodiscard]] SchemaText schema_text(const yaml::Node& schema, Dialect dialect, Side side, bool parameter = false);

// Whether OpenAPI allows it as the name of a component.
[[nodiscard]] bool is_component_name(std::string_view name);

// The schemas of one document as one of OpenAPI 3.1 says them, where many refer to the same: by name.
class NamedSchemas {
 public:
  using Texts = std::map<std::string, std::string>;  // by name; JSON

  explicit NamedSchemas(Dialect dialect) : dialect_(dialect) {}

  // With references to #/components/schemas/NAME, each of which is in texts() from then on. What cannot
  // be said fits anything and is a word of left_out(): a schema that is too large, a reference that leads nowhere, a
  // discriminator (it speaks of names, and names may change).
  [[nodiscard]] std::string text(const yaml::Node& schema, bool parameter = false);
  [[nodiscard]] std::shared_ptr<const Texts> texts() const { return texts_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // of all that was written
  [[nodiscard]] const std::set<std::string_view>& left_out() const { return left_out_; }

 private:
  std::string named(const yaml::Node& node, std::string_view reference);
  std::string written(const yaml::Node& schema, bool parameter);

  const Dialect dialect_;
  std::map<const yaml::Node*, std::string> names_;
  std::vector<std::pair<const yaml::Node*, std::string>> unwritten_;
  std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
  std::size_t bytes_ = 0;
  std::set<std::string_view> left_out_;
};

}  // namespace apigw::contract
