// doctor: who may read what should be private, and how long certificates last.
#include <set>

#include "assembly/identity.h"
#include "base/text.h"
#include "checkup.h"
#include "outbound/certificate.h"

namespace apigw::cli {
namespace {

constexpr std::chrono::days soon{30};
constexpr std::size_t pem_limit = 4 << 20;

CheckRow privacy(const Checkup& checkup, const std::string& path) {
  CheckRow row{.check = "files", .subject = text::printable(path)};
  const unsigned mode = checkup.env.files.mode(path);
  row.found = fmt::format("mode {:04o}", mode);
  if ((mode & 077u) != 0) {
    row.health = Health::fail;
    row.found += ", others may read it";
    row.fix = fmt::format("chmod 600 {}", text::printable(path));
  }
  return row;
}

void check_dotenv(const Checkup& checkup, CheckRows& rows) {
  if (!checkup.env.files.exists(checkup.dotenv)) return;
  rows.push_back(privacy(checkup, checkup.dotenv));
  if (checkup.tracked)
    rows.push_back({Health::fail, "files", checkup.dotenv, "is tracked by git, so its secrets are shared",
                    "git rm --cached .env && echo .env >> .gitignore; then change the secrets in it"});
  else if (!checkup.dotenv_problem.empty())
    rows.push_back({Health::fail, "files", checkup.dotenv, checkup.dotenv_problem, "write NAME=VALUE lines"});
}

// Every file that holds a private key or a secret.
std::set<std::string> private_files(const model::Plan& plan) {
  std::set<std::string> files;
  const auto secret = [&](const model::SecretRef& reference) {
    if (reference.kind == model::SecretRef::Kind::file) files.insert(reference.name);
  };
  const auto key = [&](const std::string& path) {
    if (!path.empty()) files.insert(path);
  };
  for (const model::Provider& provider : plan.providers) {
    for (const auto& [field, reference] : model::secrets_of(provider)) secret(*reference);
    key(provider.outbound.client_key_file);
  }
  for (const model::Service& service : plan.services) key(service.outbound.client_key_file);
  for (const model::Consumer& consumer : plan.consumers) secret(consumer.key);
  for (const model::Listener& listener : plan.listeners)
    if (listener.tls) key(listener.tls->key_file);
  secret(plan.pepper);
  secret(plan.admin.key);
  return files;
}

std::set<std::string> certificate_files(const model::Plan& plan) {
  std::set<std::string> files;
  for (const model::Listener& listener : plan.listeners)
    if (listener.tls) files.insert(listener.tls->cert_file);
  const auto outbound = [&](const model::Outbound& out) {
    for (const std::string& path : {out.client_cert_file, out.ca_file})
      if (!path.empty()) files.insert(path);
  };
  for (const model::Provider& provider : plan.providers) outbound(provider.outbound);
  for (const model::Service& service : plan.services) outbound(service.outbound);
  return files;
}

CheckRow lifetime(const Checkup& checkup, const std::string& path) {
  CheckRow row{.check = "certificates", .subject = text::printable(path)};
  const auto pem = checkup.env.files.read(path, pem_limit);
  const auto end = pem ? outbound::earliest_end(*pem) : std::unexpected(pem.error());
  if (!end) return {Health::fail, row.check, row.subject, end.error().what, "it must be a readable PEM file"};
  const auto left = std::chrono::floor<std::chrono::days>(*end - checkup.env.clock.wall());
  if (left.count() < 0)
    return {Health::fail, row.check, row.subject, fmt::format("expired {} days ago", -left.count()), "renew it"};
  row.found = fmt::format("good for {} days", left.count());
  if (left < soon) {
    row.health = Health::warn;
    row.fix = "renew it; a running gateway takes the new file by itself";
  }
  return row;
}

// "apigw.yaml:3:5"
std::string place_of(const Checkup& checkup, Span where) {
  const diag::Sources& sources = checkup.loaded.sources;
  if (!where.known()) return checkup.path;
  const auto at = sources.position(where.source, where.begin);
  return fmt::format("{}:{}:{}", text::printable(sources.name(where.source)), at.line, at.column);
}

// Whether certificate and key are such as `serve` takes.
void add_identity(const Checkup& checkup, std::string subject, Span where, const Result<void>& tried,
                  CheckRows& rows) {
  CheckRow row{.check = "certificates", .subject = std::move(subject), .found = "its files can be used", .fix = {}};
  if (!tried) {
    row.health = Health::fail;
    row.found = text::printable(tried.error().what);
    row.fix = fmt::format("mend the files, or what {} names", place_of(checkup, where));
  }
  rows.push_back(std::move(row));
}

}  // namespace

void check_files(const Checkup& checkup, CheckRows& rows) {
  check_dotenv(checkup, rows);
  if (checkup.loaded.plan == nullptr) return;
  for (const std::string& path : private_files(*checkup.loaded.plan))
    if (checkup.env.files.exists(path)) rows.push_back(privacy(checkup, path));
  for (const model::Service& service : checkup.loaded.plan->services)
    if (service.run && !service.run->directory.empty() && !checkup.env.files.directory(service.run->directory))
      rows.push_back({Health::fail, "files", text::printable(service.run->directory),
                      fmt::format("is no folder, and service '{}' starts in it", service.name),
                      "mend its dir in the config"});
}

void check_certificates(const Checkup& checkup, CheckRows& rows) {
  if (checkup.loaded.plan == nullptr) return;
  const model::Plan& plan = *checkup.loaded.plan;
  for (const std::string& path : certificate_files(plan)) rows.push_back(lifetime(checkup, path));
  for (const model::Listener& listener : plan.listeners)
    if (listener.tls)
      add_identity(checkup, "listen " + listener.text(), listener.where, assembly::try_identity(*listener.tls), rows);
  const auto outbound = [&](const std::string& noun, const auto& thing) {
    const model::Outbound& out = thing.outbound;
    if (!out.client_cert_file.empty() || !out.ca_file.empty())
      add_identity(checkup, noun + thing.name, thing.where, assembly::try_identity(out), rows);
  };
  for (const model::Provider& provider : plan.providers) outbound("providers.", provider);
  for (const model::Service& service : plan.services) outbound("services.", service);
}

}  // namespace apigw::cli
