// Checks on the document as a whole: its version, its addresses, files that come in pairs.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/grammar.h"
#include "config/targets.h"

namespace apigw::config {

void check_version(const Facts& facts, diag::Report& report) {
  const auto& version = facts.draft.version;
  if (!version.given()) {
    // The end of the document is where nothing was found; its start is where the line belongs.
    const SourceId source = facts.draft.where.source;
    const std::uint32_t begin = facts.sources.text(source).starts_with("\xef\xbb\xbf") ? 3 : 0;
    const Span start{source, begin, begin};
    auto& finding = report.add(209, start, "the line 'apigw: 1' is missing");
    finding.helps.push_back(
        "add 'apigw: 1' as the first line: it says which version of this format the file is written in");
    finding.fixes.push_back({start, "apigw: 1\n"});
    return;
  }
  if (!version || *version == "1") return;
  auto& finding =
      report.add(210, version.where,
                 fmt::format("this apigw reads version 1 of the format, not '{}'", text::printable(*version, 40)));
  finding.helps.push_back("write 'apigw: 1', or use the apigw that the file was written for");
}

void check_too_many(const Facts& facts, diag::Report& report) {
  constexpr std::size_t most_listeners = 100;
  const Draft& draft = facts.draft;
  if (draft.listen && draft.listen->size() > most_listeners)
    report.add(216, draft.listen.where, fmt::format("{} listeners are too many", draft.listen->size()))
        .helps.push_back(fmt::format("at most {}", most_listeners));
  for (const auto& model : entries(draft.models))
    if (flat_targets(model, facts.models, most_targets + 1).size() > most_targets)
      report.add(216, model.where, fmt::format("model '{}' has too many targets", shown(model.name)))
          .helps.push_back(fmt::format("at most {}, those of the models that it names included", most_targets));
}

namespace {

struct Bound {
  std::string host;
  std::uint16_t port;
  Span where;
  std::string_view what;
};

bool any_address(std::string_view host) {
  return host == "0.0.0.0" || host == "::";
}

bool collide(const Bound& a, const Bound& b) {
  if (a.port == 0 || a.port != b.port) return false;
  const auto same = [](std::string_view x) { return x == "localhost" ? std::string_view("127.0.0.1") : x; };
  return same(a.host) == same(b.host) || any_address(a.host) || any_address(b.host);
}

void add_address(std::vector<Bound>& bound, const Given<Address>& address, std::string_view what) {
  if (address && address->unix_path.empty()) bound.push_back({address->host, address->port, address.where, what});
}

std::vector<Bound> listeners_of(const Draft& draft) {
  std::vector<Bound> bound;
  if (draft.listen)
    for (const auto& listener : *draft.listen)
      if (listener) add_address(bound, listener->address, "a listener");
  if (!draft.listen.given()) bound.push_back({"127.0.0.1", 8080, {}, "the default listener"});
  return bound;
}

// In the order in which they are taken. A default (no known place) is only ever the first of two: the admin default
// steps aside for what was taken before it, but nothing that is written steps aside for a default.
std::vector<Bound> bound_addresses(const Facts& facts) {
  const Draft& draft = facts.draft;
  std::vector<Bound> bound = listeners_of(draft);
  add_address(bound, draft.health, "health");
  if (draft.admin && draft.admin->listen.given())
    add_address(bound, draft.admin->listen, "admin");
  else if (facts.development || draft.admin.given())
    bound.push_back({"127.0.0.1", 8081, {}, "the default admin address"});
  for (const auto& service : entries(draft.services))
    if (service.body && service.body->port && service.body->run.given() &&
        (facts.development || !service.body->url.given()))
      bound.push_back({"127.0.0.1", *service.body->port, service.body->port.where, "a service"});
  return bound;
}

void report_taken_twice(const Bound& first, const Bound& second, diag::Report& report) {
  auto& finding = report.add(334, second.where, fmt::format("port {} is taken twice", second.port),
                             fmt::format("by {}", second.what));
  if (first.where.known())
    finding.labels.push_back({first.where, fmt::format("by {}", first.what)});
  else
    finding.labels.front().text += fmt::format(", and by {}", first.what);
  finding.helps.push_back("give each its own port");
}

}  // namespace

void check_duplicate_address(const Facts& facts, diag::Report& report) {
  if (facts.draft.listen && facts.draft.listen->size() > 200) return;  // AGW216
  const auto bound = bound_addresses(facts);
  std::unordered_map<std::uint16_t, std::vector<const Bound*>> by_port;
  for (const Bound& second : bound) {
    auto& taken = by_port[second.port];
    const auto first = std::ranges::find_if(taken, [&](const Bound* one) { return collide(*one, second); });
    if (first != taken.end() && second.where.known()) report_taken_twice(**first, second, report);
    if (first == taken.end()) taken.push_back(&second);
  }
}

namespace {

bool on_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(host));
}

