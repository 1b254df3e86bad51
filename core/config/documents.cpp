#include "config/documents.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/prompts.h"

namespace apigw::config {

contract::Document* Documents::document(const std::string& file, Span asked, diag::Report& report) {
  const auto [at, fresh] = read_.try_emplace(file);
  Entry& entry = at->second;
  if (!fresh) return entry.document.get();
  auto text = files_.read(file, most_document_bytes);
  out_.files.push_back(file);
  if (!text) {
    report.add(220, asked, fmt::format("'{}' cannot be read", text::printable(file)), text.error().what);
    return nullptr;
  }
  entry.revision = fingerprint(*text);
  entry.document = contract::Document::read(out_.sources.add(file, std::move(*text)), out_.sources, report);
  return entry.document.get();
}

std::uint64_t Documents::revision(const std::string& file) const {
  const auto found = read_.find(file);
  return found == read_.end() ? 0 : found->second.revision;
}

std::shared_ptr<const contract::Operation> Documents::operation(const OperationDraft& named, Span asked,
                                                                diag::Report& report) {
  contract::Document* const from = document(named.file, asked, report);
  return from == nullptr ? nullptr : from->operation(named.name, asked, report);
}

}  // namespace apigw::config
