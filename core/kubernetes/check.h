// Manifests judged by all rules.
#pragma once
#include "diag/diagnostic.h"
#include "kubernetes/objects.h"

namespace apigw::kubernetes {

// What the rules find, but for what an annotation of the object or of its pods' template exempts, with a reason:
//
//   apigw/ignore-AGW829: REASON
//   ignore-check.kube-linter.io/CHECK: REASON       kube-linter.io/ignore-all: REASON
//   kube-score/ignore: CHECK,CHECK                  kube-score/skip: "true"
//   polaris.fairwinds.com/CHECK-exempt: "true"      polaris.fairwinds.com/exempt: "true"
//
// The names of other linters exempt from every rule that stands for theirs, their forms for all checks from the rules
// that stand for one of theirs. An error stays, as with a comment. Secrets that were found are concealed in
// `sources`.
void check(const Objects& all, diag::Sources& sources, diag::Report& report);

}  // namespace apigw::kubernetes
