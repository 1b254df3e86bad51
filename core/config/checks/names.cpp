// Checks on names: what a model, a route or a service names must be declared, and what is declared should be named.
#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/reading.h"

namespace apigw::config {
namespace {

std::string shown(std::string_view s) {
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

void unknown_provider(const Facts& facts, const Named<ModelDraft>& model, Span where, std::string_view provider,
                      diag::Report& report) {
  auto& finding = report.add(
      321, where, fmt::format("model '{}' sends to unknown provider '{}'", shown(model.name), shown(provider)),
      "no provider has this name");
  if (facts.known(provider) != nullptr) {
    finding.helps.push_back(fmt::format("add '{}: {{}}' below providers", provider));
    return;
  }
  suggest(finding, provider, where, entries(facts.draft.providers));
  if (finding.helps.empty()) finding.helps.push_back("declare it below providers");
}

void unknown_model(const Facts& facts, const Named<ModelDraft>& model, Span where, std::string_view target,
                   diag::Report& report) {
  auto& finding =
      report.add(323, where, fmt::format("model '{}' names unknown model '{}'", shown(model.name), shown(target)),
                 "no model has this name");
  suggest(finding, target, where, entries(facts.draft.models));
  if (finding.helps.empty()) finding.helps.push_back("a target is provider/model, or the name of another model");
}

}  // namespace

void check_targets(const Facts& facts, diag::Report& report) {
  const bool providers_known = !facts.draft.providers.given() || facts.draft.providers;
  each_target(facts, [&](const Named<ModelDraft>& model, Span where, const std::string& target) {
    const auto slash = target.find('/');
    if (slash == std::string::npos) {
      if (!facts.models.contains(target)) unknown_model(facts, model, where, target, report);
      return;
    }
    const std::string_view provider = std::string_view(target).substr(0, slash);
    if (providers_known && provider != "mock" && !facts.providers.contains(provider))
      unknown_provider(facts, model, part_of(facts.sources, where, target, 0, slash), provider, report);
    const std::string_view name = std::string_view(target).substr(slash + 1);
    const bool pattern = model.name.find('*') != std::string::npos;
    if (name.empty() || (name.find('*') != std::string_view::npos && (name != "*" || !pattern)))
      report
          .add(326, where, fmt::format("target '{}' of model '{}' names no model", shown(target), shown(model.name)))
          .helps.push_back(
              "write provider/model; provider/* stands only in a model whose own name has a '*', and passes the "
              "client's name on");
  });
}

void check_provider_complete(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || facts.known(provider.name) != nullptr || provider.name == "mock") continue;
    const ProviderDraft& draft = *provider.body;
    if (draft.url.given()) continue;  // the dialect has a default: openai
    std::vector<std::string_view> names;
    for (const KnownProvider& row : facts.vocabulary.providers) names.push_back(row.name);
    auto& finding = report.add(324, provider.where, fmt::format("provider '{}' has no url", shown(provider.name)),
                               "not a name that apigw knows");
    if (const auto meant = text::closest(provider.name, names)) {
      finding.helps.push_back(fmt::format("replace with '{}', which brings its address", *meant));
      finding.fixes.push_back({provider.where, std::string(*meant)});
    } else {
      finding.helps.push_back("add url: and, where it needs one, key:");
    }
  }
}

void check_dialect(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || !provider.body->dialect) continue;
    const auto& dialect = provider.body->dialect;
    if (std::ranges::find(facts.vocabulary.dialects, *dialect) != facts.vocabulary.dialects.end()) continue;
    auto& finding =
        report.add(325, dialect.where,
                   fmt::format("provider '{}' has unknown dialect '{}'", shown(provider.name), shown(*dialect)));
    std::string words;
    for (std::string_view word : facts.vocabulary.dialects)
      words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
    const auto meant = text::closest(*dialect, facts.vocabulary.dialects);
    finding.helps.push_back(meant ? fmt::format("replace with '{}'", *meant) : "dialects: " + words);
    if (meant) finding.fixes.push_back({dialect.where, std::string(*meant)});
  }
}

namespace {

void unknown_service(const Facts& facts, std::string what, const Given<std::string>& name, diag::Report& report) {
  auto& finding = report.add(322, name.where, fmt::format("{} unknown service '{}'", what, shown(*name)),
                             "no service has this name");
  if (name->starts_with("http://") || name->starts_with("https://")) {
    finding.helps.push_back(fmt::format("declare it: services: {{ NAME: {} }}, and write NAME here", shown(*name)));
    return;
  }
  if (facts.models.contains(*name))
    finding.helps.push_back("that is a model: clients reach models at /v1/chat/completions, without a route");
  else
    suggest(finding, *name, name.where, entries(facts.draft.services));
  if (finding.helps.empty()) finding.helps.push_back("declare it below services");
}

}  // namespace

