#include "emit/bundle.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "model/credential.h"

namespace apigw::emit {
namespace {

constexpr model::Scale usual_scale{3, 10, {}};

bool loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::uint16_t port_of(const model::Service& service) {
  return service.port.value_or(usual_port);
}

std::string url_of(const model::Service& service) {
  return fmt::format("http://{}:{}{}", object_name(service.name), port_of(service), service.base_path);
}

std::uint16_t listener_port(const model::Plan& plan) {
  const std::uint16_t port = plan.listeners.empty() ? 0 : plan.listeners.front().port;
  return port == 0 ? usual_port : port;
}

// As the variable that hands it over: /run/secrets/anthropic is FILE_RUN_SECRETS_ANTHROPIC.
std::string variable_of_file(std::string_view path) {
  std::string name = "FILE";
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && name.back() == '_') continue;
    name += !word ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

// Whether a name with TLS is one of the internet, as far as a name tells.
bool is_public(const model::Origin& at) {
  constexpr std::string_view inner[] = {".internal", ".local", ".localhost", ".lan", ".corp", ".home.arpa", ".svc"};
  const bool address =
      at.host.find(':') != std::string::npos || at.host.find_first_not_of("0123456789.") == std::string::npos;
  return at.tls && !address && at.host.find('.') != std::string::npos &&
         std::ranges::none_of(inner, [&](std::string_view end) { return at.host.ends_with(end); });
}

// A path as the gateway finds it in its container: relative ones start at the config.
std::string in_container(const model::Plan& plan, std::string path) {
  const auto slash = plan.file.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : plan.file.substr(0, slash + 1);
  return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

std::string key_of(std::string_view path) {
  std::string key;
  for (const char c : path) key += c == '/' ? std::string("__") : std::string(1, c);
  return text::trim(key).starts_with("__") ? key.substr(2) : key;
}

// A connection that leaves through a proxy goes to the proxy and nowhere else.
void add_outside(Workload& gateway, const model::Outbound& outbound, const model::Origin& origin, Span where) {
  if (outbound.proxy == model::Outbound::Proxy::fixed)
    gateway.outside.push_back({outbound.proxy_host, outbound.proxy_port, false, where});
  else
    gateway.outside.push_back({origin.host, origin.port, is_public(origin), where});
}

class Bundling {
 public:
  Bundling(const model::Plan& plan, const Options& options, diag::Report& report)
      : plan_(plan), options_(options), report_(report) {}

  Bundle take() {
    if (wanted(gateway_name)) gateway();
    for (const model::Service& service : plan_.services)
      if (!service.container.image.empty()) this->service(service);
    for (const model::Service& service : plan_.services) judge(service);
    connect();
    return std::move(bundle_);
  }

 private:
  [[nodiscard]] bool wanted(std::string_view name) const {
    return options_.gateway &&
           (!plan_.deploy.gateway.image.empty() || options_.only.empty() || options_.only == name);
  }

  // A service that others call and that is nowhere cannot be left out in silence.
  void judge(const model::Service& service) {
    const std::string name = object_name(service.name);
    if (!service.container.image.empty()) {
      const auto [first, fresh] = names_.emplace(name, service.where);
      const bool usable = !name.empty() && name.size() <= 63 && name != gateway_name;
      if (fresh && usable) return;
      auto& finding =
          report_.add(702, service.where,
                      fresh ? fmt::format("service '{}' cannot be called '{}' where it is deployed",
                                          text::printable(service.name, 60), name)
                            : fmt::format("two services would be called '{}' where they are deployed", name),
                      name == gateway_name ? "the gateway has this name" : "");
      if (!fresh) finding.labels.push_back({first->second, "the other one"});
      finding.helps.push_back(
          "rename it: the name is its DNS name, of small letters, digits and '-', at most 63 of them");
      return;
    }
    if (placed(service) || (!options_.only.empty() && options_.only != service.name)) return;
    report_
        .add(701, service.where, fmt::format("service '{}' has no image", text::printable(service.name, 60)),
             "nothing to deploy it from")
        .helps.push_back("add image: NAME:VERSION, or url: where it is when it is not to be deployed");
  }

  // `run` alone leaves a placeholder on loopback.
  static bool placed(const model::Service& service) {
    return std::ranges::any_of(service.instances, [](const model::Origin& at) { return !loopback(at.host); });
  }

  void gateway() {
    const model::Container& container = plan_.deploy.gateway;
    if (container.image.empty()) {
      report_.add(701, container.where, "the gateway has no image")
          .helps.push_back("add deploy: { gateway: { image: NAME:VERSION } } to the config");
      return;
    }
    Workload out{.name = std::string(gateway_name),
                 .called = std::string(gateway_name),
                 .gateway = true,
                 .container = &container};
    out.where = container.where;
    out.alone = !plan_.consumers.empty();  // AGW503: each instance would count wrong keys for itself
    out.scale = out.alone ? model::Scale{1, 1, {}} : container.scale.value_or(usual_scale);
    out.drain = static_cast<unsigned>((plan_.timeouts.drain.count() + 999) / 1000);
    out.open = true;
    listeners(out);
    arguments(out);
    secrets(out);
    config_files(out);
    for (const model::Provider& provider : plan_.providers)
      if (!provider.mock) call_provider(out, provider);
    bundle_.workloads.push_back(std::move(out));
  }

  // Vertex takes access tokens, which Google gives at an address of its own unless a service account's key names
  // another.
  static void call_provider(Workload& out, const model::Provider& provider) {
    add_outside(out, provider.outbound, provider.origin, provider.where);
    if (provider.dialect.starts_with("vertex-"))
      add_outside(out, provider.outbound, {true, "oauth2.googleapis.com", 443}, provider.where);
  }

  void listeners(Workload& out) {
    for (const model::Listener& listener : plan_.listeners) {
      if (listener.loopback()) continue;
      const bool first = out.ports.empty();
      out.ports.push_back(
          {first ? "http" : fmt::format("http-{}", out.ports.size() + 1), listener.port, listener.tls.has_value()});
      if (listener.tls) {
        secret_file(out, listener.tls->cert_file, "listen.tls.cert");
        secret_file(out, listener.tls->key_file, "listen.tls.key");
      }
    }
    out.probe = {"health", plan_.health.port};
    out.live = "/healthz";
    out.ready = "/readyz";
  }

  void arguments(Workload& out) const {
    const std::string name = options_.files.empty() ? "apigw.yaml" : options_.files.front().path;
    out.arguments = {"serve", "-c", fmt::format("{}/{}", config_folder, name)};
    if (!plan_.profile.empty()) out.arguments.insert(out.arguments.end(), {"--profile", plan_.profile});
    for (const auto& [path, value] : options_.sets)
      out.arguments.insert(out.arguments.end(), {"--set", fmt::format("{}={}", path, value)});
  }

  void secrets(Workload& out) const {
    std::set<std::string> seen;
    const auto add = [&](const std::string& variable) {
      if (seen.insert(variable).second) out.secret_variables.push_back({variable, variable});
    };
    for (const auto& [field, secret] : secrets_of(plan_))
      if (secret->kind == model::SecretRef::Kind::env) add(secret->name);
    for (const auto& [name, value] : options_.variables) {
      if (is_secret(name, value))
        add(name);
      else
        out.variables[name] = value;
    }
    std::ranges::sort(out.secret_variables, {}, &SecretVariable::variable);
  }

  void secret_file(Workload& out, const std::string& path, const std::string& field) const {
    if (path.empty()) return;
    const std::string at = in_container(plan_, path);
    const bool there = std::ranges::any_of(out.secret_files, [&](const SecretFile& file) { return file.path == at; });
    if (!there) out.secret_files.push_back({at, key_of(at), field});
  }

  void config_files(Workload& out) const {
    out.files = options_.files;
    const auto add = [&](const model::Outbound& outbound, const std::string& field) {
      secret_file(out, outbound.ca_file, field + ".outbound.ca");
      secret_file(out, outbound.client_cert_file, field + ".outbound.cert");
      secret_file(out, outbound.client_key_file, field + ".outbound.key");
    };
    for (const model::Provider& provider : plan_.providers) add(provider.outbound, "providers." + provider.name);
    for (const model::Service& service : plan_.services) add(service.outbound, "services." + service.name);
    std::size_t bytes = 0;
    for (const ConfigFile& file : out.files) bytes += file.text.size();
    if (bytes > (1u << 20) - (16u << 10))
      report_.add(704, {}, fmt::format("the config and its files have {} bytes", bytes))
          .helps.push_back("a ConfigMap holds 1 MiB: take out what the gateway does not need");
  }

  void service(const model::Service& service) {
    Workload out{.name = object_name(service.name), .called = service.name, .container = &service.container};
    out.where = service.where;
    out.scale = service.container.scale.value_or(usual_scale);
    out.ports = {{"http", port_of(service)}};
    out.probe = out.ports.front();
    // The two paths that every service of `apigw new` has; another path says only when it is ready.
    const bool usual = service.health_path.empty() || service.health_path == "/readyz";
    out.live = usual ? "/healthz" : "";
    out.ready = usual ? "/readyz" : service.health_path;
    out.variables["PORT"] = std::to_string(out.ports.front().number);
    if (options_.gateway && !plan_.deploy.gateway.image.empty())
      out.variables["APIGW_URL"] = fmt::format("http://{}:{}", gateway_name, listener_port(plan_));
    for (const std::string& call : service.calls) {
      const auto called = std::ranges::find(plan_.services, call, &model::Service::name);
      if (called == plan_.services.end()) continue;
      if (!called->container.image.empty()) {
        out.variables[model::url_variable(call)] = url_of(*called);
      } else if (!called->instances.empty()) {
        const model::Origin& at = called->instances.front();
        out.variables[model::url_variable(call)] = at.text() + called->base_path;
        for (const model::Origin& instance : called->instances)
          out.outside.push_back({instance.host, instance.port, is_public(instance), called->where});
      }
    }
    for (const auto& [name, value] : service.environment) {
      if (is_secret(name, value))
        out.secret_variables.push_back({name, name});
      else
        out.variables[name] = value;
    }
    for (const SecretVariable& secret : out.secret_variables) out.variables.erase(secret.variable);
    bundle_.workloads.push_back(std::move(out));
  }

  Workload* find(std::string_view name) {
    const auto found = std::ranges::find(bundle_.workloads, name, &Workload::name);
    return found == bundle_.workloads.end() ? nullptr : &*found;
  }

  void link(Workload* from, Workload* to) {
    if (from == nullptr || to == nullptr) return;
    from->callees.push_back(to->name);
    to->callers.push_back(from->name);
  }

  void connect() {
    Workload* gateway = find(gateway_name);
    for (const model::Route& route : plan_.routes) {
      const auto* to = std::get_if<model::ToService>(&route.action);
      if (to == nullptr) continue;
      const model::Service& service = plan_.at(to->service);
      if (!service.container.image.empty()) {
        Workload* called = find(object_name(service.name));
        link(gateway, called);
        if (!options_.gateway && called != nullptr) called->open = true;
        continue;
      }
      if (gateway == nullptr) continue;
      for (const model::Origin& at : service.instances) add_outside(*gateway, service.outbound, at, service.where);
    }
    for (const model::Service& service : plan_.services) {
      if (service.container.image.empty()) continue;
      link(find(object_name(service.name)), gateway);
      for (const std::string& call : service.calls) link(find(object_name(service.name)), find(object_name(call)));
    }
    for (Workload& workload : bundle_.workloads) {
      for (auto* names : {&workload.callers, &workload.callees}) {
        std::ranges::sort(*names);
        names->erase(std::ranges::unique(*names).begin(), names->end());
      }
      // The wider rule stands for both.
      const auto order = [](const Outside& o) { return std::tuple(o.host, o.port, o.internet, o.where.begin); };
      const auto key = [](const Outside& o) { return std::tuple(o.host, o.port); };
      std::ranges::sort(workload.outside, {}, order);
      workload.outside.erase(std::ranges::unique(workload.outside, {}, key).begin(), workload.outside.end());
    }
  }

  const model::Plan& plan_;
  const Options& options_;
  diag::Report& report_;
  Bundle bundle_;
  std::map<std::string, Span> names_;
};

}  // namespace

bool is_secret(std::string_view variable, std::string_view value) {
  return model::sounds_secret(variable) || model::looks_like_key(value) || !model::password_in(value).empty();
}

std::string variable_of(const model::Plan& plan, const model::SecretRef& secret) {
  if (secret.kind == model::SecretRef::Kind::env) return secret.name;
  return secret.kind == model::SecretRef::Kind::file ? variable_of_file(in_container(plan, secret.name)) : "";
}

Bundle bundle_of(const model::Plan& plan, const Options& options, diag::Report& report) {
  return Bundling(plan, options, report).take();
}

void add_of_profile(const diag::Report& found, std::string_view profile, diag::Report& report) {
  constexpr std::string_view with = " (profile '";
  const auto known = [&](const diag::Diagnostic& finding) {
    return std::ranges::any_of(report.all(), [&](const diag::Diagnostic& other) {
      return other.code == finding.code && other.labels == finding.labels &&
             (other.message == finding.message || other.message.starts_with(finding.message + std::string(with)));
    });
  };
  for (diag::Diagnostic finding : found.all()) {
    if (known(finding)) continue;
    finding.message += fmt::format("{}{}')", with, profile);
    report.add(std::move(finding));
  }
}

std::vector<const Workload*> chosen(const Bundle& bundle, const Options& options) {
  std::vector<const Workload*> out;
  for (const Workload& workload : bundle.workloads)
    if (options.only.empty() || workload.name == object_name(options.only)) out.push_back(&workload);
  return out;
}

std::vector<Set> deployed_sets(const model::Plan& plan) {
  std::vector<Set> out;
  const bool hidden = std::ranges::all_of(plan.listeners, &model::Listener::loopback);
  const std::uint16_t port = listener_port(plan);
  if (hidden) out.emplace_back("listen", fmt::format("0.0.0.0:{}", port));
  if (!plan.health.on || loopback(plan.health.host)) {
    std::uint16_t health = 8082;
    while (std::ranges::any_of(plan.listeners, [&](const auto& listener) { return listener.port == health; }))
      ++health;
    out.emplace_back("health", fmt::format("0.0.0.0:{}", health));
  }
  for (const model::Service& service : plan.services)
    if (!service.container.image.empty()) out.emplace_back("services." + service.name + ".url", url_of(service));
  for (const auto& [field, secret] : secrets_of(plan))
    if (secret->kind == model::SecretRef::Kind::file) out.emplace_back(field, "env:" + variable_of(plan, *secret));
  return out;
}

std::vector<std::pair<std::string, const model::SecretRef*>> secrets_of(const model::Plan& plan) {
  std::vector<std::pair<std::string, const model::SecretRef*>> out;
  for (const model::Provider& provider : plan.providers)
    for (const auto& [field, secret] : model::secrets_of(provider))
      if (!provider.mock) out.emplace_back(fmt::format("providers.{}.{}", provider.name, field), secret);
  for (const model::Consumer& consumer : plan.consumers)
    out.emplace_back("consumers." + consumer.name + ".key", &consumer.key);
  out.emplace_back("pepper", &plan.pepper);
  out.emplace_back("admin.key", &plan.admin.key);
  return out;
}

std::string object_name(std::string_view service) {
  return text::dns_label(service);
}

std::string version_of(std::string_view image) {
  const auto at = image.find('@');
  const std::string_view named = image.substr(0, at);
  const auto slash = named.rfind('/');
  const auto colon = named.find(':', slash == std::string_view::npos ? 0 : slash);
  std::string version;
  if (colon != std::string_view::npos) {
    version = named.substr(colon + 1);
  } else if (at != std::string_view::npos) {
    const std::string_view digest = image.substr(at + 1);
    version = digest.substr(std::min(digest.find(':') + 1, digest.size()), 12);
  }
  if (version.size() > 63) version.resize(63);
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  while (!version.empty() && !word(version.back())) version.pop_back();
  while (!version.empty() && !word(version.front())) version.erase(0, 1);
  return version;
}

std::string field_of(const Workload& workload) {
  return workload.gateway ? "deploy.gateway" : "services." + workload.called;
}

void lost(diag::Report& report, Span where, std::string_view field, std::string_view reason) {
  report.add(711, where, fmt::format("'{}' is not written: {}", field, reason));
}

void nearly(diag::Report& report, Span where, std::string_view field, std::string_view reason) {
  report.add(712, where, fmt::format("'{}' is written only nearly: {}", field, reason));
}

std::string losses(const diag::Report& report) {
  std::string out;
  for (const diag::Diagnostic& finding : report.all())
    out += fmt::format("- {} {}\n", diag::code_name(finding.code), finding.message);
  return out.empty() ? out : "\n## What is not written, or only nearly\n\n" + out;
}

}  // namespace apigw::emit
