#include "project_watch.h"

#include <algorithm>
#include <utility>

namespace apigw::cli {
namespace {

// Files whose new content is taken without reading the config again.
std::set<std::string> certificates(const model::Plan& plan) {
  std::set<std::string> files;
  for (const model::Listener& listener : plan.listeners)
    if (listener.tls) files.insert({listener.tls->cert_file, listener.tls->key_file});
  return files;
}

// Files that hold a secret of the plan.
std::set<std::string> secret_files(const model::Plan& plan) {
  std::set<std::string> files;
  const auto add = [&](const model::SecretRef& secret) {
    if (secret.kind == model::SecretRef::Kind::file) files.insert(secret.name);
  };
  add(plan.pepper);
  add(plan.admin.key);
  for (const model::Provider& provider : plan.providers)
    for (const auto& [field, secret] : model::secrets_of(provider)) add(*secret);
  for (const model::Consumer& consumer : plan.consumers) add(consumer.key);
  return files;
}

}  // namespace

void ProjectWatch::follow(const Reading& reading, const model::Plan& running, const std::string& dotenv,
                          run::TimePoint now) {
  certificates_ = certificates(running);
  std::vector<std::string> files(certificates_.begin(), certificates_.end());
  if (scope_ == Scope::project) {
    files.insert(files.end(), reading.files.begin(), reading.files.end());
    for (const std::string& file : secret_files(running)) files.push_back(file);
    files.push_back(dotenv);
    stale_ = includes_.renew(files_, reading.globs, reading.files);
  }
  watch_.watch(std::move(files), now, reading.at);
}

run::TimePoint ProjectWatch::next() const {
  return stale_ ? run::TimePoint::min() : watch_.next();
}

std::optional<ProjectWatch::Change> ProjectWatch::changed(run::TimePoint now) {
  const std::vector<std::string> files = watch_.advance(now);
  const auto other = std::ranges::find_if(files, [&](const auto& file) { return !certificates_.contains(file); });
  if (other != files.end()) return Change{.file = *other};
  if (std::exchange(stale_, false)) return Change{};
  if (scope_ == Scope::project && now >= look_at_) {
    look_at_ = now + run::FileWatch::look_every;
    if (auto match = includes_.changed(files_)) return Change{.file = std::move(*match)};
  }
  if (files.empty()) return std::nullopt;
  return Change{.file = files.front(), .certificates = true};
}

}  // namespace apigw::cli