void check_service_names(const Facts& facts, diag::Report& report) {
  if (facts.draft.services.given() && !facts.draft.services) return;
  for (const auto& route : entries(facts.draft.routes)) {
    if (!route.body) continue;
    for (const auto& alternative : *route.body)
      if (alternative && alternative->to && !facts.services.contains(*alternative->to))
        unknown_service(facts, fmt::format("route '{}' sends to", shown(route.name)), alternative->to, report);
  }
  for (const auto& service : entries(facts.draft.services)) {
    if (!service.body || !service.body->calls) continue;
    for (const auto& call : *service.body->calls) {
      if (!call || facts.services.contains(*call)) continue;
      if (call->starts_with("prompts/"))
        report.add(207, call.where, fmt::format("calls of '{}' are not enforced by this version yet", shown(*call)))
            .helps.push_back("remove it: this version serves no prompts");
      else
        unknown_service(facts, fmt::format("service '{}' calls", shown(service.name)), call, report);
    }
  }
}

namespace {

void check_instances(const Named<ServiceDraft>& service, diag::Report& report) {
  const auto& urls = *service.body->url;
  const Given<Url>* first = nullptr;
  for (const auto& url : urls) {
    if (!url) continue;
    if (url->scheme == Url::Scheme::mock) {
      report.add(327, url.where, fmt::format("service '{}' cannot be the mock", shown(service.name)))
          .helps.push_back("mock: is a provider's url; a service has an address of its own");
    } else if (first != nullptr && (url->base_path != (*first)->base_path || url->scheme != (*first)->scheme)) {
      auto& finding =
          report.add(327, url.where,
                     fmt::format("instances of service '{}' differ in scheme or base path", shown(service.name)));
      finding.labels.push_back({first->where, "the first instance"});
      finding.helps.push_back("instances of one service differ in host and port only");
    } else if (first == nullptr) {
      first = &url;
    }
  }
}

}  // namespace

void check_service_address(const Facts& facts, diag::Report& report) {
  for (const auto& service : entries(facts.draft.services)) {
    if (!service.body) continue;
    const ServiceDraft& draft = *service.body;
    if (draft.url) check_instances(service, report);
    if (draft.url.given() || draft.port.given()) continue;
    if (!draft.run.given())
      report.add(327, service.where, fmt::format("service '{}' has no address", shown(service.name)))
          .helps.push_back("add url: where it is, or run: how `apigw run` starts it");
    else if (facts.secrets == Secrets::required && !facts.development)
      report
          .add(327, service.where,
               fmt::format("service '{}' has no address that serve could call", shown(service.name)),
               "only `apigw run` starts services")
          .helps.push_back("add url:, for example in the profile that serve uses, or port: where it already listens");
  }
}

void check_unused_provider(std::span<const std::unique_ptr<Facts>> variants, diag::Report& report) {
  // `run` takes provider/model as it comes, so that there every provider is in use.
  if (variants.empty() || variants[0]->development) return;
  std::unordered_set<std::string_view> used;
  for (const auto& facts : variants)
    each_target(*facts, [&](const Named<ModelDraft>&, Span, const std::string& target) {
      used.insert(std::string_view(target).substr(0, target.find('/')));
    });
  for (const auto& facts : variants)
    for (const auto& provider : entries(facts->draft.providers)) {
      if (!provider.body || used.contains(provider.name)) continue;
      report
          .add(335, provider.where, fmt::format("provider '{}' is not used", shown(provider.name)),
               "no model has it as a target")
          .helps.push_back(
              fmt::format("give clients a name for it: models: {{ chat: {}/MODEL }}", shown(provider.name)));
    }
}

namespace {

void collect_used_services(const Draft& draft, std::unordered_set<std::string_view>& used) {
  for (const auto& route : entries(draft.routes)) {
    if (!route.body) continue;
    for (const auto& alternative : *route.body)
      if (alternative && alternative->to) used.insert(*alternative->to);
  }
  for (const auto& service : entries(draft.services)) {
    if (!service.body || !service.body->calls) continue;
    for (const auto& call : *service.body->calls)
      if (call) used.insert(*call);
  }
}

}  // namespace

