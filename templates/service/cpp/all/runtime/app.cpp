#include "runtime/app.h"

#include <set>

#include <nlohmann/json.hpp>

namespace runtime {
namespace {

const std::set<std::string> known_methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
const std::set<std::string> probes{"/healthz", "/readyz", "/metrics"};  // they come every few seconds

Response status_of(const char* word, int status = 200) {
  return Response::of_json({ {"status", word} }, status);
}

}  // namespace

App::App(Log& log)
    : log(log),
      requests_(metrics.counter("http_requests_total", "Requests answered.", {"method", "route", "status"})),
      running_(metrics.gauge("http_requests_in_flight", "Requests that are being answered.")),
      duration_(metrics.histogram("http_request_duration_seconds", "Time from the request read to its answer made.",
                                  {"method", "route"})) {
  router.add("GET", "/healthz", [](const Request&) { return status_of("ok"); });
  router.add("GET", "/readyz", [this](const Request&) { return draining_ ? status_of("draining", 503) : status_of("ok"); });
  router.add("GET", "/metrics", [this](const Request&) {
    return Response{200, metrics.render(), { {"content-type", "text/plain; version=0.0.4; charset=utf-8"} } };
  });
}

Response App::answer(Request request, const Problem* refused) {
  const Call call = Call::from(request.headers);
  const CallScope scope(call);
  const auto began = std::chrono::steady_clock::now();
  std::string route(Router::unmatched);
  running_.add(1);
  Response response = handle(request, refused, route);
  running_.add(-1);
  measure(request, route, response.status, std::chrono::steady_clock::now() - began);
  response.headers["x-request-id"] = call.request_id;
  return response;
}

Response App::handle(Request& request, const Problem* refused, std::string& route) {
  try {
    if (refused != nullptr) throw *refused;
    return router.handle(request, route);
  } catch (const Problem& problem) {
    return Response::of_problem(problem);
  } catch (const std::exception& failure) {
    log.error("a handler failed", { {"error", failure.what()} });
  } catch (...) {
    log.error("a handler failed", { {"error", "it threw what is no std::exception"} });
  }
  return Response::of_problem(Problem(500, "the service failed; its log has the request id"));
}

void App::measure(const Request& request, const std::string& route, int status,
                  std::chrono::steady_clock::duration took) {
  const std::string method = known_methods.contains(request.method) ? request.method : "other";
  const double seconds = std::chrono::duration<double>(took).count();
  requests_.add(1, {method, route, std::to_string(status)});
  duration_.observe(seconds, {method, route});
  log.write(probes.contains(route) ? Level::debug : Level::info, "request",
            { {"method", request.method},
              {"path", request.path()},
              {"route", route},
              {"status", status},
              {"duration_seconds", seconds} });
}

}  // namespace runtime
