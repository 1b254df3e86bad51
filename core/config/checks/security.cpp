// Checks on who may call and where secrets go.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/reading.h"
#include "config/upstream_url.h"
#include "credential/aws_signature.h"

namespace apigw::config {
namespace {

// Listeners that others can reach and that say nothing about auth themselves.
std::vector<Span> open_listeners(const Draft& draft) {
  std::vector<Span> open;
  if (!draft.listen) return open;
  for (const auto& listener : *draft.listen)
    if (listener && listener->address && !listener->address->loopback() && !listener->auth.given())
      open.push_back(listener->address.where);
  return open;
}

// Places of what says nothing about auth: routes, and models as a whole.
std::vector<std::pair<Span, std::string_view>> without_auth(const Draft& draft) {
  std::vector<std::pair<Span, std::string_view>> found;
  for (const auto& route : entries(draft.routes)) {
    if (!route.body) continue;
    const bool says = std::ranges::all_of(*route.body, [](const auto& a) { return !a || a->auth.given(); });
    if (!says) found.emplace_back(route.where, "a route without auth");
  }
  if (!entries(draft.models).empty()) found.emplace_back(entries(draft.models).front().where, "a model without auth");
  return found;
}

}  // namespace

void check_open_listener(const Facts& facts, diag::Report& report) {
  const Draft& draft = facts.draft;
  if (draft.defaults.given() && (!draft.defaults || draft.defaults->auth.given())) return;
  const auto open = open_listeners(draft);
  const auto bare = without_auth(draft);
  if (open.empty() || bare.empty()) return;
  auto& finding = report.add(402, open[0], "others can reach this listener, and nothing says who may call",
                             "not a loopback address");
  for (std::size_t i = 1; i < open.size() && i < 4; ++i) finding.labels.push_back({open[i], "the same"});
  for (std::size_t i = 0; i < bare.size() && i < 3; ++i)
    finding.labels.push_back({bare[i].first, std::string(bare[i].second)});
  finding.helps.push_back("add 'defaults: { auth: key }', or say 'auth: none' where everybody may call");
}

void check_verify(const Facts& facts, diag::Report& report) {
  const auto check = [&](const Given<OutboundDraft>& outbound, std::string_view whose) {
    if (!outbound || outbound->verify.value_or(true)) return;
    report
        .add(406, outbound->verify.where, fmt::format("certificates of {} are not verified", whose),
             "anybody on the way can read and answer")
        .helps.push_back("trust a private authority with ca: FILE instead");
  };
  check(facts.draft.outbound, "every upstream");
  for (const auto& provider : entries(facts.draft.providers))
    if (provider.body) check(provider.body->outbound, fmt::format("provider '{}'", shown(provider.name)));
  for (const auto& service : entries(facts.draft.services))
    if (service.body) check(service.body->outbound, fmt::format("service '{}'", shown(service.name)));
}

void check_admin(const Facts& facts, diag::Report& report) {
  if (!facts.draft.admin) return;
  const AdminDraft& admin = *facts.draft.admin;
  if (admin.listen && !admin.listen->loopback())
    report
        .add(407, admin.listen.where, "the admin API listens on loopback or a Unix socket only",
             "others can reach this address")
        .helps.push_back("listen on 127.0.0.1:8081 or unix:PATH, and reach it from elsewhere through ssh");
  if (admin.key.given() || facts.development || misspelt_within(report, facts.draft.admin.where)) return;
  auto& finding = report.add(408, facts.draft.admin.where, "the admin API has no key");
  finding.helps.push_back("add key: env:APIGW_ADMIN_KEY");
  // `run` mints one, and what only reads the file cannot know who will serve it.
  if (facts.secrets >= Secrets::checked) return;
  finding.severity = diag::Severity::warning;
  finding.labels.front().text = "serve refuses this; run makes a key of its own";
}

void check_plain_key(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body || !provider.body->url || !provider.body->key.given()) continue;
    const Url& url = *provider.body->url;
    const bool loopback = url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
    if (url.scheme != Url::Scheme::http || loopback) continue;
    auto& finding = report.add(410, provider.body->url.where,
                               fmt::format("the key of provider '{}' would travel unencrypted", shown(provider.name)),
                               "plain http to another machine");
    finding.labels.push_back({provider.body->key.where, "this key"});
    finding.helps.push_back("use https://, or leave out the key where the provider takes none");
  }
}

void check_pepper(const Facts& facts, diag::Report& report) {
  if (facts.draft.pepper.given()) return;
  for (const auto& consumer : entries(facts.draft.consumers)) {
    if (!consumer.body || !consumer.body->hash.given()) continue;
    report
        .add(411, consumer.body->hash.where,
             fmt::format("the hash of consumer '{}' cannot be checked without a pepper", shown(consumer.name)))
        .helps.push_back("add 'pepper: env:APIGW_PEPPER', the secret with which the hash was made");
    return;  // one pepper answers for all
  }
}

void check_consumers(const Facts& facts, diag::Report& report) {
  for (const auto& consumer : entries(facts.draft.consumers)) {
    if (consumer.name == "dev")
      report.add(215, consumer.where, "'dev' is the consumer that `apigw run` makes")
          .helps.push_back("choose another name");
    if (!consumer.body) continue;
    const ConsumerDraft& draft = *consumer.body;
    if (!draft.key.given() && !draft.hash.given() && !misspelt_within(report, consumer.body.where))
      report.add(211, consumer.where, fmt::format("consumer '{}' has neither key nor hash", shown(consumer.name)))
          .helps.push_back("add key: env:NAME, or hash: with what `apigw key hash` prints");
    if (!draft.key.given() || !draft.hash.given()) continue;
    auto& finding = report.add(339, draft.hash.where,
                               fmt::format("consumer '{}' has both 'key' and 'hash'", shown(consumer.name)));
    finding.labels.push_back({draft.key.where, "and this"});
    finding.helps.push_back("keep one: the hash needs no secret on this machine");
  }
}

