// Checks on names: what a model, a route or a service names must be declared, and what is declared should be named.
#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/reading.h"
#include "config/upstream_url.h"

namespace apigw::config {
namespace {

void unknown_provider(const Facts& facts, const Named<ModelDraft>& model, Span where, std::string_view provider,
                      diag::Report& report) {
  auto& finding = report.add(
      321, where, fmt::format("model '{}' sends to unknown provider '{}'", shown(model.name), shown(provider)),
      "no provider has this name");
  if (facts.known(provider) != nullptr) {
    finding.helps.push_back(fmt::format("add '{}: {{}}' below providers", provider));
    return;
  }
  suggest_provider(finding, facts, provider, where);
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

// Whether servers of a dialect, which speak it below /api (Ollama) or at the bare address (Cohere), answer in
// OpenAI's form at this address.
bool in_openai_form(std::string_view dialect, const Url& url, const Vocabulary& vocabulary) {
  if (dialect == "openai" || !url.base_path.ends_with("/v1")) return false;
  return std::ranges::any_of(vocabulary.providers, [&](const KnownProvider& row) {
    if (row.dialect != dialect) return false;
    const std::string own = url_of(row.url).base_path;
    return own.empty() || own == "/" || own == "/api";
  });
}

// Dialects that servers of others have at paths of that name. A path named after any other one names whose models are
// there.
constexpr std::array<std::string_view, 2> imitated{"openai", "anthropic"};

// The dialect that an address names itself, or that a known provider speaks there; empty: nobody knows. `says`: the
// one that it is asked in. Known providers may have others beside their own, so that a dialect that is `written` is
// believed.
std::string_view spoken_at(const Url& url, std::string_view says, bool written, const Vocabulary& vocabulary) {
  if (url.scheme == Url::Scheme::mock) return {};
  if (in_openai_form(says, url, vocabulary)) return "openai";
  for (const std::string_view piece : text::split(url.base_path, '/'))
    for (const std::string_view word : imitated)
      if (piece == word) return word;
  if (written) return {};
  for (const KnownProvider& row : vocabulary.providers) {
    if (row.name == "mock") continue;
    const bool named = has_place(row, "project") || url.base_path == url_of(row.url).base_path;
    if (named && at_home(row, url)) return row.dialect;
  }
  return {};
}

// An address that has what a variant's calls add to it, as the makers' own pages show it; false: this one has not.
bool told_added_path(const Named<ProviderDraft>& provider, const KnownVariant& variant, diag::Report& report) {
  const ProviderDraft& draft = *provider.body;
  const std::string path = draft.url->base_path + "/";
  const std::string_view first = variant.adds.substr(0, variant.adds.find('/', 1));
  const auto at = path.find(fmt::format("{}/", first));
  if (at == std::string::npos) return false;
  const std::string_view added = std::string_view(path).substr(at), below = added.substr(first.size());
  const bool plain = below == "/v1/";  // there the dialect itself is spoken (decision 0036)
  if (!plain && below != "/" && !added.starts_with(variant.adds)) return false;
  auto& finding =
      report.add(345, draft.url.where,
                 fmt::format("provider '{}' is asked in the dialect '{}'", shown(provider.name), shown(variant.word)),
                 plain ? fmt::format("this address speaks '{}'", variant.dialect)
                       : fmt::format("its calls add '{}…' to this address", variant.adds));
  finding.labels.push_back({draft.dialect.where, "this dialect"});
  finding.helps.push_back(plain
                              ? fmt::format("replace with '{}'", variant.dialect)
                              : fmt::format("end the address before '{}'", shown(added.substr(0, added.size() - 1))));
  return true;
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

namespace {

// What a known provider's address names and its entry leaves out.
void check_places(const KnownProvider& row, const Named<ProviderDraft>& provider, diag::Report& report) {
  const ProviderDraft& draft = *provider.body;
  if (draft.url.given()) return;
  const auto missing = [&](std::string_view field, bool given, std::string_view example) {
    if (given || !has_place(row, field)) return;
    report
        .add(324, provider.where, fmt::format("provider '{}' has no {}", shown(provider.name), field),
             fmt::format("its address is {}", row.url))
        .helps.push_back(fmt::format("add {}: {}, or url: with the whole address", field, example));
  };
  missing("region", draft.region.given(), "eu-central-1");
  missing("project", draft.project.given(), "my-project");
}

}  // namespace

void check_provider_complete(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || provider.name == "mock") continue;
    const ProviderDraft& draft = *provider.body;
    if (const KnownProvider* row = facts.known(provider.name)) {
      check_places(*row, provider, report);
      continue;
    }
    if (draft.url.given() || misspelt_within(report, provider.body.where))
      continue;  // the dialect has a default: openai
    std::vector<std::string_view> names;
    for (const KnownProvider& row : facts.vocabulary.providers) names.push_back(row.name);
    const bool azure = provider.name == "azure";
    auto& finding =
        report.add(324, provider.where, fmt::format("provider '{}' has no url", shown(provider.name)),
                   azure ? "each resource of Azure has an address of its own" : "not a name that apigw knows");
    if (azure) {
      finding.helps.push_back("add url: https://RESOURCE.openai.azure.com, dialect: azure-openai and key:");
    } else if (const auto meant = text::closest(provider.name, names)) {
      finding.helps.push_back(fmt::format("replace with '{}', which brings its address", *meant));
      finding.fixes.push_back({provider.where, std::string(*meant)});
    } else {
      finding.helps.push_back("add url: and, where it needs one, key:");
    }
  }
}

// The usual variable goes to the usual address alone.
void check_known_elsewhere(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    const KnownProvider* row = facts.known(provider.name);
    if (row == nullptr || row->variable.empty() || !provider.body) continue;
    const ProviderDraft& draft = *provider.body;
    const bool keyed = draft.key.given() || draft.aws.given();
    if (!draft.url || keyed || draft.url->scheme == Url::Scheme::mock) continue;
    if (at_home(*row, *draft.url)) continue;
    auto& finding = report.add(344, draft.url.where,
                               fmt::format("no key is sent to this address of provider '{}'", shown(provider.name)),
                               fmt::format("{} goes to {} alone", row->variable, row->url));
    finding.labels.push_back({provider.where, "has no key"});
    finding.helps.push_back(
        fmt::format("write key: env:{}, or another name where the address takes no key", row->variable));
  }
}

void check_spoken_there(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || !provider.body->url || (provider.body->dialect.given() && !provider.body->dialect))
      continue;
    const ProviderDraft& draft = *provider.body;
    const KnownProvider* row = facts.known(provider.name);
    std::string_view says = draft.dialect ? std::string_view(*draft.dialect) : row ? row->dialect : "openai";
    const auto variant = std::ranges::find(facts.vocabulary.variants, says, &KnownVariant::word);
    if (variant != facts.vocabulary.variants.end()) {
      if (told_added_path(provider, *variant, report)) continue;
      says = variant->dialect;
    }
    const std::string_view spoken = spoken_at(*draft.url, says, draft.dialect.given(), facts.vocabulary);
    // One address may have several forms of one maker.
    if (spoken.empty() || spoken == says || says.starts_with(fmt::format("{}-", spoken))) continue;
    auto& finding =
        report.add(345, draft.url.where,
                   fmt::format("provider '{}' is asked in the dialect '{}'", shown(provider.name), shown(says)),
                   fmt::format("this address speaks '{}'", spoken));
    if (draft.dialect) finding.labels.push_back({draft.dialect.where, "this dialect"});
    finding.helps.push_back(draft.dialect ? fmt::format("replace with '{}'", spoken)
                                          : fmt::format("add dialect: {}", spoken));
  }
}

