// An OpenAPI document as the operations in it: 3.0, 3.1 and Swagger 2.0, YAML or JSON.
//
// An operation is compiled when it is first asked for, so that a document with thousands costs what is used of it.
// What of it cannot be judged (cookies, forms, objects in a query, keywords that are not evaluated) is a warning in
// the document; what is malformed is an error there, and the operation then is not given.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "contract/describe.h"
#include "contract/operation.h"
#include "contract/operations.h"
#include "diag/diagnostic.h"

namespace apigw::contract {

class Document {
 public:
  // The text of `source`. Nothing with findings (AGW1xx, AGW351) for what is no OpenAPI document.
  [[nodiscard]] static std::unique_ptr<Document> read(SourceId source, const diag::Sources& sources,
                                                      diag::Report& report);

  // By its operationId, or as "POST /pets". Null with findings: AGW351 at `asked`, the place that names it, when
  // there is no such operation, AGW353 in the document when it cannot be compiled. Findings in the document come
  // once.
  [[nodiscard]] std::shared_ptr<const Operation> operation(std::string_view name, Span asked, diag::Report& report);

  Document(const Document&) = delete;

 private:
  explicit Document(yaml::Tree tree);

  yaml::Tree tree_;
  Operations operations_;
  Describer describer_;
  std::size_t schemas_left_ = 8 << 20;  // bytes: a schema has all that it refers to
  std::map<std::string, std::shared_ptr<const Operation>, std::less<>> compiled_;
};

}  // namespace apigw::contract
