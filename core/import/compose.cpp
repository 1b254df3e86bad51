// A Compose file's services as services, and a route to each that is published.
//
// A service with a build context and a command is one that `apigw run` starts; one with an image is one that `apigw
// emit` deploys; a published port is where it answers meanwhile. Databases and brokers speak no HTTP and stay where
// they are. Files that a Compose file names are not read.
#include "import/compose.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/expand.h"
#include "config/grammar.h"
#include "config/readers.h"
#include "import/importer.h"
#include "import/interpolation.h"
#include "import/quantities.h"
#include "import/secrecy.h"
#include "model/plan.h"

namespace apigw::import {
namespace {

using namespace compose;

struct Call {
  std::string name;
  Span where;
  std::string what;  // where it is named, in words
};

struct Service {
  std::string name;
  Span from;
  Value value = object();
  std::vector<Call> calls = {};
  Span route = {};  // of the published port
};

class File {
 public:
  File(const yaml::Node& root, Importing& to) : to_(to), fields_(root, to, "the file") {}

  void read() {
    const yaml::Node* services = fields_.take("services");
    fields_.ignore({"version", "name"});
    fields_.lost("include", "other files are not read");
    ignore_extensions(fields_);
    if (services != nullptr && services->kind == yaml::Kind::mapping) {
      for (const yaml::Entry& entry : services->entries) name(entry);
      for (const yaml::Entry& entry : services->entries) service(entry);
      write();
    } else if (services != nullptr) {
      to_.unreadable(services->span, fmt::format("'services' must be a mapping, not {}", kind_of(*services)));
    }
    fields_.rest();
  }

 private:
  static void ignore_extensions(Fields& fields) {
    for (const yaml::Entry& entry : fields.node().entries)
      if (entry.key->value.starts_with("x-")) fields.ignore({entry.key->value});
  }

  // The names of services that come along, before any refers to another.
  void name(const yaml::Entry& entry) {
    const std::string& written = entry.key->value;
    const yaml::Node* image = entry.value->find("image");
    if (image != nullptr && image->kind == yaml::Kind::scalar && !database(image->value).empty()) {
      to_.lost(entry.key->span, fmt::format("service '{}'", text::printable(written, 60)),
               fmt::format("'{}' speaks no HTTP; it stays where it is", database(image->value)));
    } else if (!config::is_name(written)) {
      to_.unreadable(entry.key->span,
                     fmt::format("'{}' is no name that a service can have", text::printable(written, 60)));
    } else if (entry.value->kind == yaml::Kind::mapping) {
      names_.insert(written);
    } else {
      to_.unreadable(entry.value->span,
                     fmt::format("service '{}' must be a mapping, not {}", written, kind_of(*entry.value)));
    }
  }

  void service(const yaml::Entry& entry) {
    const std::string& name = entry.key->value;
    if (!names_.contains(name)) return;
    Service made{.name = name, .from = entry.key->span};
    calls_ = &made.calls;
    called_.clear();
    Fields fields(*entry.value, to_, fmt::format("service '{}'", name));
    Value out = object();
    depends(fields);
    read_ports(fields);
    start(fields, out);
    image(fields, out);
    environment(fields, name, out);
    health(fields, out);
    scale(fields, out);
    fields.lost("env_file", "'apigw run' reads the .env beside the config alone");
    fields.lost("extends", "what it takes over is not read");
    fields.lost("profiles", "it is started like every other service");
    fields.lost("volumes", "services of apigw keep no state of their own");
    fields.ignore({"restart", "container_name", "init", "tty", "stdin_open", "pull_policy"});
    for (const std::string_view key : {"user", "read_only", "cap_drop", "security_opt"})
      if (fields.take(key) != nullptr && to_.first("locked down"))
        to_.nearly(fields.key(key), fmt::format("'{}' of {}", key, fields.what()),
                   "'apigw emit' locks every container down in its own way");
    ignore_extensions(fields);
    fields.rest();
    if (out.find("run") == nullptr && out.find("url") == nullptr && out.find("image") == nullptr) {
      to_.lost(entry.key->span, fields.what(),
               "it has no command with a build, no image with a version and no published port");
      return;
    }
    made.value = std::move(out);
    if (port_ && !port_->published.empty()) made.route = port_->where;
    services_.push_back(std::move(made));
  }

