// Kubernetes manifests as `validate` judges them: all of one run together, as one cluster would get them.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"
#include "diag/diagnostic.h"

namespace apigw::cli {

struct ManifestFile {
  std::string path, text;
};

// Where manifests stand below a folder, each depth a glob of Files; hidden folders are none of them.
[[nodiscard]] std::vector<std::string> manifest_globs(const std::string& folder);
// The manifests below a folder, by path. Others and templates of Helm are passed over, these with a sentence on
// stderr. Complains when there is none, and when one cannot be read.
// `files` are those of a disk or of a commit.
[[nodiscard]] std::expected<std::vector<ManifestFile>, Exit> manifests_below(Env& env, const config::Files& files,
                                                                             const Globals& globals,
                                                                             const std::string& folder);
// One file that was named. Complains where it is to be rendered first.
[[nodiscard]] std::expected<ManifestFile, Exit> manifest(Env& env, const std::string& file, std::string text);

struct JudgedManifests {
  diag::Sources sources;
  diag::Report report;  // finished
};
[[nodiscard]] JudgedManifests judge_manifests(std::vector<ManifestFile> files);

// The rules, as a table.
[[nodiscard]] Exit list_rules(Env& env, const Globals& globals);

}  // namespace apigw::cli
