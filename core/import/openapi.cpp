// OpenAPI 3.0 and 3.1 and Swagger 2.0 as services and routes.
//
// A document says what one service answers: its first server is the service, every operation a route to it under the
// document's own path, with the operation that its requests are held against where the config can name the document.
// What the gateway does not check is one finding an operation or scheme; what is written for readers stands in no
// config and is one note for the document.
#include "import/openapi.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/documents.h"
#include "contract/document.h"
#include "import/endpoints.h"
#include "import/importer.h"
#include "model/plan.h"

namespace apigw::import {
namespace openapi {

const yaml::Node* followed(const yaml::Node& node, const yaml::Node& root, yaml::Members& members, Importing& to) {
  const auto found = yaml::follow(node, root, members);
  if (found) return *found;
  auto& finding = to.unreadable(found.error().where, found.error().why);
  if (found.error().outside) finding.helps.push_back("bundle the documents into one first");
  return nullptr;
}

}  // namespace openapi

namespace {

using namespace openapi;

class Document {
 public:
  Document(const yaml::Node& root, bool swagger, Importing& to)
      : root_(root),
        swagger_(swagger),
        to_(to),
        fields_(root, to, "the document"),
        security_(schemes(), root, members_, to) {}

  void read() {
    read_contract();
    title();
    default_url_ = swagger_ ? host_and_base() : first_server(fields_.take("servers"), fields_.key("servers"));
    default_access_ = security_.access(fields_.take("security"));
    if (default_access_ != Access::unsaid)
      to_.config.entry("defaults", "auth", fields_.key("security"))
          .values.push_back(text(default_access_ == Access::key ? "key" : "none"));
    const yaml::Node* paths = fields_.take("paths");
    if (paths == nullptr)
      to_.unreadable(root_.span, "the document has no paths: nothing was imported");
    else
      read_paths(*paths);
    finish();
  }

 private:
  const yaml::Node* schemes() const {
    const yaml::Node* in = swagger_ ? &root_ : root_.find("components");
    return in == nullptr ? nullptr : in->find(swagger_ ? "securityDefinitions" : "securitySchemes");
  }

  // The document as the gateway reads it, whose operations may judge requests.
  void read_contract() {
    if (to_.document.path.empty()) return;
    if (to_.document.text.size() > config::most_document_bytes) {
      why_unjudged_ = "a gateway reads documents of 8 MiB at most";
      return;
    }
    diag::Report report;
    contract_ = contract::Document::read(copy_.add(to_.document.path, to_.document.text), copy_, report);
    if (contract_ == nullptr && !report.all().empty())
      why_unjudged_ = "the gateway cannot read the document: " + report.all().front().message;
  }

  void title() {
    const yaml::Node* info = fields_.take("info");
    const yaml::Node* given = info == nullptr ? nullptr : info->find("title");
    title_ = given == nullptr || given->kind != yaml::Kind::scalar ? "api" : given->value;
  }

  // --- where the service is

  std::string host_and_base() {
    const auto host = fields_.text("host");
    const auto base = fields_.text("basePath").value_or("");
    const auto schemes = fields_.texts("schemes", true);
    if (!host) return base;
    const bool tls = schemes.empty() || std::ranges::find(schemes, "https") != schemes.end();
    return fmt::format("{}://{}{}", tls ? "https" : "http", *host, base == "/" ? "" : base);
  }

  // The URL of the first of `servers`, its variables at their defaults; "" where there is none.
  std::string first_server(const yaml::Node* servers, Span key) {
    if (servers == nullptr) return {};
    if (servers->kind != yaml::Kind::sequence) {
      to_.unreadable(servers->span, fmt::format("'servers' must be a list, not {}", kind_of(*servers)));
      return {};
    }
    if (servers->items.empty()) return {};
    if (servers->items.size() > 1)
      to_.lost(servers->items[1]->span, "every server but the first", "a service has one address")
          .labels.push_back({key, "all servers"});
    Fields server(*servers->items.front(), to_, "a server");
    ServerUrl found;
    if (server.text("url")) found = server_url(server.node());
    for (const yaml::Entry* variable : found.defaults)
      to_.nearly(variable->key->span, fmt::format("server variable '{}'", text::printable(variable->key->value, 60)),
                 fmt::format("its default '{}' stands in the address", to_.shown(*variable->value->find("default"))));
    server.ignore({"variables", "description", "name"});
    return found.url;
  }

