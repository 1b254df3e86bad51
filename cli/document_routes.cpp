#include "document_routes.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/route_pattern.h"
#include "import/endpoints.h"
#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::cli {
namespace {

constexpr std::size_t most_routes = 500;  // of a document; a route for all stands for more

// The best first.
constexpr std::string_view health_paths[] = {"/readyz", "/healthz", "/health", "/actuator/health", "/livez"};

class Document {
 public:
  Document(const std::string& name, std::string_view prefix) : name_(name), prefix_(prefix) {}

  DocumentRoutes read(const std::string& content) {
    diag::Sources sources;
    diag::Report report;
    const auto tree = yaml::parse(sources.add(name_, content), sources, report);
    const yaml::Node* const paths = tree ? tree->root().find("paths") : nullptr;
    if (paths == nullptr || paths->kind != yaml::Kind::mapping || report.has_errors()) {
      note("no paths can be read, so it is not used");
      return std::move(out_);
    }
    out_.readable = true;
    base_ = base_of(tree->root());
    for (const yaml::Entry& path : paths->entries) propose(path, tree->root());
    for (const std::string_view path : health_paths)
      if (const yaml::Node* const node = paths->find(path); node != nullptr && out_.health.empty()) {
        const auto item = yaml::follow(*node, tree->root(), members_);
        if (item && (*item)->find("get") != nullptr) out_.health = base_ + std::string(path);
      }
    if (out_.keys.size() <= most_routes) return std::move(out_);
    note(fmt::format("{} paths are more than {}, so one route stands for all", out_.keys.size(), most_routes));
    out_.keys.clear();
    return std::move(out_);
  }

 private:
  void note(const std::string& what) { out_.notes.push_back(fmt::format("{}: {}", name_, what)); }

  // Of the first server, or what Swagger 2.0 has instead.
  std::string url_of(const yaml::Node& root) {
    if (const yaml::Node* const base = root.find("basePath"); base != nullptr && root.find("swagger") != nullptr)
      return base->value;
    const yaml::Node* const servers = root.find("servers");
    if (servers == nullptr || servers->items.empty()) return {};
    const import::ServerUrl found = import::server_url(*servers->items.front());
    for (const yaml::Entry* variable : found.defaults)
      note(fmt::format("variable '{}' of its server stands at its default '{}'",
                       text::printable(variable->key->value, 60),
                       text::printable(variable->value->find("default")->value, 60)));
    return found.url;
  }

  // What stands before the paths of a document: the path of its first server.
  std::string base_of(const yaml::Node& root) {
    const std::string url = url_of(root);
    std::string_view path = url;
    if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
      path = path.substr(scheme + 3);
      path = path.substr(std::min(path.find('/'), path.size()));
    }
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.empty()) return {};
    if (const auto fault = config::path_fault(path)) {
      note(fmt::format("'{}' of its server is no path and left out: {}", text::printable(path, 80), *fault));
      return {};
    }
    return std::string(path);
  }

  void propose(const yaml::Entry& path, const yaml::Node& root) {
    const std::string& written = path.key->value;
    if (written.starts_with("x-") || for_platform(written)) return;
    const auto item = yaml::follow(*path.value, root, members_);
    if (!item) return note(fmt::format("'{}' has no route: {}", text::printable(written, 80), item.error().why));
    const import::RoutePath route = import::route_path(base_ + written);
    std::vector<std::string> words;
    for (const std::string_view method : import::operation_methods)
      if ((*item)->find(method) != nullptr) words.push_back(text::upper(method));
    if (words.empty()) return;
    const auto key = [&] { return fmt::format("{} {}{}", text::join(words, ","), prefix_, route.path); };
    if (!route.why.empty() || config::route_key_fault(key()))
      return note(fmt::format("no route can say '{}'", text::printable(written, 80)));
    const std::string shape = config::read_template(route.path).shape;
    std::erase_if(words, [&](const std::string& method) { return !claim(method, shape, written); });
    if (!words.empty()) out_.keys.push_back(key());
  }

  // Whether no path before takes the same requests.
  bool claim(const std::string& method, const std::string& shape, const std::string& written) {
    const auto [first, fresh] = claims_.try_emplace({method, shape}, written);
    if (!fresh)
      note(fmt::format("'{} {}' has no route: '{}' takes the same requests", method, text::printable(written, 80),
                       text::printable(first->second, 80)));
    return fresh;
  }

  const std::string& name_;
  std::string_view prefix_;
  std::string base_;
  yaml::Members members_;
  std::map<std::pair<std::string, std::string>, std::string> claims_;  // the path that has a method and a shape
  DocumentRoutes out_;
};

}  // namespace

DocumentRoutes read_document_routes(const std::string& name, const std::string& content, std::string_view prefix) {
  return Document(name, prefix).read(content);
}

bool for_platform(std::string_view path) {
  return std::ranges::find(health_paths, path) != std::end(health_paths) || path == "/metrics" ||
         path.starts_with("/actuator/");
}

}  // namespace apigw::cli
