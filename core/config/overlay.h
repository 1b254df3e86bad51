// One document out of many: the main file, what it includes, a profile's keys and --set, before anything is typed.
//
// Works on nodes, so every value keeps the place that it came from, and the field tables judge the result as if it
// were one file. Includes do not nest and may hold only what allowed_in_include says; a name declared twice is a
// finding with both places.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "config/draft.h"
#include "config/load.h"
#include "config/reading.h"
#include "yaml/tree.h"

namespace apigw::config {

class Overlay {
 public:
  Overlay(const Request& request, const Files& files, const Environment& environment, Loaded& out)
      : request_(request), files_(files), environment_(environment), out_(out) {}

  // Reads the main file and its includes. False when nothing sensible is left.
  [[nodiscard]] bool read();
  // The names in `profiles:`, in order.
  [[nodiscard]] std::vector<std::string> profiles() const;
  // Finding AGW221 when the wanted profile is not declared.
  [[nodiscard]] bool check_profile(diag::Report& report) const;
  // The document under `profile` ("" for none); --set is for the chosen one, and comes last. Lives as long as this
  // object.
  [[nodiscard]] const yaml::Node& variant(std::string_view profile, bool chosen, diag::Report& report);
  [[nodiscard]] const std::map<SourceId, std::string>& folders() const { return folders_; }

 private:
  const yaml::Node* parse(std::string name, std::string text, std::string folder);
  const yaml::Node* read_file(const std::string& path, Span where);
  void read_sets();
  void include_all();
  std::vector<std::string> matches(const Given<std::string>& pattern);
  void merge(const yaml::Node& fragment);
  void merge_map(yaml::Entry entry);
  void apply_profile(yaml::Node& root, const yaml::Entry& profile, diag::Report& report);
  yaml::Node& make(yaml::Node node) { return nodes_.emplace_back(std::move(node)); }
  struct Set {
    std::string path;
    SourceId source;  // its text is "path=value"
    const yaml::Node* value;
  };
  const yaml::Node* set_below(const yaml::Node* node, const Set& set, std::string_view path, diag::Report& report);

  const Request& request_;
  const Files& files_;
  const Environment& environment_;
  Loaded& out_;
  std::map<SourceId, std::string> folders_;
  std::deque<yaml::Tree> trees_;
  std::deque<yaml::Node> nodes_;  // made here; addresses stay
  std::vector<Set> sets_;
  yaml::Node* root_ = nullptr;
  SourceId main_{};
  std::size_t bytes_ = 0;  // of all files read
};

}  // namespace apigw::config