  // The service at `url`, made at its first use.
  std::string service_at(const std::string& url, Span from) {
    const auto [at, fresh] = services_.try_emplace(url);
    if (!fresh) return at->second;
    std::string why;
    const auto address = read_address(url, why);
    const std::string name = to_.config.free_name("services", text::lower(title_));
    at->second = name;
    std::string value = address ? literal(address->url) : "";
    if (!address) {
      std::string base = url.starts_with('/') ? url : "";
      while (base.ends_with('/')) base.pop_back();
      std::string base_fault;
      if (!base.empty() && !read_address("http://127.0.0.1:9000" + base, base_fault)) base.clear();
      const std::string variable = model::url_variable(name);
      value = fmt::format("${{{}:-http://127.0.0.1:9000{}}}", variable, base);
      to_.nearly(from, fmt::format("the address of service '{}'", name),
                 url.empty() || url.starts_with('/') ? "the document names no host" : why)
          .helps.push_back(fmt::format("set {}, or write the address into the config", variable));
    }
    to_.config.entry("services", name, from, title_).values.push_back(text(value));
    return name;
  }

  // --- operations

  void read_paths(const yaml::Node& paths) {
    if (paths.kind != yaml::Kind::mapping) {
      to_.unreadable(paths.span, fmt::format("'paths' must be a mapping, not {}", kind_of(paths)));
      return;
    }
    for (const yaml::Entry& entry : paths.entries) {
      if (entry.key->value.starts_with("x-")) {
        extension(*entry.key);
        continue;
      }
      const RoutePath path = route_path(entry.key->value);
      if (!path.why.empty()) {
        to_.lost(entry.key->span, fmt::format("path '{}'", text::printable(entry.key->value, 80)), path.why);
        continue;
      }
      if (!path.rest.empty())
        to_.nearly(
            entry.key->span,
            fmt::format("'{}' of path '{}'", text::printable(path.rest, 60), text::printable(entry.key->value, 80)),
            "/** takes the path without it, too");
      if (const yaml::Node* item = followed(*entry.value, root_, members_, to_)) read_path(*entry.key, path, *item);
    }
  }

  void read_path(const yaml::Node& key, const RoutePath& path, const yaml::Node& item) {
    Fields fields(item, to_, fmt::format("path '{}'", text::printable(key.value, 80)));
    const yaml::Node* shared = fields.take("parameters");
    const yaml::Node* servers = fields.take("servers");
    for (const std::string_view method : operation_methods) {
      const yaml::Node* operation = fields.take(method);
      if (operation == nullptr) continue;
      read_operation({text::upper(method), key.value, path, fields.key(method), shared}, *operation, servers);
    }
    readers(fields, {"summary", "description", "$ref"});
    extensions(fields);
    fields.rest();
  }

  // Where an operation stands.
  struct Place {
    std::string method, written;  // "GET", the path as written
    const RoutePath& path;
    Span at;
    const yaml::Node* shared;  // the parameters of its path; may be null
  };

