// The operations of an OpenAPI document, whichever version says them, as they are described there.
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

namespace apigw::contract {

// The text of a scalar; empty for anything else.
[[nodiscard]] std::string text_of(const yaml::Node* node);

// A path template without the names of its variables, which are the document's own business: "/orders/{}".
[[nodiscard]] std::string shape_of(std::string_view path);

struct Described {
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
  [[nodiscard]] bool swagger() const { return swagger_; }  // 2.0
  [[nodiscard]] Dialect dialect() { return {root_, members_, modern_}; }
  // What a node stands for: the end of its references. Null where they lead nowhere, and for null.
  [[nodiscard]] const yaml::Node* followed(const yaml::Node* node);
  // By method and path without the names of its variables: "POST /orders/{}"; a second of these by its own path.
  [[nodiscard]] const std::map<std::string, Described>& all() const { return all_; }
  // By its operationId, which is the first's that has it, or as "POST /pets"; nullptr when there is none.
  [[nodiscard]] const Described* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, const Described*, std::less<>>& names() const { return names_; }

  // The parameters as written, the body of Swagger 2 among them: those of the operation behind those of its path that
  // they do not replace.
  struct Given {
    std::vector<const yaml::Node*> nodes;
    std::vector<yaml::BrokenReference> broken;
  };
  [[nodiscard]] Given given(const Described& operation);

  // By place and name: "query limit", those of a path by their number. A body of Swagger 2 is none.
  [[nodiscard]] Nodes parameters(const Described& operation);
  // A schema's text, or that of a parameter; "true" where there is none.
  [[nodiscard]] std::string schema(const yaml::Node* node, Side side);
  [[nodiscard]] std::string schema_of_parameter(const yaml::Node& parameter);

  struct Body {
    bool required = false;
    Nodes media;  // schemas by media type; null where there is none
  };
  [[nodiscard]] std::optional<Body> body(const Described& operation);
  [[nodiscard]] Nodes answers(const Described& operation);  // by status
  [[nodiscard]] Nodes media_of_answer(const Described& operation, const yaml::Node& answer);

  // The media types of Swagger 2 that `word` says, of the operation or of all: "consumes", "produces". Never empty.
  [[nodiscard]] std::vector<std::string> types(const Described& operation, std::string_view word) const;

  // Each way to be let in, as the scopes of its schemes; one without schemes is for everybody. Never empty.
  using Way = std::map<std::string, std::set<std::string>>;
  [[nodiscard]] std::vector<Way> ways_in(const Described& operation) const;

 private:
  [[nodiscard]] static Nodes media_of(const yaml::Node* content);

  const yaml::Node& root_;
  yaml::Members members_;
  bool swagger_ = false, modern_ = true;
  std::map<std::string, Described> all_;
  std::map<std::string, const Described*, std::less<>> names_;  // by operationId, and by method and path
};

}  // namespace apigw::contract