  // Once it is known which services come along.
  void write() {
    names_.clear();
    for (const Service& service : services_) names_.insert(service.name);
    for (Service& service : services_) {
      std::vector<std::string> calls;
      for (const Call& call : service.calls)
        if (!names_.contains(call.name))
          to_.lost(call.where, fmt::format("'{}' in {}", text::printable(call.name, 60), call.what),
                   "no service of that name comes along");
        else if (call.name != service.name)
          calls.push_back(call.name);
      if (!calls.empty()) put(service.value, "calls", texts(calls));
      const bool only_url = service.value.members.size() == 1 && service.value.members[0].name == "url";
      to_.config.entry("services", service.name, service.from)
          .values.push_back(only_url ? service.value.members[0].value : service.value);
      if (service.route.known()) route(service.name, service.route);
    }
  }

  void route(const std::string& name, Span from) {
    Value to_it = object();
    put(to_it, "to", text(name));
    put(to_it, "strip", text("/" + name));
    to_.config.entry("routes", fmt::format("/{}/**", name), from).values.push_back(std::move(to_it));
    if (to_.first("routes"))
      to_.nearly(from, "a published port",
                 fmt::format("the gateway listens on one address and takes it as path /{}", name));
  }

  // --- what it needs

  void call(const std::string& name, Span where, const std::string& what) {
    if (called_.insert(name).second) calls_->push_back({name, where, what});
  }

  void depends(Fields& fields) {
    const yaml::Node* node = fields.take("depends_on");
    if (node == nullptr) return;
    const std::string what = fmt::format("'depends_on' of {}", fields.what());
    if (node->kind == yaml::Kind::mapping)
      for (const yaml::Entry& entry : node->entries) call(entry.key->value, entry.key->span, what);
    else
      for (const yaml::Node* item : fields.list("depends_on")) call(item->value, item->span, what);
  }

  void read_ports(Fields& fields) {
    port_.reset();
    for (const yaml::Node* item : fields.list("ports")) {
      const auto port = read_port(*item, to_, fields.what());
      if (!port) continue;
      if (port_)
        to_.lost(item->span, fmt::format("port {} of {}", port->target, fields.what()),
                 "a service answers on one port");
      else
        port_ = port;
    }
    for (const yaml::Node* item : fields.list("expose"))
      if (const auto port = port_ ? std::nullopt : read_port(*item, to_, fields.what())) port_ = port;
  }

  // --- how it starts, and where it is

  void start(Fields& fields, Value& out) {
    const yaml::Node* build = fields.take("build");
    const yaml::Node* entrypoint = fields.take("entrypoint");
    const yaml::Node* command = fields.take("command");
    const auto directory = build == nullptr ? std::nullopt : context(*build, fields);
    std::string run;
    for (const yaml::Node* part : {entrypoint, command}) {
      if (part == nullptr || !directory) continue;
      const auto words = read_command(*part);
      if (!words)
        to_.unreadable(part->span, fmt::format("a command of {} cannot be said in a config", fields.what()));
      if (words) run += (run.empty() ? "" : " ") + *words;
    }
    if (!directory && (command != nullptr || entrypoint != nullptr))
      to_.lost(fields.key(command != nullptr ? "command" : "entrypoint"),
               fmt::format("the command of {}", fields.what()), "an image is deployed with its own");
    if (directory && run.empty())
      to_.nearly(fields.key("build"), fmt::format("'build' of {}", fields.what()),
                 "images are not built by apigw, and no command says how to start it here")
          .helps.push_back(fmt::format("write run: COMMAND and dir: {}", *directory));
    if (!run.empty()) {
      put(out, "run", text(run));
      put(out, "dir", text(*directory));
      if (port_ && taken_ports_.insert(port_->target).second)
        put(out, "port", number(port_->target));
      else if (port_)
        to_.nearly(port_->where, fmt::format("port {} of {}", port_->target, fields.what()),
                   "another service has it on this machine: the service gets a free one as PORT");
    } else if (port_) {
      if (!port_->published.empty())
        put(out, "url", text(fmt::format("http://{}:{}", port_->address, port_->published)));
      if (port_->published == "8080")
        to_.nearly(port_->where, fmt::format("port 8080 of {}", fields.what()),
                   "the gateway listens there itself unless told otherwise")
            .helps.push_back("write listen: 127.0.0.1:PORT with another port into the config");
      if (fields.node().find("image") != nullptr) put(out, "port", number(port_->target));
    }
  }