  void read_operation(const Place& place, const yaml::Node& node, const yaml::Node* path_servers) {
    const std::string key = fmt::format("{} {}", place.method, place.path.path);
    const Span at = place.at;
    Fields operation(node, to_, fmt::format("'{}'", key));
    if (node.kind != yaml::Kind::mapping) return;
    const yaml::Node* own = operation.take("servers");
    const yaml::Node* servers = own != nullptr ? own : path_servers;
    const std::string url = servers == nullptr ? default_url_ : first_server(servers, servers->span);
    Value route = object();
    put(route, "to", text(service_at(url, servers == nullptr ? server_place() : servers->span)));
    const bool says = node.find("security") != nullptr;
    const Access access = says ? security_.access(operation.take("security")) : Access::unsaid;
    operation.ignore({"security"});
    if (access != Access::unsaid && access != default_access_)
      put(route, "auth", text(access == Access::key ? "key" : "none"));
    Entry& entry = to_.config.entry("routes", key, at, operation.text("operationId").value_or(""));
    if (!entry.values.empty()) {
      to_.unreadable(at, fmt::format("'{}' stands there already", key), "this one is left out");
      return;
    }
    const bool named = judge(operation, place, route);
    entry.values.push_back(route.members.size() == 1 ? route.members[0].value : std::move(route));
    for (const std::string_view word : {"callbacks", "schemes"})
      operation.lost(word, "the gateway knows requests and their answers alone");
    if (operation.boolean("deprecated").value_or(false) && to_.first("deprecated"))
      to_.lost(operation.key("deprecated"), "'deprecated' of operations",
               "answers get no Deprecation header from the gateway");
    readers(operation, {"summary", "description", "tags", "externalDocs", "responses", "consumes", "produces"},
            named);
    extensions(operation);
    operation.rest();
  }

  // Whether the route names the operation. Where it does not, one finding says which parameters and body are not
  // judged.
  bool judge(Fields& operation, const Place& place, Value& route) {
    const yaml::Node* own = operation.take("parameters");
    const yaml::Node* body = operation.take("requestBody");
    std::size_t parameters = 0;
    bool with_body = body != nullptr;
    for (const yaml::Node* list : {place.shared, own}) {
      if (list == nullptr) continue;
      if (list->kind != yaml::Kind::sequence)
        to_.unreadable(list->span, fmt::format("'parameters' must be a list, not {}", kind_of(*list)));
      for (const yaml::Node* item : list->items) {
        const yaml::Node* in = item->find("in");
        const bool is_body = in != nullptr && (in->value == "body" || in->value == "formData");
        with_body = with_body || is_body;
        parameters += is_body || any_text(*item) ? 0 : 1;
      }
    }
    const std::string why = name_operation(operation, place, route);
    if (why.empty()) return true;
    if (parameters == 0 && !with_body) return false;
    const std::string count = parameters == 0   ? "the body"
                              : parameters == 1 ? "1 parameter"
                                                : fmt::format("{} parameters", parameters);
    auto& finding =
        to_.report.add(725, place.at,
                       fmt::format("{}{} of {} {} not judged by the written route: every request reaches the service",
                                   count, parameters > 0 && with_body ? " and the body" : "", operation.what(),
                                   parameters + with_body == 1 ? "is" : "are"),
                       to_.document.path.empty() ? "" : why);
    if (to_.document.path.empty())
      finding.helps.push_back("with the document beside the config, the route may say operation: FILE#OPERATION");
    return false;
  }

  // A parameter of the path that is any text: the route asks for it already.
  static bool any_text(const yaml::Node& parameter) {
    const yaml::Node* in = parameter.find("in");
    const yaml::Node* schema = parameter.find("schema");
    const yaml::Node& says = schema == nullptr ? parameter : *schema;
    const yaml::Node* type = says.find("type");
    const std::size_t words = schema == nullptr ? 0 : schema->entries.size();
    return in != nullptr && in->value == "path" && type != nullptr && type->value == "string" && words == 1;
  }

  // Why the route cannot name the operation; empty: it does.
  std::string name_operation(Fields& operation, const Place& place, Value& route) {
    if (contract_ == nullptr) return why_unjudged_.empty() ? "the config cannot name the document" : why_unjudged_;
    if (!place.path.rest.empty())
      return fmt::format("the route calls '{}' of the path '**'", text::printable(place.path.rest, 60));
    for (const auto& [written, used] : place.path.variables)
      if (written != used)
        return fmt::format("the route calls '{{{}}}' of the path '{}'", text::printable(written, 60), used);
    const std::string id = operation.text("operationId").value_or("");
    diag::Report report;
    std::shared_ptr<const contract::Operation> found;
    std::string name;
    for (const std::string& one : {id, fmt::format("{} {}", place.method, place.written)}) {
      report = {};
      found = one.empty() ? nullptr : contract_->operation(one, place.at, report);
      name = one;
      if (found != nullptr && found->method == place.method && found->path == place.written) break;
      found = nullptr;
    }
    if (found == nullptr)
      return report.all().empty() ? "the document has two operations of that name" : report.all().front().message;
    if (!report.all().empty())
      to_.report.add(725, place.at,
                     fmt::format("not all of {} is judged: {}{}", operation.what(), report.all().front().message,
                                 report.all().size() == 1 ? "" : ", and more"));
    put(route, "operation", text(fmt::format("{}#{}", literal(to_.document.path), literal(name))));
    return {};
  }

