// The test files of a project: found, read by what they hold, and judged against the plan that they are for.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cases/cases.h"
#include "command.h"
#include "diag/diagnostic.h"
#include "model/plan.h"
#include "routing/explain.h"

namespace apigw::cli {

// Where tests of routes stand beside the config at `config` ("" is one in this directory): tests/ and the folders
// below it, each depth a glob of Files.
[[nodiscard]] std::vector<std::string> route_test_globs(std::string_view config);
// The files of all of them, by depth, then by name.
[[nodiscard]] std::vector<std::string> route_test_files(const Files& files, std::string_view config);

struct TestFile {
  std::string path;
  cases::Kind kind = cases::Kind::prompt;
  std::vector<cases::Case> cases;         // of routes and OpenAPI documents: method and path are resolved
  const model::Prompt* prompt = nullptr;  // of a prompt's
};

struct ReadTests {
  diag::Sources sources;
  diag::Report report;           // finished
  std::optional<TestFile> file;  // nothing when there are errors
};
// Reads test files of one plan.
class TestReader {
 public:
  TestReader(const Files& files, model::PlanPtr plan);
  // `text` is the content of `path`. A call that no route serves is a warning (AGW637), unless the case expects that
  // answer.
  [[nodiscard]] ReadTests read(const std::string& path, std::string text) const;

 private:
  [[nodiscard]] std::optional<TestFile> read(const std::string& path, SourceId source, const diag::Sources& sources,
                                             diag::Report& report) const;
  void resolve(cases::Case& test, diag::Report& report) const;
  void find_public_path(cases::Case& test, const std::vector<std::string>& prefixes) const;
  [[nodiscard]] bool is_routed(const cases::Case& test) const;
  // Nothing when the plan's routes cannot be compiled.
  [[nodiscard]] std::optional<routing::Explanation> route_of(const cases::Case& test) const;

  const Files& files_;
  model::PlanPtr plan_;
  std::optional<routing::Router> router_;
};

}  // namespace apigw::cli
