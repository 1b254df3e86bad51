#include "service.h"

{{#if calls}}
#include "dependencies.h"
{{/if}}
#include "items.h"

{{#if calls}}
std::unique_ptr<runtime::App> build(runtime::Log& log, std::map<std::string, runtime::Client> clients) {
{{else}}
std::unique_ptr<runtime::App> build(runtime::Log& log) {
{{/if}}
  auto app = std::make_unique<runtime::App>(log);
  add_items(app->router, std::make_shared<Items>());
{{#if calls}}
  add_dependencies(app->router, std::move(clients));
{{/if}}
  return app;
}
