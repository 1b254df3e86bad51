// An operation for its callers: what its document says of it, in the words of OpenAPI 3.1.
//
// Says more than is judged (cookies, forms, answers, examples), and less than the document: links, callbacks,
// servers, security and extensions stay there.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "contract/operations.h"
#include "contract/schema_text.h"

namespace apigw::contract {

struct Description {
  std::string json;  // an Operation Object; its schemas refer to `schemas`
  std::shared_ptr<const NamedSchemas::Texts> schemas;
  std::vector<std::string_view> left_out;  // words of the operation that are not in `json`: "callbacks"; once a
                                           // document those of schemas
};

class Describer {
 public:
  // `operations` outlives it.
  explicit Describer(Operations& operations) : operations_(operations), schemas_(operations.dialect()) {}

  // Empty `json` once the descriptions of this document have reached 16 MiB together: references make a small
  // document expand.
  [[nodiscard]] Description describe(const Described& operation);

 private:
  Operations& operations_;
  NamedSchemas schemas_;
  std::size_t bytes_ = 0;
};

}  // namespace apigw::contract