void check_unused_service(std::span<const std::unique_ptr<Facts>> variants, diag::Report& report) {
  std::unordered_set<std::string_view> used;
  for (const auto& facts : variants) {
    // A route that could not be read may be the one that uses it.
    if (facts->draft.routes.given() && !facts->draft.routes) return;
    for (const auto& route : entries(facts->draft.routes)) {
      if (!route.body) return;
      for (const auto& alternative : *route.body)
        if (!alternative || (alternative->to.given() && !alternative->to)) return;
    }
    collect_used_services(facts->draft, used);
  }
  for (const auto& facts : variants)
    for (const auto& service : entries(facts->draft.services)) {
      if (!service.body || used.contains(service.name)) continue;
      report
          .add(336, service.where, fmt::format("service '{}' is not used", shown(service.name)),
               "no route sends to it and no service calls it")
          .helps.push_back(fmt::format("add a route: /{}/**: {}", shown(service.name), shown(service.name)));
    }
}

// --- cycles
// ----------------------------------------------------------------------------------------------------------

namespace {

struct Link {
  Span where;
  std::size_t to;
};
using Graph = std::vector<std::vector<Link>>;

// Depth first without recursion; every cycle that a back link closes, as the links on it.
std::vector<std::vector<Link>> cycles(const Graph& graph) {
  enum class State : std::uint8_t { fresh, open, done };
  std::vector<State> state(graph.size(), State::fresh);
  std::vector<std::vector<Link>> found;
  struct Step {
    std::size_t node, next;
  };
  for (std::size_t start = 0; start < graph.size(); ++start) {
    if (state[start] != State::fresh) continue;
    std::vector<Step> path{{start, 0}};
    state[start] = State::open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == graph[step.node].size()) {
        state[step.node] = State::done;
        path.pop_back();
        continue;
      }
      const Link link = graph[step.node][step.next++];
      if (state[link.to] == State::fresh) {
        state[link.to] = State::open;
        path.push_back({link.to, 0});
      } else if (state[link.to] == State::open) {
        auto at = std::ranges::find(path, link.to, &Step::node);
        std::vector<Link> cycle;
        for (; at != path.end(); ++at) cycle.push_back(graph[at->node][at->next - 1]);
        found.push_back(std::move(cycle));
        if (found.size() == 20) return found;  // enough for one run; each may be as long as the file
      }
    }
  }
  return found;
}

template <class T>
void report_cycle(int code, const std::vector<Link>& cycle, const std::vector<Named<T>>& nodes, std::string_view what,
                  std::string_view help, diag::Report& report) {
  const std::string& first = nodes[cycle.back().to].name;
  std::string path = fmt::format("'{}'", shown(first));
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const bool skip = i >= 6 && i + 1 < cycle.size();
    if (!skip)
      path += fmt::format(" → '{}'", shown(nodes[cycle[i].to].name));
    else if (i == 6)
      path += " → …";
  }
  auto& finding = report.add(code, cycle[0].where, fmt::format("{}: {}", what, path));
  for (std::size_t i = 1; i < cycle.size() && i < 5; ++i)
    finding.labels.push_back({cycle[i].where, "and on from here"});
  finding.helps.emplace_back(help);
}

template <class T>
std::unordered_map<std::string_view, std::size_t> positions(const std::vector<Named<T>>& nodes) {
  std::unordered_map<std::string_view, std::size_t> at;
  for (std::size_t i = 0; i < nodes.size(); ++i) at.emplace(nodes[i].name, i);
  return at;
}

}  // namespace

void check_model_cycle(const Facts& facts, diag::Report& report) {
  const auto& models = entries(facts.draft.models);
  const auto at = positions(models);
  Graph graph(models.size());
  each_target(facts, [&](const Named<ModelDraft>& model, Span where, const std::string& target) {
    if (const auto found = at.find(target); found != at.end())
      graph[at.at(model.name)].push_back({where, found->second});
  });
  for (const auto& cycle : cycles(graph))
    report_cycle(337, cycle, models, "models name each other in a circle", "end the chain with a provider/model",
                 report);
}

void check_call_cycle(const Facts& facts, diag::Report& report) {
  const auto& services = entries(facts.draft.services);
  const auto at = positions(services);
  Graph graph(services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (!services[i].body || !services[i].body->calls) continue;
    for (const auto& call : *services[i].body->calls)
      if (call)
        if (const auto found = at.find(*call); found != at.end()) graph[i].push_back({call.where, found->second});
  }
  for (const auto& cycle : cycles(graph))
    report_cycle(338, cycle, services, "services call each other in a circle",
                 "calls is the order in which they start: take out one link", report);
}

}  // namespace apigw::config
