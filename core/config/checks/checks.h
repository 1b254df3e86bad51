// The checks over two and more values of a draft: one function a code (or a pair that one look decides).
//
// A check reads facts and adds findings; it changes nothing and needs no other check to have run. What a reader could
// not read is passed over, so that one cause stays one finding.
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/text.h"
#include "config/documents.h"
#include "config/draft.h"
#include "config/load.h"
#include "config/prompts.h"
#include "config/route_pattern.h"

namespace apigw::config {

template <class T>
using Index = std::unordered_map<std::string_view, const Named<T>*>;

// What every check may ask: the draft, its names, and what the command wants.
struct Facts {
  Facts(const Draft& draft, const Request& request, const Vocabulary& vocabulary, const diag::Sources& sources,
        const std::vector<PromptFile>& prompts, Documents& documents);

  const Draft& draft;
  const Vocabulary& vocabulary;
  const diag::Sources& sources;
  const std::vector<PromptFile>& prompts;
  Documents& documents;
  bool development;
  Secrets secrets;
  Index<ProviderDraft> providers;
  Index<ModelDraft> models;
  Index<ServiceDraft> services;

  // A route's key taken apart once; nothing where it has a fault (AGW305, AGW306).
  struct Pattern {
    RouteKey key;
    PathTemplate path;
  };
  std::vector<std::optional<Pattern>> patterns;  // one a route, in their order

  [[nodiscard]] const KnownProvider* known(std::string_view provider) const;
  [[nodiscard]] const std::optional<Pattern>& pattern(const Named<Alternatives>& route) const {
    return patterns[static_cast<std::size_t>(&route - entries(draft.routes).data())];
  }
};

struct Check {
  int code;
  void (*run)(const Facts&, diag::Report&);
};
[[nodiscard]] std::span<const Check> checks();

// Checks over the documents of all profiles at once: what one leaves unused another may use.
struct ProjectCheck {
  int code;
  void (*run)(std::span<const std::unique_ptr<Facts>>, diag::Report&);
};
[[nodiscard]] std::span<const ProjectCheck> project_checks();

// Whether a field below `where` was unknown: what seems to be missing there may only be misspelt.
[[nodiscard]] bool misspelt_within(const diag::Report& report, Span where);

// Labels the closest of the declared names and says what to write.
template <class T>
void suggest(diag::Diagnostic& finding, std::string_view word, Span where, const std::vector<Named<T>>& declared);
void suggest_named(diag::Diagnostic& finding, std::string_view word, Span where,
                   std::span<const std::pair<std::string_view, Span>> declared);

// The same for a provider: of the declared ones and the mock, else of those that apigw knows, which want declaring.
void suggest_provider(diag::Diagnostic& finding, const Facts& facts, std::string_view word, Span where);

template <class T>
void suggest(diag::Diagnostic& finding, std::string_view word, Span where, const std::vector<Named<T>>& declared) {
  std::vector<std::pair<std::string_view, Span>> names;
  for (const auto& entry : declared) names.emplace_back(entry.name, entry.where);
  suggest_named(finding, word, where, names);
}

// A name of the config as it may stand in a message.
[[nodiscard]] inline std::string shown(std::string_view s) {
  return text::printable(s, 60);
}

// Calls visit(model, target, text) for every readable target of every model.
template <class Visit>
void each_target(const Facts& facts, Visit visit) {
  for (const auto& model : entries(facts.draft.models)) {
    if (!model.body || !model.body->targets) continue;
    for (const auto& target : *model.body->targets)
      if (target) visit(model, target.where, *target);
  }
}

// Calls visit(route, alternative) for every readable alternative of every route.
template <class Visit>
void each_alternative(const Facts& facts, Visit visit) {
  for (const auto& route : entries(facts.draft.routes)) {
    if (!route.body) continue;
    for (const auto& alternative : *route.body)
      if (alternative) visit(route, *alternative, alternative.where);
  }
}

// document
void check_version(const Facts&, diag::Report&);            // 209, 210
void check_duplicate_address(const Facts&, diag::Report&);  // 334
void check_own_address(const Facts&, diag::Report&);        // 346
void check_pairs(const Facts&, diag::Report&);              // 340: tls and client certificates
// names
void check_targets(const Facts&, diag::Report&);                                     // 321, 323, 326
void check_provider_complete(const Facts&, diag::Report&);                           // 324
void check_dialect(const Facts&, diag::Report&);                                     // 325
void check_known_elsewhere(const Facts&, diag::Report&);                             // 344
void check_spoken_there(const Facts&, diag::Report&);                                // 345
void check_service_names(const Facts&, diag::Report&);                               // 322
void check_service_address(const Facts&, diag::Report&);                             // 327
void check_model_cycle(const Facts&, diag::Report&);                                 // 337
void check_call_cycle(const Facts&, diag::Report&);                                  // 338
void check_unused_provider(std::span<const std::unique_ptr<Facts>>, diag::Report&);  // 335
void check_unused_service(std::span<const std::unique_ptr<Facts>>, diag::Report&);   // 336
// variables
void check_variables(const Facts&, diag::Report&);  // 341, 342
// routes
void check_route_keys(const Facts&, diag::Report&);       // 305, 306
void check_route_answer(const Facts&, diag::Report&);     // 211, 339
void check_strip(const Facts&, diag::Report&);            // 307
void check_placeholders(const Facts&, diag::Report&);     // 308
void check_redirect_loop(const Facts&, diag::Report&);    // 309
void check_managed_headers(const Facts&, diag::Report&);  // 313
void check_operation(const Facts&, diag::Report&);        // 351 to 354
void check_duplicate_route(const Facts&, diag::Report&);  // 331
void check_unreachable(const Facts&, diag::Report&);      // 332
// security
void check_open_listener(const Facts&, diag::Report&);        // 402
void check_verify(const Facts&, diag::Report&);               // 406
void check_admin(const Facts&, diag::Report&);                // 407, 408
void check_plain_key(const Facts&, diag::Report&);            // 410
void check_pepper(const Facts&, diag::Report&);               // 411
void check_consumers(const Facts&, diag::Report&);            // 211, 215, 339
void check_provider_credential(const Facts&, diag::Report&);  // 211, 339
void check_shared_key(const Facts&, diag::Report&);           // 414
void check_too_many(const Facts&, diag::Report&);             // 216
void check_nobody(const Facts&, diag::Report&);               // 416
// prompts
void check_prompt_models(const Facts&, diag::Report&);    // 614, 615
void check_prompt_settings(const Facts&, diag::Report&);  // 617
void check_model_names(const Facts&, diag::Report&);      // 343
// reliability
void check_repeated_target(const Facts&, diag::Report&);  // 501
void check_gateway_scale(const Facts&, diag::Report&);    // 503
// deployment
void check_patches(const Facts&, diag::Report&);  // 211, 339

}  // namespace apigw::config
