#include "import/litellm_deployments.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "import/endpoints.h"
#include "import/quantities.h"
#include "import/secrecy.h"
#include "render/yaml_writer.h"

namespace apigw::import {
namespace {

void fill_in(std::string& text, std::string_view place, std::string_view value) {
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
    text.replace(at, place.size(), value);
}

}  // namespace

std::optional<std::string> LiteLlmDeployments::azure_url(const LiteLlmProvider& row, std::string url,
                                                         config::KnownProvider& kind, Fields& fields) {
  const std::string version = fields.text("api_version").value_or("");
  const AzureAddress address = azure_address(std::move(url), version);
  if (row.word != "azure" && !address.plain) {
    to_.lost(fields.key("model"), fmt::format("a deployment of {}", fields.what()),
             fmt::format("'{}' is spoken to at addresses that end in /openai/v1 alone", row.word));
    return std::nullopt;
  }
  const auto variant = std::ranges::find(to_.vocabulary.variants, kind.dialect, &config::KnownVariant::word);
  const bool other = variant != to_.vocabulary.variants.end() && variant->version != version && !version.empty();
  if (address.dated)
    to_.nearly(fields.key("api_version"), fmt::format("'api_version' of {}", fields.what()),
               "addresses that end in /openai/v1 have one version");
  else if (!address.plain && other)
    to_.nearly(fields.key("api_version"), fmt::format("'api_version' of {}", fields.what()),
               fmt::format("calls are of version {}", variant->version));
  if (address.plain) kind.dialect = "openai";
  return address.url;
}

std::optional<std::string> LiteLlmDeployments::provider_of(const LiteLlmProvider& row, Fields& fields,
                                                           std::optional<std::uint64_t> timeout) {
  auto kind = known_as(row, to_.vocabulary);
  const yaml::Node* base = fields.take("api_base");
  if (base == nullptr) base = fields.take("base_url");
  fields.ignore({"api_base", "base_url"});
  if (!kind) {
    to_.lost(fields.key("model"), fmt::format("a deployment of {}", fields.what()), "its provider is not known here");
    return std::nullopt;
  }
  if (kind->url.contains('{') && base == nullptr) return cloud(*kind, fields, timeout);
  const bool azure = row.name == "azure";
  std::string url(azure ? fmt::format("${{{}_API_BASE}}", text::upper(row.word)) : kind->url), host, port;
  if (base != nullptr) {
    if (const auto variable = referred_variable(base->value)) {
      url = fmt::format("${{{}}}", *variable);
    } else {
      std::string why;
      const auto address = base->kind == yaml::Kind::scalar ? read_address(base->value, why) : std::nullopt;
      if (!address) {
        to_.unreadable(base->span, fmt::format("a deployment of {} is left out: its address cannot be called: {}",
                                               fields.what(), why.empty() ? "it is no text" : why));
        return std::nullopt;
      }
      const bool short_of = !row.more.empty() && !address->url.ends_with(row.more);
      std::string_view said = address->url;
      if (said.ends_with(row.calls)) said.remove_suffix(row.calls.size());
      url = literal(said) + std::string(short_of ? row.more : "");
      constexpr std::string_view here = "http://localhost:";
      if (url.starts_with(here) && "http://127.0.0.1:" + url.substr(here.size()) == kind->url) url = kind->url;
      host = host_name(address->host);
      port = address->port;
    }
  }
  if (azure) {
    const auto found = azure_url(row, std::move(url), *kind, fields);
    if (!found) return std::nullopt;
    url = *found;
  }
  return declared(*kind, url, host, port, key_of(*kind, url, fields), fields, timeout);
}

std::optional<std::string> LiteLlmDeployments::cloud(const config::KnownProvider& kind, Fields& fields,
                                                     std::optional<std::uint64_t> timeout) {
  struct Place {
    std::string_view field;
    std::array<std::string_view, 2> said;
  };
  constexpr std::array<Place, 2> places{
      {{"region", {"aws_region_name", "vertex_location"}}, {"project", {"vertex_project", "vertex_ai_project"}}}};
  Value provider = object();
  std::string url(kind.url);
  for (const Place& place : places) {
    if (!kind.url.contains(fmt::format("{{{}}}", place.field))) continue;
    const yaml::Node* said = fields.take(place.said[0]);
    if (said == nullptr) said = fields.take(place.said[1]);
    if (said == nullptr || said->kind != yaml::Kind::scalar) {
      to_.lost(fields.key("model"), fmt::format("a deployment of {}", fields.what()),
               fmt::format("its {} is not said, and the provider '{}' needs one", place.field, kind.name));
      return std::nullopt;
    }
    const auto variable = referred_variable(said->value);
    const std::string value = variable ? fmt::format("${{{}}}", *variable) : literal(said->value);
    put(provider, place.field, text(value));
    if (value == "global") fill_in(url, "{region}-", "");  // has no host of its own
    fill_in(url, fmt::format("{{{}}}", place.field), value);
  }
  credentials(kind, fields, provider);
  if (const auto milliseconds = timeout_of(fields, timeout))
    put(provider, "timeout", text(duration_text(*milliseconds)));
  const auto [at, fresh] =
      names_.try_emplace({std::string(kind.name), render::write_yaml_line(provider), std::string(), 0});
  if (!fresh) return at->second;
  at->second = kind.name;
  if (to_.config.find("providers", kind.name) != nullptr) {  // another one of the kind says its address itself
    at->second = to_.config.free_name("providers", fmt::format("{}-2", kind.name));
    std::erase_if(provider.members,
                  [](const render::Member& member) { return member.name == "region" || member.name == "project"; });
    put(provider, "dialect", text(kind.dialect));
    put(provider, "url", text(url));
  }
  to_.config.entry("providers", at->second, fields.key("model")).values.push_back(std::move(provider));
  return at->second;
}

void LiteLlmDeployments::credentials(const config::KnownProvider& kind, Fields& fields, Value& provider) {
  const auto secret = [&](std::string_view said, std::string_view variable) {
    const yaml::Node* node = fields.take(said);
    return node == nullptr || node->kind != yaml::Kind::scalar ? std::string()
                                                               : to_.secret(*node, std::string(variable));
  };
  const std::string id = secret("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
                    signs = secret("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
                    token = secret("aws_session_token", "AWS_SESSION_TOKEN");
  if (!id.empty() && !signs.empty()) {
    Value aws = object();
    put(aws, "access_key_id", text(id));
    put(aws, "secret_access_key", text(signs));
    if (!token.empty()) put(aws, "session_token", text(token));
    put(provider, "aws", std::move(aws));
    return;
  }
  const yaml::Node* file = fields.take("vertex_credentials");
  const bool path = file != nullptr && file->kind == yaml::Kind::scalar && file->value.ends_with(".json");
  const std::string key = path              ? fmt::format("file:{}", literal(file->value))
                          : file != nullptr ? to_.secret(*file, std::string(kind.variable))
                                            : key_of(kind, std::string(kind.url), fields);
  put(provider, "key", text(key));
}

std::string LiteLlmDeployments::key_of(const config::KnownProvider& kind, const std::string& url, Fields& fields) {
  const yaml::Node* key = fields.take("api_key");
  const std::string usual = kind.variable.empty() ? "" : fmt::format("env:{}", kind.variable);
  if (key == nullptr || key->kind != yaml::Kind::scalar) return usual;
  if (stands_for_no_key(key->value)) {
    if (url == kind.url) return usual;
    return {};
  }
  return to_.secret(*key, kind.variable.empty() ? fmt::format("{}_API_KEY", kind.name) : std::string(kind.variable));
}

std::optional<std::uint64_t> LiteLlmDeployments::timeout_of(Fields& fields, std::optional<std::uint64_t> timeout) {
  const auto own = fields.text("timeout");
  const auto value = own ? read_seconds(*own) : std::nullopt;
  if (own && !value)
    to_.unreadable(fields.key("timeout"), fmt::format("'timeout' of {} is no number of seconds", fields.what()));
  return value ? value : timeout;
}

std::string LiteLlmDeployments::declared(const config::KnownProvider& kind, const std::string& url,
                                         const std::string& host, const std::string& port, const std::string& key,
                                         Fields& fields, std::optional<std::uint64_t> timeout) {
  const auto milliseconds = timeout_of(fields, timeout);
  const auto [at, fresh] = names_.try_emplace({std::string(kind.dialect), url, key, milliseconds.value_or(0)});
  if (!fresh) return at->second;
  const std::string usual = kind.variable.empty() ? "" : fmt::format("env:{}", kind.variable);
  const bool named = std::ranges::find(to_.vocabulary.providers, kind.name, &config::KnownProvider::name) !=
                     to_.vocabulary.providers.end();  // and its name brings all the rest
  const bool plain = named && url == kind.url && key == usual && to_.config.find("providers", kind.name) == nullptr;
  std::string wanted(kind.name);
  if (url != kind.url && (named || !host.empty() || !port.empty()))
    wanted = !host.empty() ? host : port.empty() ? wanted + "-2" : fmt::format("{}-{}", wanted, port);
  const std::string name =
      plain ? wanted : to_.config.free_name("providers", named && wanted == kind.name ? wanted + "-2" : wanted);
  at->second = name;
  Value provider = object();
  if (!plain) {
    put(provider, "dialect", text(kind.dialect));
    put(provider, "url", text(url));
    if (!key.empty()) put(provider, "key", text(key));
  }
  if (milliseconds) put(provider, "timeout", text(duration_text(*milliseconds)));
  to_.config.entry("providers", name, fields.key("model")).values.push_back(std::move(provider));
  return name;
}

}  // namespace apigw::import
