// Reads the secrets that a plan names, from the environment and from files.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "config/resolve.h"
#include "credential/service_account.h"

namespace apigw::config {
namespace {

using model::SecretRef;

constexpr std::size_t secret_limit = 64u << 10;  // bytes of a secret file
constexpr std::size_t least_key = 16;            // bytes: below that a key is soon tried
constexpr std::size_t least_variety = 6;  // different bytes: one in 31,690 keys of 16 random hex digits has fewer

class Loading {
 public:
  Loading(const Request& request, const Files& files, const Environment& environment, diag::Report& report)
      : required_(request.secrets >= Secrets::checked), files_(files), environment_(environment), report_(report) {}

  // Empty when loaded or not wanted, else why not: "OPENAI_API_KEY is not set".
  std::string load(SecretRef& secret) {
    if (secret.kind == SecretRef::Kind::env) return from_environment(secret);
    if (secret.kind == SecretRef::Kind::file) return from_file(secret);
    return {};
  }

  void missing(const SecretRef& secret, std::string what, const std::string& why) {
    if (refused_) return;  // AGW404 said it
    auto& finding = report_.add(405, secret.where, fmt::format("{} cannot be read: {}", what, why));
    finding.helps.push_back(secret.kind == SecretRef::Kind::env ? fmt::format("set {}", secret.name)
                                                                : "the file must exist and hold the key alone");
    if (!required_) finding.severity = diag::Severity::warning;
  }

  // Of a key that clients send. Not under `run`: what is typed there by hand is short on purpose.
  void judge(const SecretRef& secret, std::string_view what) {
    const std::string_view why = required_ && !secret.value.empty() ? weakness_of(secret.value) : "";
    if (why.empty()) return;
    report_.add(417, secret.where, fmt::format("{} is easy to guess", what), fmt::format("it has {}", why))
        .helps.push_back("make another: apigw key hash --generate");
  }
  [[nodiscard]] bool required() const { return required_; }

 private:
  std::string from_environment(SecretRef& secret) {
    refused_ = false;
    const auto found = environment_.find(secret.name);
    if (found == environment_.end()) return fmt::format("{} is not set", secret.name);
    if (found->second.empty()) return fmt::format("{} is empty", secret.name);
    return accept(secret, found->second);
  }

  std::string from_file(SecretRef& secret) {
    refused_ = false;
    if ((files_.mode(secret.name) & 077u) != 0 && !is_credential(secret.name)) {
      refused_ = true;
      report_
          .add(404, secret.where, fmt::format("secret file '{}' may be read by others", text::printable(secret.name)),
               fmt::format("mode {:04o}", files_.mode(secret.name) & 07777u))
          .helps.push_back(fmt::format("chmod 600 {}", text::printable(secret.name)));
      return "others may read its file";
    }
    auto content = files_.read(secret.name, secret_limit);
    if (!content) return content.error().what;
    while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
    if (content->empty()) return fmt::format("{} is empty", secret.name);
    return accept(secret, std::move(*content));
  }

  // A credential that systemd hands over is ours by an access control list, whose mask shows as rights of the group.
  [[nodiscard]] bool is_credential(std::string_view path) const {
    const auto folder = environment_.find("CREDENTIALS_DIRECTORY");
    return folder != environment_.end() && folder->second.starts_with('/') &&
           path.starts_with(folder->second + "/") && path.find("/..") == std::string_view::npos;
  }

  // A document, such as the key of a service account, is kept on one line: what stands in a header cannot end it.
  static std::string on_one_line(std::string value) {
    if (!text::trim(value).starts_with('{')) return value;
    const auto document = nlohmann::ordered_json::parse(value, nullptr, false);
    return document.is_discarded() ? value : document.dump();
  }

  static std::string accept(SecretRef& secret, std::string value) {
    value = on_one_line(std::move(value));
    if (const auto why = unusable(value); !why.empty()) return fmt::format("{} {}", secret.name, why);
    secret.value = Secret(std::move(value));
    return {};
  }

  bool required_;
  bool refused_ = false;
  const Files& files_;
  const Environment& environment_;
  diag::Report& report_;
};

// Why a key that is a document is none of a service account; empty: it is one, or no document.
std::string unusable_account(SecretRef& secret) {
  if (!credential::is_account(secret.value)) return {};
  const auto read = credential::ServiceAccount::read(secret.value);
  if (read) return {};
  secret.value = Secret();
  return fmt::format("{}: {}", secret.name, read.error().what);
}

// A model of which every target is off would answer nothing but errors.
void report_silent_models(const model::Plan& plan, diag::Report& report) {
  for (const model::Model& model : plan.models) {
    const auto off = [&](const model::Target& target) { return !plan.at(target.provider).off.empty(); };
    if (model.targets.empty() || !std::ranges::all_of(model.targets, off)) continue;
    const model::Provider& first = plan.at(model.targets[0].provider);
    auto& finding = report.add(
        502, model.where, fmt::format("model '{}' has no target that can be called", text::printable(model.name, 60)),
        fmt::format("provider '{}' is off: {}", first.name, first.off));
    finding.helps.push_back("set the variable, or add a fallback such as mock/small");
  }
}

}  // namespace

std::string_view unusable(std::string_view key) {
  // A line end inside a key would end the header that carries it.
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::ranges::any_of(key, control) ? "holds control characters" : "";
}

std::string_view weakness_of(const Secret& key) {
  const std::string_view value = key.expose();
  if (value.size() < least_key) return "fewer than 16 characters";
  const std::set<char> different(value.begin(), value.end());
  return different.size() < least_variety ? "fewer than 6 different characters" : "";
}

void load_secrets(model::Plan& plan, const Request& request, const Files& files, const Environment& environment,
                  diag::Report& report) {
  if (request.secrets == Secrets::ignore) return;
  Loading loading(request, files, environment, report);
  for (model::Provider& provider : plan.providers) {
    for (const auto& [field, secret] : model::secrets_of(provider)) {
      std::string why = loading.load(*secret);
      if (why.empty()) why = unusable_account(*secret);
      if (why.empty()) continue;
      provider.off = why;
      if (loading.required())
        loading.missing(*secret, fmt::format("the {} of provider '{}'", field, provider.name), why);
    }
  }
  if (!loading.required()) report_silent_models(plan, report);
  for (model::Consumer& consumer : plan.consumers) {
    const std::string what = fmt::format("the key of consumer '{}'", consumer.name);
    if (const std::string why = loading.load(consumer.key); !why.empty()) loading.missing(consumer.key, what, why);
    loading.judge(consumer.key, what);
  }
  if (const std::string why = loading.load(plan.pepper); !why.empty())
    loading.missing(plan.pepper, "the pepper", why);
  if (const std::string why = loading.load(plan.admin.key); !why.empty()) {
    loading.missing(plan.admin.key, "the key of the admin API", why);
    // `run` opens the admin API in any case, with the key that it made.
    if (!request.admin_key.empty())
      plan.admin.key = {SecretRef::Kind::minted, "", request.admin_key, plan.admin.key.where};
  }
  loading.judge(plan.admin.key, "the key of the admin API");
}

}  // namespace apigw::config
