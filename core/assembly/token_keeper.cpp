#include "assembly/token_keeper.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/dialect.h"
#include "net/proxy.h"

namespace apigw::assembly {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{10};                  // for one fetch
constexpr std::chrono::seconds least_wait{1}, most_wait{60};  // between fetches that fail
constexpr std::chrono::minutes ahead{5};                      // of a token's end it is renewed
constexpr std::size_t most_answered = 256 << 10;              // bytes

model::Origin origin_of(std::string_view text) {
  const bool tls = text.starts_with("https://");
  std::string_view host = text.substr(text.find("://") + 3);
  model::Origin origin{.tls = tls, .host = {}, .port = static_cast<std::uint16_t>(tls ? 443 : 80)};
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.ends_with(']')) {
    origin.port = static_cast<std::uint16_t>(text::parse_number(host.substr(colon + 1)).value_or(0));
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  origin.host = host;
  return origin;
}

}  // namespace

struct TokenKeeper::Kept {
  std::string name;  // of the provider
  Secret content;    // of the account's file: another one is another account
  Result<credential::ServiceAccount> account = fail(ErrorKind::internal, "not read");
  model::Outbound outbound;
  std::shared_ptr<credential::TokenSlot> slot;
  Steady::time_point due{};
  std::chrono::seconds wait = least_wait;
  std::string said;  // the last failure that was told
};

TokenKeeper::TokenKeeper(const Clock& clock, std::map<std::string, std::string, std::less<>> environment,
                         TokenFailed failed)
    : clock_(clock), environment_(std::move(environment)), failed_(std::move(failed)) {}

TokenKeeper::~TokenKeeper() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    if (line_) line_->cut();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TokenKeeper::follow(const model::Plan& plan, const gateway::Bindings& bindings) {
  std::vector<std::shared_ptr<Kept>> next;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < plan.providers.size(); ++i) {
    const model::Provider& provider = plan.providers[i];
    const auto& slot = bindings.providers[i]->token;
    const dialects::Dialect* const spoken = dialects::find_spoken(provider.dialect);
    const bool takes = spoken != nullptr && spoken->takes_google_token && !provider.mock;
    if (!takes || !credential::is_account(provider.key.value)) continue;
    const auto same = [&](const std::shared_ptr<Kept>& kept) {
      return kept->slot == slot && kept->outbound == provider.outbound &&
             equal_constant_time(kept->content.expose(), provider.key.value.expose());
    };
    if (const auto found = std::ranges::find_if(kept_, same); found != kept_.end()) {
      next.push_back(*found);
      continue;
    }
    auto kept = std::make_shared<Kept>();
    kept->name = provider.name;
    kept->content = provider.key.value;
    kept->account = credential::ServiceAccount::read(provider.key.value);
    kept->outbound = provider.outbound;
    kept->slot = slot;
    slot->keep(true);
    next.push_back(std::move(kept));
  }
  for (const auto& kept : kept_)
    if (std::ranges::none_of(next, [&](const auto& one) { return one->slot == kept->slot; })) kept->slot->keep(false);
  kept_ = std::move(next);
  if (!kept_.empty() && !thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void TokenKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    const auto first = std::ranges::min_element(kept_, {}, &Kept::due);
    if (first == kept_.end()) {
      changed_.wait(lock);
    } else if ((*first)->due > Steady::now()) {
      changed_.wait_until(lock, (*first)->due);
    } else {
      const std::shared_ptr<Kept> kept = *first;
      line_ = std::make_shared<outbound::Line>();
      lock.unlock();
      fetch(*kept);
      lock.lock();
      line_.reset();
    }
  }
}

// Without the lock; only this thread touches what of `kept` changes.
void TokenKeeper::fetch(Kept& kept) {
  const auto ask = [&]() -> Result<credential::Token> {
    if (!kept.account) return std::unexpected(kept.account.error());
    const auto form = kept.account->asks(clock_.wall());
    if (!form) return std::unexpected(form.error());
    const auto proxy = net::choose_proxy(kept.outbound, origin_of(kept.account->origin()),
                                         {environment_.begin(), environment_.end()});
    if (!proxy) return std::unexpected(proxy.error());
    outbound::Request request{.origin = kept.account->origin(),
                              .method = "POST",
                              .target = kept.account->path(),
                              .body = std::string(form->expose()),
                              .timeout = patience,
                              .verify = kept.outbound.verify,
                              .ca_file = kept.outbound.ca_file};
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.headers.add("user-agent", "apigw/" APIGW_VERSION);
    if (*proxy) request.proxy = outbound::Proxy{(*proxy)->host, (*proxy)->port, (*proxy)->credential};
    std::string body;
    const auto head = line_->send(request, {.head = {}, .body = [&](std::string_view piece) {
                                              body += piece;
                                              return body.size() <= most_answered;
                                            }});
    if (!head) return std::unexpected(head.error());
    return credential::read_token(head->status, body, clock_.wall());
  };
  auto token = ask();
  const auto now = clock_.wall();
  if (token) {
    const auto lasts = std::chrono::duration_cast<std::chrono::seconds>(token->until - now);
    // What is good for a short time is renewed when half of it is over.
    kept.due = Steady::now() + std::max<std::chrono::seconds>(std::max(lasts - ahead, lasts / 2), least_wait);
    kept.wait = least_wait;
    kept.said.clear();
    kept.slot->give(std::move(*token));
    return;
  }
  kept.due = Steady::now() + kept.wait;
  kept.slot->give_up(now + kept.wait);
  kept.wait = std::min(kept.wait * 2, most_wait);
  if (failed_ && kept.said != token.error().what) failed_(kept.name, token.error().what);
  kept.said = token.error().what;
}

}  // namespace apigw::assembly
