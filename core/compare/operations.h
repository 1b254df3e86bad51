// The operations of an OpenAPI document, whichever version says them, as a comparison asks for them.
//
// References are followed within the document; what leads nowhere is not there. Judges nothing.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "contract/schema_text.h"
#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::compare {

// The text of a scalar; empty for anything else.
[[nodiscard]] std::string text_of(const yaml::Node* node);

struct Operation {
  std::string method, path;          // "POST", "/orders/{id}"
  const yaml::Node* item = nullptr;  // of the path
  const yaml::Node* node = nullptr;
  [[nodiscard]] std::string name() const { return method + " " + path; }
};

class Operations {
 public:
  using Nodes = std::map<std::string, const yaml::Node*>;

  // `root` outlives it.
  explicit Operations(const yaml::Node& root);

  [[nodiscard]] const yaml::Node& root() const { return root_; }
  // By method and path without the names of its variables: "POST /orders/{}".
  [[nodiscard]] const std::map<std::string, Operation>& all() const { return all_; }
  // By its operationId, or as "POST /pets"; nullptr when there is none.
  [[nodiscard]] const Operation* find(std::string_view name) const;

  // By place and name: "query limit", those of a path by their number. Those of the operation replace those of its
  // path. A body of Swagger 2 is none.
  [[nodiscard]] Nodes parameters(const Operation& operation);
  // A schema's text, or that of a parameter; "true" where there is none.
  [[nodiscard]] std::string schema(const yaml::Node* node, contract::Side side);
  [[nodiscard]] std::string schema_of_parameter(const yaml::Node& parameter);

  struct Body {
    bool required = false;
    Nodes media;  // schemas by media type; null where there is none
  };
  [[nodiscard]] std::optional<Body> body(const Operation& operation);
  [[nodiscard]] Nodes answers(const Operation& operation);  // by status
  [[nodiscard]] Nodes media_of_answer(const Operation& operation, const yaml::Node& answer);

  // Each way to be let in, as the scopes of its schemes; one without schemes is for everybody. Never empty.
  using Way = std::map<std::string, std::set<std::string>>;
  [[nodiscard]] std::vector<Way> ways_in(const Operation& operation) const;

 private:
  [[nodiscard]] const yaml::Node* followed(const yaml::Node* node);
  [[nodiscard]] static Nodes media_of(const yaml::Node* content);
  [[nodiscard]] std::vector<std::string> types(const Operation& operation, std::string_view word) const;

  const yaml::Node& root_;
  yaml::Members members_;
  bool swagger_ = false, modern_ = true;
  std::map<std::string, Operation> all_;
};

}  // namespace apigw::compare