// The listener that answers at a service's address; null: none.
const Bound* own_listener(const std::vector<Bound>& listeners, const Url& url) {
  const auto found = std::ranges::find_if(listeners, [&](const Bound& listener) {
    const bool wide = any_address(listener.host) && on_this_machine(url.host);
    const bool near = listener.host == url.host || (on_this_machine(listener.host) && url.host == "localhost") ||
                      (listener.host == "localhost" && url.host == "127.0.0.1");
    return listener.port == url.port && (wide || near);
  });
  return found == listeners.end() ? nullptr : &*found;
}

}  // namespace

void check_own_address(const Facts& facts, diag::Report& report) {
  if (facts.draft.listen && facts.draft.listen->size() > 100) return;  // AGW216
  const std::vector<Bound> listeners = listeners_of(facts.draft);
  for (const auto& service : entries(facts.draft.services)) {
    if (!service.body || !service.body->url) continue;
    for (const Given<Url>& url : *service.body->url) {
      const Bound* const own = url && url->scheme != Url::Scheme::mock ? own_listener(listeners, *url) : nullptr;
      if (own == nullptr) continue;
      auto& finding = report.add(
          346, url.where, fmt::format("service '{}' is at an address of the gateway itself", shown(service.name)),
          own->where.known() ? "" : "where the gateway listens unless told otherwise");
      if (own->where.known()) finding.labels.push_back({own->where, "the gateway listens here"});
      finding.helps.push_back("write where the service answers, or give the gateway another address with `listen`");
    }
  }
}

namespace {

// Of two fields that need each other one is missing.
void check_pair(const Given<std::string>& one, const Given<std::string>& other, std::string_view one_name,
                std::string_view other_name, std::string_view owner, diag::Report& report) {
  if (one.given() == other.given()) return;
  const Span where = one.given() ? one.where : other.where;
  report
      .add(340, where,
           fmt::format("'{}' of {} needs '{}' beside it", one.given() ? one_name : other_name, owner,
                       one.given() ? other_name : one_name))
      .helps.push_back("a certificate and its private key come together");
}

void check_outbound(const Given<OutboundDraft>& outbound, diag::Report& report) {
  if (outbound) check_pair(outbound->cert, outbound->key, "cert", "key", "outbound", report);
}

}  // namespace

void check_pairs(const Facts& facts, diag::Report& report) {
  const Draft& draft = facts.draft;
  if (draft.listen)
    for (const auto& listener : *draft.listen) {
      if (!listener) continue;
      if (!listener->address.given() && !misspelt_within(report, listener.where))
        report.add(211, listener.where, "a listener has no address").helps.push_back("add address: 127.0.0.1:8080");
      if (!listener->tls) continue;
      const TlsDraft& tls = *listener->tls;
      if (!tls.cert.given() && !tls.key.given())
        report.add(340, listener->tls.where, "tls needs 'cert' and 'key'").helps.push_back("name the two PEM files");
      else
        check_pair(tls.cert, tls.key, "cert", "key", "tls", report);
    }
  check_outbound(draft.outbound, report);
  for (const auto& provider : entries(draft.providers))
    if (provider.body) check_outbound(provider.body->outbound, report);
  for (const auto& service : entries(draft.services))
    if (service.body) check_outbound(service.body->outbound, report);
}

}  // namespace apigw::config
