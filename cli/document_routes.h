// What the OpenAPI document of a service says of its way into a config: a route for each of its paths, and where it
// answers how it does. What is for the platform (health, readiness, metrics) gets no route.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace apigw::cli {

struct DocumentRoutes {
  bool readable = false;           // false: the document tells nothing, and a note says why
  std::string health;              // the path that tells how the service does, in canonical form; empty: none
  std::vector<std::string> keys;   // keys of routes, in the document's order; empty: a route for all has to do
  std::vector<std::string> notes;  // what could not be used, a sentence each
};

// `name` is what notes call the document, `prefix` the public path that its own ones stand under ("/stock").
[[nodiscard]] DocumentRoutes read_document_routes(const std::string& name, const std::string& content,
                                                  std::string_view prefix);

// Whether a path of a service is for the platform that it runs on, not for callers.
[[nodiscard]] bool for_platform(std::string_view path);

}  // namespace apigw::cli
