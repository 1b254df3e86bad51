// What an importer works with: the source and its findings on one side, the config in the making on the other.
//
// Fields is how a mapping of the source is read: every key is asked for by name, and what nobody asked for is a loss.
// So nothing of a source goes missing in silence, and no value is trusted to have the kind that it should have.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/vocabulary.h"
#include "diag/diagnostic.h"
#include "import/config_draft.h"
#include "yaml/tree.h"

namespace apigw::import {

// The document as the config may name it, and as it is read with the config then.
struct Beside {
  std::string path;  // empty: the config cannot name it
  std::string text;
};

class Importing {
 public:
  Importing(const diag::Sources& sources, diag::Report& report, const config::Vocabulary& vocabulary,
            const Beside& document)
      : sources(sources), report(report), vocabulary(vocabulary), document(document) {}

  // Nothing can be made of the document (AGW720); the importer returns then.
  diag::Diagnostic& refuse(Span where, std::string message, std::string label = {});
  // What came along in the nearest form (AGW722), and what it means here.
  diag::Diagnostic& nearly(Span where, std::string what, std::string_view how);
  // What has no counterpart (AGW724).
  diag::Diagnostic& lost(Span where, std::string what, std::string_view why);
  // What the config has a word for that this version does not enforce (AGW725); `write`: that word.
  diag::Diagnostic& later(Span where, std::string what, std::string_view write);
  // What is not of the form that its owner gives it (AGW726).
  diag::Diagnostic& unreadable(Span where, std::string message, std::string label = {});

  // True the first time that `what` is asked for: findings that would say the same for every entry.
  [[nodiscard]] bool first(std::string_view what) { return said_.emplace(what).second; }

  // The reference to a secret: what `scalar` itself refers to, or a variable of that name for a literal, with a note
  // to set it (AGW723). A name is given once: other literals get a number behind it.
  [[nodiscard]] std::string secret(const yaml::Node& scalar, std::string_view variable);
  // From here on the variables that `root` refers to are given to no literal: they have values of their own.
  void keep_variables_of(const yaml::Node& root);
  // The variable alone, for a literal at `where`.
  [[nodiscard]] std::string secret_variable(Span where, const std::string& literal, std::string_view variable);

  // A scalar of the source as it may stand in a message: cut, printable, and never a secret.
  [[nodiscard]] std::string shown(const yaml::Node& scalar) const;

  const diag::Sources& sources;
  diag::Report& report;
  const config::Vocabulary& vocabulary;
  const Beside& document;
  ConfigDraft config;

 private:
  std::set<std::string, std::less<>> said_;
  std::map<std::pair<std::string, std::string>, std::string> variables_;  // by the name wanted and the literal
  std::map<std::string, std::size_t> numbers_;
  std::set<std::string> taken_;
};

class Fields {
 public:
  // `what`: how findings call it: "service 'orders'". A node that is no mapping is AGW726 and has no fields; null is
  // an empty mapping.
  Fields(const yaml::Node& node, Importing& to, std::string what);

  // The value of `key`, nullptr when it is absent or null. Asked for means said.
  [[nodiscard]] const yaml::Node* take(std::string_view key);
  // A scalar's text; AGW726 for another kind.
  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  // The items of a list, a single scalar for a list of one where `or_one`; AGW726 for another kind.
  [[nodiscard]] std::vector<const yaml::Node*> list(std::string_view key, bool or_one = false);
  // The same as texts; items that are no scalars are AGW726.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, bool or_one = false);

  // Keys with nothing to carry over: they are for readers, or say what apigw does anyway.
  void ignore(std::initializer_list<std::string_view> keys);
  // AGW724 and AGW725 for a key that is there.
  void lost(std::string_view key, std::string_view why);
  void later(std::string_view key, std::string_view write);
  // AGW724 for every key that was not asked for.
  void rest();

  [[nodiscard]] const yaml::Node& node() const { return node_; }
  [[nodiscard]] Span key(std::string_view name) const;  // of the key, or of the whole
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] Importing& to() { return to_; }

 private:
  const yaml::Node& node_;
  Importing& to_;
  std::string what_;
  std::set<std::string_view> said_;
};

// What a message calls a node of another kind than is wanted: "a list", "nothing".
[[nodiscard]] std::string_view kind_of(const yaml::Node& node);

}  // namespace apigw::import
