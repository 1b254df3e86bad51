// Draft → Plan in the making: one pass over the draft that fills a plan from what names mean; see resolve.h.
//
// The order of take_plan() is the invariant: an index is known before anything that names it is resolved, and what
// holds for all (timeouts, caps, auth, outbound) before the settings that replace it. resolve_upstreams.cpp holds
// what is called, resolve_routes.cpp what is called by.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "config/documents.h"
#include "config/draft.h"
#include "config/load.h"
#include "config/prompts.h"

namespace apigw::config {

// --- settings whose nearer value replaces the farther one

template <class T>
void take(T& slot, const Given<T>& field) {
  if (field) slot = *field;
}
[[nodiscard]] model::Timeouts timeouts_of(const Given<TimeoutsDraft>& field);
[[nodiscard]] model::Caps caps_of(const Given<CapsDraft>& field);
[[nodiscard]] model::Outbound outbound_of(const Given<OutboundDraft>& field, const model::Outbound& farther);
[[nodiscard]] model::Auth auth_of(const Given<AuthDraft>& field);

class Resolving {
 public:
  Resolving(const Draft& draft, const Request& request, const Vocabulary& vocabulary,
            const std::map<SourceId, std::string>& folders, const std::vector<PromptFile>& prompts,
            Documents& documents)
      : draft_(draft),
        request_(request),
        vocabulary_(vocabulary),
        folders_(folders),
        files_(prompts),
        documents_(documents) {}
  model::Plan take_plan();

 private:
  [[nodiscard]] const Given<AuthDraft>* default_auth() const;
  void listeners();
  void admin_and_health();
  void consumers();

  void providers();
  [[nodiscard]] model::Provider provider(const Named<ProviderDraft>& entry) const;
  [[nodiscard]] const KnownProvider* known(std::string_view name) const;
  void models();
  [[nodiscard]] model::Target target(const Given<std::string>& text) const;
  void services();
  [[nodiscard]] model::Service service(const Named<ServiceDraft>& entry) const;
  [[nodiscard]] model::RunSpec run_of(const ServiceDraft& draft) const;
  static void take_container(model::Container& out, const ContainerDraft& draft);
  void deploy();

  void routes();
  [[nodiscard]] model::Route route(const RouteDraft& draft) const;
  // What holds for all routes, and where it was set.
  void limits(model::Route& out, Span body_where, std::uint64_t body) const;
  [[nodiscard]] model::ToService to_service(const RouteDraft& draft) const;
  // The AI surface is there when a client could name a model on it.
  void endpoints();
  // A route of the gateway's own, which spends money or tells what is here: never open unless somebody wrote so.
  model::Route& own_route(std::string_view method, std::string_view path, model::Action action, Span where);
  void prompts();
  void describe_operations();
  // Whether a route of the config has this very path for everybody. Of an AI endpoint that does not yield only in
  // development without models: a config with models refuses such a route (AGW332).
  [[nodiscard]] bool claimed(std::string_view method, std::string_view path) const;
  // Whether an endpoint at this path would take calls from a route of the config, or get none.
  [[nodiscard]] bool taken(std::string_view method, std::string_view path) const;

  const Draft& draft_;
  const Request& request_;
  const Vocabulary& vocabulary_;
  const std::map<SourceId, std::string>& folders_;
  const std::vector<PromptFile>& files_;
  Documents& documents_;
  model::Plan plan_;
  model::Outbound outbound_;
  std::map<std::string, model::ProviderId, std::less<>> provider_ids_;
  std::map<std::string, model::ServiceId, std::less<>> service_ids_;
};

}  // namespace apigw::config
