// A text as a tree: read it, and when it is refused say why, mend what can be mended, and read again.
#include "yaml/tree.h"

#include "yaml/builder.h"
#include "yaml/lint.h"

namespace apigw::yaml {

const Node* Node::find(std::string_view key) const {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->key->value == key) return entry->value;
  }
  return nullptr;
}

Tree::Tree(std::unique_ptr<Store> store) : store_(std::move(store)) {}
Tree::Tree(Tree&&) noexcept = default;
Tree& Tree::operator=(Tree&&) noexcept = default;
Tree::~Tree() = default;
const Node& Tree::root() const {
  return *store_->root;
}

std::unique_ptr<Tree::Store> parse_text(std::string_view text, SourceId source, diag::Report& report,
                                        const Limits& limits) {
  RawTree first = read(text, source, limits);
  if (!first.stop) {
    report.append(first.report);
    return std::move(first.store);
  }
  if (first.stop->words.empty()) {  // a limit
    report.append(first.report);
    return nullptr;
  }
  const Lint found = lint(text, source, report);
  if (found.repaired != text) {
    RawTree second = read(found.repaired, source, limits);
    report.append(second.report);
    if (!second.stop) return std::move(second.store);
    if (!found.explained && !second.stop->words.empty())
      translate(second.stop->words, second.stop->at, text, source, report);
    return nullptr;
  }
  report.append(first.report);
  if (!found.explained) translate(first.stop->words, first.stop->at, text, source, report);
  return nullptr;
}

std::optional<Tree> parse(SourceId source, const diag::Sources& sources, diag::Report& report, std::size_t end,
                          const Limits& limits) {
  const std::string_view text = sources.text(source).substr(0, end);
  if (!readable(text, source, report, limits.text)) return std::nullopt;
  auto store = parse_text(text, source, report, limits);
  if (store == nullptr) return std::nullopt;
  return Tree(std::move(store));
}

}  // namespace apigw::yaml
