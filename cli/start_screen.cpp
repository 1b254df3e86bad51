#include "start_screen.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "gateway/compiled.h"
#include "model_facts.h"

namespace apigw::cli {
namespace {

constexpr std::size_t most_rows = 12;  // of one section: a shop of a hundred models must not scroll the rest away

class Screen {
 public:
  explicit Screen(bool color) : color_(color) {}

  void title(const std::string& text) { text_ += bold(text) + "\n"; }
  // A section of rows `name  text`; nothing when there is none.
  void section(std::string_view name, const std::vector<std::pair<std::string, std::string>>& rows) {
    if (rows.empty()) return;
    std::size_t width = 9;
    for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) width = std::max(width, rows[i].first.size());
    text_ += fmt::format("\n{}\n", bold(std::string(name)));
    for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i)
      text_ += fmt::format("  {:<{}}  {}\n", text::printable(rows[i].first), width, rows[i].second);
    if (rows.size() > most_rows) text_ += fmt::format("  and {} more\n", rows.size() - most_rows);
  }
  void lines(std::string_view name, const std::vector<std::string>& lines) {
    text_ += fmt::format("\n{}\n", bold(std::string(name)));
    for (const std::string& line : lines) text_ += line + "\n";
  }
  [[nodiscard]] std::string good(const std::string& text) const { return paint("32", text); }
  [[nodiscard]] std::string bad(const std::string& text) const { return paint("33", text); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  [[nodiscard]] std::string bold(const std::string& text) const { return paint("1", text); }
  [[nodiscard]] std::string paint(std::string_view code, const std::string& text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  bool color_;
  std::string text_;
};

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string head(const model::Plan& plan, const StartFacts& facts) {
  std::string line = "apigw " APIGW_VERSION;
  line += plan.file.empty() ? ", no config file: providers from the environment" : ", " + plan.file;
  if (!plan.profile.empty()) line += ", profile " + plan.profile;
  if (!facts.dotenv.empty()) line += ", " + facts.dotenv;
  return line;
}

Rows addresses(const StartFacts& facts, const Screen& screen) {
  Rows rows;
  for (const auto& address : facts.addresses)
    rows.emplace_back(address.what,
                      address.text + (address.moved ? screen.bad("  (the default port is busy)") : std::string{}));
  return rows;
}

std::string short_url(const model::Origin& origin, const std::string& base_path) {
  return (origin.tls ? "https://" : "http://") + origin.authority() + base_path;
}

Rows providers(const model::Plan& plan, const Screen& screen) {
  Rows rows;
  for (const model::Provider& provider : plan.providers) {
    std::string state = provider.off.empty() ? screen.good("ready") : screen.bad("off") + ": " + provider.off;
    if (provider.mock) state += ", built in";
    if (!provider.mock && provider.off.empty()) state += "  " + short_url(provider.origin, provider.base_path);
    rows.emplace_back(provider.name, state);
  }
  return rows;
}

Rows models(const model::Plan& plan, const catalogue::Models& known) {
  Rows rows;
  for (const model::Model& entry : plan.models) {
    if (entry.targets.empty()) continue;
    const model::Target& first = entry.targets.front();
    std::string to = plan.at(first.provider).name + "/" + (first.model.empty() ? "*" : first.model);
    const model::Provider& provider = plan.at(first.provider);
    if (!provider.mock && !first.model.empty())
      to += "  " + prices_text(gateway::known_row(provider, first.model, known));
    if (entry.targets.size() > 1) to += fmt::format(", then {} more", entry.targets.size() - 1);
    rows.emplace_back(entry.name, to);
  }
  return rows;
}

Rows services(const model::Plan& plan, const StartFacts& facts, const Screen& screen) {
  Rows rows;
  for (const model::Service& service : plan.services) {
    const auto at = std::ranges::find(facts.services, service.name, &StartFacts::Service::name);
    if (at == facts.services.end()) {
      const auto& first = service.instances.empty() ? model::Origin{} : service.instances.front();
      rows.emplace_back(service.name, short_url(first, service.base_path));
    } else {
      rows.emplace_back(service.name,
                        fmt::format("port {}, {}", at->port,
                                    at->state == "healthy" ? screen.good(at->state) : screen.bad(at->state)));
    }
  }
  return rows;
}

std::string counted(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

Rows counts(const model::Plan& plan, const StartFacts& facts, const Screen& screen) {
  const auto count = [&](auto is) { return static_cast<std::size_t>(std::ranges::count_if(plan.routes, is)); };
  const auto own = count([](const model::Route& route) {
    return std::holds_alternative<model::ToService>(route.action) ||
           std::holds_alternative<model::ToRedirect>(route.action);
  });
  const auto models =
      count([](const model::Route& route) { return std::holds_alternative<model::Endpoint>(route.action); });
  const auto prompts =
      count([](const model::Route& route) { return std::holds_alternative<model::ToPrompt>(route.action); });
  return {{"routes", fmt::format("{} of yours, {} for models{}", own, models,
                                 prompts == 0 ? "" : fmt::format(", {}", counted(prompts, "prompt")))},
          {"findings", facts.warnings == 0 ? std::string("none")
                                           : screen.bad(counted(facts.warnings, "warning")) + ", see above"}};
}

// A name that a client may use and that answers now: of a real provider, where one is on, else of the mock, which
// needs neither key nor network.
std::string usable_model(const model::Plan& plan) {
  for (const bool mock : {false, true}) {
    for (const model::Model& entry : plan.models) {
      const auto answers = [&](const model::Target& target) {
        const model::Provider& provider = plan.at(target.provider);
        return provider.mock == mock && provider.off.empty();
      };
      if (!entry.pattern && std::ranges::any_of(entry.targets, answers)) return entry.name;
    }
  }
  return "mock/assistant";
}

// What `apigw call` shows best: a route of the user's own that needs nothing filled in.
std::string call_line(const model::Plan& plan, const std::string& body) {
  for (const model::Route& route : plan.routes) {
    const bool reads = route.methods.empty() || std::ranges::find(route.methods, "GET") != route.methods.end();
    const bool plain = route.path.find_first_of("{*") == std::string::npos && route.conditions.empty();
    if (std::holds_alternative<model::ToService>(route.action) && reads && plain && route.host.empty())
      return "apigw call GET " + route.path;
  }
  return fmt::format("apigw call POST /v1/chat/completions -d '{}'", body);
}

std::vector<std::string> to_copy(const model::Plan& plan, const StartFacts& facts) {
  const std::string address = facts.addresses.empty() ? "" : facts.addresses.front().text;
  const std::string body =
      fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"Hello"}}]}})", usable_model(plan));
  return {fmt::format("curl {}/v1/chat/completions -H 'authorization: Bearer {}' -H 'content-type: application/json' "
                      "-d '{}'",
                      address, facts.dev_key.expose(), body),
          call_line(plan, body),
          fmt::format("export OPENAI_BASE_URL={}/v1 OPENAI_API_KEY={}   # for any OpenAI SDK", address,
                      facts.dev_key.expose())};
}

}  // namespace

std::string start_screen(const model::Plan& plan, const StartFacts& facts, bool color) {
  Screen screen(color);
  screen.title(head(plan, facts));
  screen.section("addresses", addresses(facts, screen));
  screen.section("providers", providers(plan, screen));
  screen.section("models", models(plan, facts.models));
  screen.section("services", services(plan, facts, screen));
  screen.section("config", counts(plan, facts, screen));
  screen.lines("copy one of these (the key ends with this process)", to_copy(plan, facts));
  return screen.take() + "\n";
}

}  // namespace apigw::cli
