// One JSON object at the end of a text, member by member; who calls writes the values.
#pragma once
#include <string>
#include <string_view>

#include "base/json.h"

namespace apigw::contract {

class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void name(std::string_view word) {
    out_ += first_ ? "" : ",";
    out_ += json::quote(word) + ":";
    first_ = false;
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace apigw::contract
