// A document that takes more entries in the mappings at its top, as insertions: every byte that was there stays.
//
// The new line takes the indentation and the line ends of its neighbours; a flow mapping grows inside its brace, a
// section that is missing is added at the end. What came out is read again: it is the document that was there, each
// value, tag and style of it, with that one entry more, or an error. What the entry means is for the caller to check.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "yaml/tree.h"

namespace apigw::yaml {

struct NewEntry {
  std::string_view key;           // as it is read
  std::string_view block, flow;   // the same as YAML: on a line of its own, and inside of braces
  std::string_view value;         // as YAML of one line that may stand inside of braces
  std::string_view comment = {};  // behind it, from its '#' on; left out inside of braces
};

class OpenDocument {
 public:
  // Error invalid when the text is no YAML.
  [[nodiscard]] static Result<OpenDocument> read(std::string text);
  // Nothing when the section has that key. Error invalid, and the text as it was, when the section is no mapping of
  // its own (an alias, a list), or when what would come out is not the text with that one entry.
  [[nodiscard]] Result<void> add(std::string_view section, const NewEntry& entry);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  OpenDocument(std::string text, Tree tree) : text_(std::move(text)), tree_(std::move(tree)) {}
  std::string text_;
  Tree tree_;  // of text_
};

}  // namespace apigw::yaml