namespace {

// What signatures need and an entry leaves out.
void check_aws(const Named<ProviderDraft>& provider, diag::Report& report) {
  const ProviderDraft& draft = *provider.body;
  const auto missing = [&](std::string_view field, bool given, std::string_view example) {
    if (given || misspelt_within(report, draft.aws.where)) return;
    report.add(211, draft.aws.where, fmt::format("the aws of provider '{}' has no {}", shown(provider.name), field))
        .helps.push_back(fmt::format("add {}: {}", field, example));
  };
  missing("access_key_id", draft.aws->id.given(), "env:AWS_ACCESS_KEY_ID");
  missing("secret_access_key", draft.aws->secret.given(), "env:AWS_SECRET_ACCESS_KEY");
  if (draft.region.given() || !draft.url || !credential::region_of(draft.url->host).empty()) return;
  report
      .add(211, draft.aws.where, fmt::format("provider '{}' has no region to sign for", shown(provider.name)),
           "its address names none")
      .helps.push_back("add region: eu-central-1 beside url");
}

// A field that nothing asks for would be ignored.
void check_unasked(const Facts& facts, const Named<ProviderDraft>& provider, diag::Report& report) {
  const ProviderDraft& draft = *provider.body;
  const KnownProvider* const row = facts.known(provider.name);
  const auto unasked = [&](std::string_view field, const Given<std::string>& value) {
    const bool fills = row != nullptr && !draft.url.given() && has_place(*row, field);
    if (!value.given() || fills || (field == "region" && draft.aws.given())) return;
    auto& finding =
        report.add(339, value.where,
                   fmt::format("the {} of provider '{}' is asked for by nothing", field, shown(provider.name)));
    if (draft.url.given()) finding.labels.push_back({draft.url.where, "the whole address stands here"});
    finding.helps.push_back(fmt::format("take {} out", field));
  };
  unasked("region", draft.region);
  unasked("project", draft.project);
}

}  // namespace

void check_provider_credential(const Facts& facts, diag::Report& report) {
  for (const auto& provider : entries(facts.draft.providers)) {
    if (!provider.body) continue;
    const ProviderDraft& draft = *provider.body;
    check_unasked(facts, provider, report);
    if (!draft.aws) continue;
    check_aws(provider, report);
    if (draft.key.given()) {
      auto& finding = report.add(339, draft.aws.where,
                                 fmt::format("provider '{}' has both 'key' and 'aws'", shown(provider.name)));
      finding.labels.push_back({draft.key.where, "and this"});
      finding.helps.push_back("keep one: a key of Bedrock is sent, one of AWS signs");
    }
    const KnownProvider* const row = facts.known(provider.name);
    const std::string_view says = draft.dialect ? std::string_view(*draft.dialect) : row ? row->dialect : "openai";
    if (says == "bedrock" || (draft.dialect.given() && !draft.dialect)) continue;
    auto& finding =
        report.add(339, draft.aws.where,
                   fmt::format("provider '{}' signs requests of the dialect '{}'", shown(provider.name), shown(says)),
                   "only Bedrock takes signatures of AWS");
    if (draft.dialect) finding.labels.push_back({draft.dialect.where, "this dialect"});
    finding.helps.push_back("write dialect: bedrock, or key: in place of aws:");
  }
}

void check_shared_key(const Facts& facts, diag::Report& report) {
  std::map<std::string, std::pair<std::string_view, Span>> owners;
  for (const auto& consumer : entries(facts.draft.consumers)) {
    if (!consumer.body) continue;
    std::string id;
    Span where;
    if (const auto& key = consumer.body->key) {
      id = fmt::format("{}:{}", key->kind == model::SecretRef::Kind::env ? "env" : "file", key->name);
      where = key.where;
    } else if (const auto& hash = consumer.body->hash) {
      id = *hash;
      where = hash.where;
    } else {
      continue;
    }
    const auto [owner, fresh] = owners.emplace(id, std::pair{std::string_view(consumer.name), where});
    if (fresh) continue;
    auto& finding = report.add(
        414, where,
        fmt::format("consumers '{}' and '{}' have the same key", shown(owner->second.first), shown(consumer.name)),
        "used again");
    finding.labels.push_back({owner->second.second, "used first"});
    finding.helps.push_back("give each its own: a key says who calls");
  }
}

void check_nobody(const Facts& facts, diag::Report& report) {
  // `run` has a consumer of its own, and validate cannot know who will use the file.
  if (facts.secrets != Secrets::required || facts.development || facts.draft.consumers.given()) return;
  Span where;
  if (const auto& defaults = facts.draft.defaults; defaults && defaults->auth && defaults->auth->key)
    where = defaults->auth.where;
  else if (!entries(facts.draft.models).empty() && !(defaults && defaults->auth))
    where = entries(facts.draft.models).front().where;
  if (!where.known()) return;
  report.add(416, where, "nobody can call: keys are asked for, and no consumer has one")
      .helps.push_back("add consumers: { NAME: { key: env:NAME } }");
}

}  // namespace apigw::config
