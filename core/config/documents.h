// The OpenAPI documents that routes name: each read once, whatever profiles the config has.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "config/draft.h"
#include "config/load.h"
#include "contract/document.h"

namespace apigw::config {

inline constexpr std::size_t most_document_bytes = 8 << 20;

class Documents {
 public:
  // What is read goes to out's sources and files.
  Documents(const Files& files, Loaded& out) : files_(files), out_(out) {}

  // Null with findings: AGW220 and AGW351 at `asked`, others in the document, all the first time only.
  [[nodiscard]] std::shared_ptr<const contract::Operation> operation(const OperationDraft& named, Span asked,
                                                                     diag::Report& report);
  [[nodiscard]] std::uint64_t revision(const std::string& file) const;  // of its text; 0 when it was not read

 private:
  contract::Document* document(const std::string& file, Span asked, diag::Report& report);

  const Files& files_;
  Loaded& out_;
  struct Entry {
    std::unique_ptr<contract::Document> document;  // null: it could not be read
    std::uint64_t revision = 0;
  };
  std::map<std::string, Entry> read_;
};

}  // namespace apigw::config
