// Draft → Plan: names become indices, defaults become values, nearer settings replace farther ones.
//
// Called only for a draft without errors, so it reports nothing. Precedence of auth: the route's own, then the
// listener's (Route::own_auth tells), then `defaults`, then `key` on AI endpoints and `none` on routes to services.
// That last `none` reaches only loopback: off it, a config that says nothing is refused (AGW402); an AI endpoint is
// never open unless somebody wrote so.
#pragma once
#include <map>
#include <string>

#include "config/documents.h"
#include "config/draft.h"
#include "config/load.h"
#include "config/prompts.h"

namespace apigw::config {

[[nodiscard]] model::Plan resolve(const Draft& draft, const Request& request, const Vocabulary& vocabulary,
                                  const std::map<SourceId, std::string>& folders,
                                  const std::vector<PromptFile>& prompts, Documents& documents);

// Reads every secret that the plan names, as request.secrets says: `optional` turns providers off and warns about the
// rest, `required` reports what is missing (AGW405). A file that others may read is refused in both (AGW404).
void load_secrets(model::Plan& plan, const Request& request, const Files& files, const Environment& environment,
                  diag::Report& report);

}  // namespace apigw::config