  // --- what is for readers, and what only other programs read

  // `told`: GET /openapi.json has it.
  void readers(Fields& fields, std::initializer_list<std::string_view> keys, bool told = false) {
    fields.ignore(keys);
    if (told || documented_.known()) return;
    for (const std::string_view key : keys)
      if (key != "$ref" && fields.node().find(key) != nullptr) {
        documented_ = fields.key(key);
        return;
      }
  }

  void extension(const yaml::Node& key) {
    if (to_.first("extension " + key.value))
      to_.lost(key.span, fmt::format("extension '{}'", text::printable(key.value, 60)), "apigw has no counterpart");
  }

  void extensions(Fields& fields) {
    for (const yaml::Entry& entry : fields.node().entries) {
      if (!entry.key->value.starts_with("x-")) continue;
      extension(*entry.key);
      fields.ignore({entry.key->value});
    }
  }

  [[nodiscard]] Span server_place() const {
    const std::string_view key = swagger_ ? "host" : "servers";
    return root_.find(key) != nullptr ? fields_.key(key) : fields_.key("info");
  }

  void finish() {
    fields_.ignore({"openapi", "swagger", "components", "definitions", "parameters", "responses",
                    "securityDefinitions", "jsonSchemaDialect", "$self"});
    readers(fields_, {"tags", "externalDocs", "consumes", "produces"});
    if (documented_.known())
      to_.nearly(documented_, "what the document says for readers (tags, summaries, answers)",
                 "GET /openapi.json says it of operations that routes name, the rest is in the document only");
    fields_.lost("webhooks", "the gateway calls nobody by itself");
    extensions(fields_);
    fields_.rest();
  }

  const yaml::Node& root_;
  bool swagger_;
  Importing& to_;
  Fields fields_;
  yaml::Members members_;
  Security security_;
  std::string title_;
  std::string default_url_;
  Access default_access_ = Access::unsaid;
  diag::Sources copy_;
  std::unique_ptr<contract::Document> contract_;  // null: the config names no operation
  std::string why_unjudged_;
  std::map<std::string, std::string> services_;  // name by URL
  Span documented_;                              // the first place where something is said to readers
};

void read_openapi(const yaml::Node& root, Importing& to) {
  const yaml::Node* three = root.find("openapi");
  const yaml::Node* two = root.find("swagger");
  if (three == nullptr && two == nullptr) {
    to.refuse(root.span, "this is no OpenAPI document", "neither 'openapi' nor 'swagger' stands at its top");
    return;
  }
  const yaml::Node& version = three != nullptr ? *three : *two;
  const bool known =
      three != nullptr ? version.value.starts_with("3.") : version.value == "2.0" || version.value == "2";
  if (!known) {
    to.refuse(version.span, fmt::format("version '{}' of OpenAPI is not read", to.shown(version)))
        .helps.push_back("3.0, 3.1 and Swagger 2.0 are");
    return;
  }
  if (three != nullptr && !version.value.starts_with("3.0") && !version.value.starts_with("3.1"))
    to.nearly(version.span, fmt::format("version '{}'", to.shown(version)), "it is read as 3.1");
  Document(root, three == nullptr, to).read();
}

}  // namespace

extern const Importer openapi_importer;
const Importer openapi_importer = {.summary = "OpenAPI 3.0 and 3.1, Swagger 2.0: a service and its routes",
                                   .read = read_openapi};

}  // namespace apigw::import