  std::optional<std::string> context(const yaml::Node& build, Fields& fields) {
    const yaml::Node* node = build.kind == yaml::Kind::mapping ? build.find("context") : &build;
    if (build.kind == yaml::Kind::mapping && node == nullptr) return std::string(".");
    const auto path = node->kind == yaml::Kind::scalar ? interpolated(node->value) : std::nullopt;
    if (!path || path->empty() || path->contains("://") || path->starts_with("git@")) {
      to_.lost(fields.key("build"), fmt::format("'build' of {}", fields.what()), "its context is no folder here");
      return std::nullopt;
    }
    return path;
  }

  void image(Fields& fields, Value& out) {
    const auto written = fields.text("image");
    if (!written) return;
    const auto name = interpolated(*written);
    const auto expanded = config::expand(name.value_or(""), {});
    const config::ImageName parts = config::split_image(expanded.text);
    const bool pinned = parts.well_formed && parts.tag != "latest" && !(parts.tag.empty() && parts.digest.empty());
    if (name && (pinned || !expanded.faults.empty())) {
      put(out, "image", text(*name));
      return;
    }
    to_.lost(
           fields.key("image"), fmt::format("the image of {}", fields.what()),
           parts.well_formed ? "it names no version, and may be another one at every start" : "it is no image's name")
        .helps.push_back("write image: NAME:VERSION");
    out.members.erase(std::remove_if(out.members.begin(), out.members.end(),
                                     [&](const auto& m) { return m.name == "port" && out.find("run") == nullptr; }),
                      out.members.end());
  }

  // --- its environment

  void environment(Fields& fields, const std::string& service, Value& out) {
    const yaml::Node* node = fields.take("environment");
    if (node == nullptr) return;
    Value env = object();
    if (node->kind == yaml::Kind::mapping)
      for (const yaml::Entry& entry : node->entries)
        variable(fields, service, entry.key->value, entry.value->is_null() ? nullptr : entry.value, std::nullopt,
                 entry.key->span, env, out);
    else
      for (const yaml::Node* item : fields.list("environment")) {
        const auto equals = item->value.find('=');
        const auto value = equals == std::string::npos ? std::nullopt : std::optional(item->value.substr(equals + 1));
        variable(fields, service, item->value.substr(0, equals), nullptr, value, item->span, env, out);
      }
    if (!env.members.empty()) put(out, "env", std::move(env));
  }

  // Either `node` or `listed` is the value; neither: the one of the shell that Compose is started from.
  void variable(Fields& fields, const std::string& service, const std::string& name, const yaml::Node* node,
                const std::optional<std::string>& listed, Span where, Value& env, Value& out) {
    const auto cannot = [&](std::string_view why) {
      to_.unreadable(where, fmt::format("variable '{}' of {}: {}", text::printable(name, 60), fields.what(), why));
    };
    if (!config::is_variable(name)) return cannot("no name of a variable");
    if (node != nullptr && node->kind != yaml::Kind::scalar) return cannot("no single value");
    const bool shell = node == nullptr && !listed;
    const std::string raw = shell ? "" : node != nullptr ? node->value : *listed;
    const Span at = node != nullptr ? node->span : where;
    const bool secret = (secret_name(name) && !refers_only(raw)) || secret_text(raw);
    if (!raw.empty() && secret) {
      put(env, name, text(fmt::format("${{{}}}", to_.secret_variable(at, raw, name))));
      return;
    }
    const auto value = shell ? std::optional(fmt::format("${{{}:-}}", name)) : interpolated(raw);
    if (!value) return cannot("a reference that a config has no form for");
    if (name == "PORT" || name == "APIGW_URL") {
      const auto number = text::parse_number(*value);
      if (name == "PORT" && number && out.find("port") == nullptr && out.find("run") != nullptr && *number >= 1 &&
          *number <= 65535 && taken_ports_.insert(static_cast<std::uint16_t>(*number)).second)
        put(out, "port", import::number(*number));
      else if (to_.first("PORT"))
        to_.nearly(where, fmt::format("variable {}", name),
                   "'apigw run' sets it to the port that it gives the service");
      return;
    }
    if (const std::string other = named_in(*value); !other.empty() && other != service) {
      call(other, where, fields.what());
      if (name == model::url_variable(other)) return;  // set for every one of calls
      to_.nearly(where, fmt::format("variable {} of {}", name, fields.what()),
                 fmt::format("the name '{}' is known inside Compose alone; the address comes as {}", other,
                             model::url_variable(other)));
    }
    put(env, name, text(*value));
  }

