// doctor: the config, where each value comes from, and how much this process may open.
#include <sys/resource.h>

#include "base/text.h"
#include "checkup.h"
#include "diag/render.h"
#include "policy/key_tail.h"

namespace apigw::cli {
namespace {

constexpr std::size_t secret_limit = 64 << 10;
constexpr rlim_t few_files = 4096;

// As loading the config judges it.
FoundSecret found_as(const std::string& name, std::string value, std::string_view source) {
  const bool controls =
      std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (controls) return {.problem = fmt::format("{} holds control characters", text::printable(name))};
  return {.value = Secret(std::move(value)), .source = std::string(source)};
}

FoundSecret from_environment(const Checkup& checkup, const std::string& name) {
  const auto found = checkup.environment.find(name);
  if (found == checkup.environment.end() || found->second.empty())
    return {.problem = fmt::format("{} is {}", name, found == checkup.environment.end() ? "not set" : "empty")};
  return found_as(name, found->second, checkup.env.environment.contains(name) ? "the environment" : checkup.dotenv);
}

FoundSecret from_file(const Checkup& checkup, const std::string& path) {
  auto content = checkup.env.files.read(path, secret_limit);
  if (!content) return {.problem = content.error().what};
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  if (content->empty()) return {.problem = fmt::format("'{}' is empty", text::printable(path))};
  return found_as(path, std::move(*content), "a file");
}

// A key that clients send is chosen here, and may be one that is easy to guess.
enum class Sender : std::uint8_t { gateway, client };

void add_secret(const Checkup& checkup, std::string subject, const model::SecretRef& reference, Sender sender,
                CheckRows& rows) {
  if (reference.kind != model::SecretRef::Kind::env && reference.kind != model::SecretRef::Kind::file) return;
  const FoundSecret found = find_secret(checkup, reference);
  CheckRow row{.check = "values", .subject = std::move(subject)};
  if (found.problem.empty()) {
    row.found =
        fmt::format("{} ({}, from {})", text::printable(reference.name), policy::key_tail(found.value), found.source);
    if (const auto why = sender == Sender::client ? config::weakness_of(found.value) : ""; !why.empty()) {
      row.health = Health::warn;
      row.found += fmt::format(", easy to guess: it has {}", why);
      row.fix = "make another: apigw key hash --generate";
    }
  } else {
    row.health = Health::warn;
    row.found = found.problem;
    row.fix = reference.kind == model::SecretRef::Kind::env
                  ? fmt::format("export {0}=…, or write it into {1}", reference.name, checkup.dotenv)
                  : "write the key alone into that file, mode 0600";
  }
  rows.push_back(std::move(row));
}

// "--profile", or its variable where that says the same.
std::string from_flag(const Checkup& checkup, std::string_view variable, std::string_view flag,
                      std::string_view value) {
  const auto set = checkup.env.environment.find(variable);
  const bool same = set != checkup.env.environment.end() && set->second == value;
  return fmt::format("from {}", same ? variable : flag);
}

}  // namespace

FoundSecret find_secret(const Checkup& checkup, const model::SecretRef& reference) {
  if (reference.kind == model::SecretRef::Kind::env) return from_environment(checkup, reference.name);
  if (reference.kind == model::SecretRef::Kind::file) return from_file(checkup, reference.name);
  return {};
}

void check_config(const Checkup& checkup, CheckRows& rows) {
  if (checkup.path.empty()) {
    rows.push_back({Health::warn, "config", "apigw.yaml", "there is none here", "make a project: apigw init"});
    return;
  }
  const diag::Report& report = checkup.loaded.report;
  const Health health = checkup.loaded.plan == nullptr ? Health::fail
                        : report.warnings() > 0        ? Health::warn
                                                       : Health::ok;
  rows.push_back({health, "config", checkup.path,
                  report.all().empty() ? "no findings" : diag::summary(report, checkup.loaded.sources),
                  health == Health::ok ? "" : "apigw validate"});
}

void check_values(const Checkup& checkup, CheckRows& rows) {
  const Globals& globals = checkup.globals;
  if (!globals.config.empty())
    rows.push_back(
        {Health::ok, "values", "config",
         fmt::format("{}, {}", globals.config, from_flag(checkup, "APIGW_CONFIG", "--config", globals.config)), ""});
  if (!globals.profile.empty())
    rows.push_back(
        {Health::ok, "values", "profile",
         fmt::format("{}, {}", globals.profile, from_flag(checkup, "APIGW_PROFILE", "--profile", globals.profile)),
         ""});
  for (const auto& [field, value] : globals.sets)
    rows.push_back({Health::ok, "values", field, fmt::format("{}, from --set", text::printable(value)), ""});
  if (checkup.loaded.plan == nullptr) return;
  const model::Plan& plan = *checkup.loaded.plan;
  for (const model::Provider& provider : plan.providers)
    for (const auto& [field, secret] : model::secrets_of(provider))
      add_secret(checkup, "providers." + provider.name + (field == "key" ? "" : fmt::format(".{}", field)), *secret,
                 Sender::gateway, rows);
  for (const model::Consumer& consumer : plan.consumers)
    add_secret(checkup, "consumers." + consumer.name, consumer.key, Sender::client, rows);
  add_secret(checkup, "pepper", plan.pepper, Sender::gateway, rows);
  add_secret(checkup, "admin.key", plan.admin.key, Sender::client, rows);
}

void check_limits(const Checkup&, CheckRows& rows) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const bool few = files.rlim_cur != RLIM_INFINITY && files.rlim_cur < few_files;
  rows.push_back({few ? Health::warn : Health::ok, "limits", "open files",
                  files.rlim_cur == RLIM_INFINITY ? std::string("no limit")
                                                  : fmt::format("{}: about {} calls at once, each has two ends",
                                                                files.rlim_cur, files.rlim_cur / 2),
                  few ? "ulimit -n 65536, or LimitNOFILE=65536 in the unit" : ""});
}

}  // namespace apigw::cli
