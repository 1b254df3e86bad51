// The service on a free port in this process, and a client for it; drained at the end.
#pragma once
#include <httplib.h>

#include "runtime/server.h"
#include "service.h"

inline runtime::Log quiet(runtime::Level::error, [](const std::string&) {});

inline std::unique_ptr<runtime::App> service(runtime::Log& log = quiet) {
{{#if calls}}
  return build(log, {});
{{else}}
  return build(log);
{{/if}}
}

class Running {
 public:
  explicit Running(runtime::App& app, const std::string& drain_delay = "0")
      : server(app, runtime::Config::from([drain_delay](const std::string& variable) -> std::string {
          if (variable == "PORT") return "0";
          return variable == "DRAIN_DELAY_SECONDS" ? drain_delay : "";
        })) {}
  ~Running() { server.drain(); }

  // A body is sent as JSON unless a header says otherwise. Throws where there is no answer.
  httplib::Response call(const std::string& method, const std::string& path, const std::string& body = "",
                         httplib::Headers headers = {}) {
    httplib::Client client("127.0.0.1", server.port());
    client.set_read_timeout(10);
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.headers = std::move(headers);
    if (!body.empty() && !request.has_header("content-type")) request.set_header("content-type", "application/json");
    const httplib::Result answer = client.send(request);
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    return *answer;
  }

  runtime::Server server;
};