  // The service that an address in a value names.
  [[nodiscard]] std::string named_in(std::string_view value) const {
    const auto at = value.find("http://");
    if (at == std::string_view::npos) return {};
    const std::string_view rest = value.substr(at + 7);
    const std::string host(rest.substr(0, rest.find_first_of(":/?# ")));
    return names_.contains(host) ? host : std::string();
  }

  // --- how many, how large, and whether it is well

  void health(Fields& fields, Value& out) {
    const yaml::Node* node = fields.take("healthcheck");
    if (node == nullptr) return;
    Fields check(*node, to_, fmt::format("the health check of {}", fields.what()));
    const yaml::Node* test = check.take("test");
    const bool off = check.boolean("disable").value_or(false);
    const std::string path = test == nullptr || off ? "" : health_path(*test);
    if (!path.empty())
      put(out, "health", text(path));
    else if (test != nullptr && !off)
      to_.lost(check.key("test"), check.what(), "apigw asks for a path over HTTP");
    for (const std::string_view key : {"interval", "timeout", "retries", "start_period", "start_interval"})
      if (check.take(key) != nullptr && to_.first("health times"))
        to_.lost(check.key(key), fmt::format("'{}' of health checks", key), "apigw asks at times of its own");
    check.rest();
  }

  void scale(Fields& fields, Value& out) {
    const auto replicas = [&](Fields& in, std::string_view key) {
      const auto count = in.number(key);
      if (!count) return;
      if (*count >= 1 && *count <= 1000)
        put(out, "scale", number(*count));
      else
        to_.lost(in.key(key), fmt::format("'{}' of {}", key, fields.what()), "a service has 1 to 1000 instances");
    };
    memory(fields, "mem_limit", out);
    replicas(fields, "scale");
    const yaml::Node* node = fields.take("deploy");
    if (node == nullptr) return;
    Fields deploy(*node, to_, fmt::format("deploy of {}", fields.what()));
    replicas(deploy, "replicas");
    if (const yaml::Node* resources = deploy.take("resources")) {
      Fields both(*resources, to_, fmt::format("resources of {}", fields.what()));
      if (const yaml::Node* limits = both.take("limits")) {
        Fields most(*limits, to_, fmt::format("limits of {}", fields.what()));
        memory(most, "memory", out);
        most.rest();
      }
      if (const yaml::Node* reservations = both.take("reservations")) {
        Fields least(*reservations, to_, fmt::format("reservations of {}", fields.what()));
        cpus(least, out);
        least.rest();
      }
      both.rest();
    }
    deploy.rest();
  }

  void memory(Fields& fields, std::string_view key, Value& out) {
    const auto written = fields.text(key);
    if (!written) return;
    if (const auto bytes = read_docker_size(*written))
      put(out, "memory", text(size_text(*bytes)));
    else
      to_.unreadable(fields.key(key),
                     fmt::format("'{}' of {} is no size: '{}'", key, fields.what(), to_.shown(*fields.take(key))));
  }

  void cpus(Fields& fields, Value& out) {
    const auto written = fields.text("cpus");
    if (!written) return;
    const auto thousandths = read_seconds(*written);  // a decimal number to three places
    if (thousandths && *thousandths <= 256'000)
      put(out, "cpu", text(fmt::format("{}m", *thousandths)));
    else
      to_.unreadable(fields.key("cpus"), fmt::format("'cpus' of {} is no number of cores", fields.what()));
  }

  Importing& to_;
  Fields fields_;
  std::set<std::string, std::less<>> names_;
  std::set<std::uint16_t> taken_ports_;  // of services that run here
  std::vector<Service> services_;
  // Of the service being read:
  std::vector<Call>* calls_ = nullptr;
  std::set<std::string, std::less<>> called_;
  std::optional<Port> port_;
};

void read_compose(const yaml::Node& root, Importing& to) {
  const yaml::Node* const services = root.find("services");
  if (services == nullptr || (services->kind != yaml::Kind::mapping && !services->is_null())) {
    to.refuse(services == nullptr ? root.span : services->span, "this is no Compose file",
              services == nullptr ? "no 'services' stands at its top" : "'services' must be a mapping");
    return;
  }
  File(root, to).read();
}

}  // namespace

extern const Importer compose_importer;
const Importer compose_importer = {.summary = "a Compose file: services, and a route to each published one",
                                   .read = read_compose};

}  // namespace apigw::import