void check_dialect(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || !provider.body->dialect) continue;
    const auto& dialect = provider.body->dialect;
    const auto known = facts.vocabulary.spoken();
    if (std::ranges::find(known, *dialect) != known.end()) continue;
    auto& finding =
        report.add(325, dialect.where,
                   fmt::format("provider '{}' has unknown dialect '{}'", shown(provider.name), shown(*dialect)));
    std::string words;
    for (const std::string_view word : known) words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
    const auto meant = text::closest(*dialect, known);
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
            .helps.push_back("remove it: a prompt is called at APIGW_URL/prompts/NAME");
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
    if (draft.url.given() || draft.port.given() || misspelt_within(report, service.body.where)) continue;
    if (!draft.run.given() && draft.container.image.given() && facts.development)
      report
          .add(327, service.where, fmt::format("service '{}' cannot be started by `apigw run`", shown(service.name)),
               "it has an image and nothing else")
          .helps.push_back("add run: how it is started here, or url: where it is");
    else if (!draft.run.given() && !draft.container.image.given())
      report.add(327, service.where, fmt::format("service '{}' has no address", shown(service.name)))
          .helps.push_back(
              "add url: where it is, run: how `apigw run` starts it, or image: what `apigw emit` deploys");
    else if (facts.secrets == Secrets::required && !facts.development)
      report
          .add(327, service.where,
               fmt::format("service '{}' has no address that serve could call", shown(service.name)),
               "only `apigw run` starts services")
          .helps.push_back("add url:, for example in the profile that serve uses, or port: where it already listens");
  }
}

namespace {

// What seems unused may be what an error elsewhere meant: one cause, one finding.
bool has_any(const diag::Report& report, std::initializer_list<int> codes) {
  return std::ranges::any_of(report.all(), [&](const diag::Diagnostic& finding) {
    return std::ranges::find(codes, finding.code) != codes.end();
  });
}

}  // namespace

void check_unused_provider(std::span<const std::unique_ptr<Facts>> variants, diag::Report& report) {
  // `run` takes provider/model as it comes, so that there every provider is in use.
  if (variants.empty() || variants[0]->development || has_any(report, {201, 202, 321, 323})) return;
  std::unordered_set<std::string_view> used;
  for (const auto& facts : variants) {
    each_target(*facts, [&](const Named<ModelDraft>&, Span, const std::string& target) {
      used.insert(std::string_view(target).substr(0, target.find('/')));
    });
    for (const PromptFile& file : facts->prompts)
      if (file.content) used.insert(std::string_view(file.content->model).substr(0, file.content->model.find('/')));
  }
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
  if (has_any(report, {201, 202, 211, 213, 322})) return;
  std::unordered_set<std::string_view> used;
  for (const auto& facts : variants) collect_used_services(facts->draft, used);
  for (const auto& facts : variants)
    for (const auto& service : entries(facts->draft.services)) {
      if (!service.body || used.contains(service.name)) continue;
      report
          .add(336, service.where, fmt::format("service '{}' is not used", shown(service.name)),
               "no route sends to it and no service calls it")
          .helps.push_back(fmt::format("add a route: /{}/**: {}", shown(service.name), shown(service.name)));
    }
}

}  // namespace apigw::config
