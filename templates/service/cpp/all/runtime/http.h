// Requests, responses, refusals, and the table of routes. Knows no socket.
#pragma once
#include <exception>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/call.h"

namespace runtime {

using Json = nlohmann::ordered_json;

// One of the things that are wrong with a body, at a JSON pointer into it.
struct Fault {
  std::string pointer, detail;
};

// A refusal as application/problem+json (RFC 9457): throw one anywhere in a handler.
struct Problem : std::exception {
  Problem(int status, std::string detail, std::vector<Fault> errors = {}, Headers headers = {});
  const char* what() const noexcept override { return detail.c_str(); }

  int status;
  std::string detail;
  std::vector<Fault> errors;
  Headers headers;
};
std::string_view title_of(int status);

struct Request {
  std::string method;
  std::string target;  // path and query as sent
  Headers headers;
  std::string body;                               // whole
  std::map<std::string, std::string> parameters;  // of the path: {"id", "7"}

  std::string path() const;
  std::string header(const std::string& name) const;     // empty: there is none
  std::string parameter(const std::string& name) const;  // empty: there is none
  Json json() const;                                     // throws a Problem that says what is wrong with it
};

struct Response {
  int status = 200;
  std::string body;
  Headers headers;

  static Response of_json(const Json& value, int status = 200, Headers headers = {});
  static Response of_problem(const Problem& problem);
};

// Answers a request, or throws why not: a Problem, or anything else, which is a 500.
using Handler = std::function<Response(const Request&)>;

// Templates such as `/items/{id}`; a segment in braces matches one segment of the path, decoded.
class Router {
 public:
  static constexpr std::string_view unmatched = "unmatched";  // the route of a request that fits no template

  // A GET answers HEAD too. All are added before the first request.
  void add(const std::string& method, const std::string& route, Handler handler);
  std::set<std::string> routes() const;  // "GET /items/{id}"

  // Fills the request's parameters and answers it; `route` is the template that fits.
  Response handle(Request& request, std::string& route) const;

 private:
  struct Entry {
    std::string route;
    std::map<std::string, Handler> methods;
  };
  std::vector<Entry> entries_;
};

}  // namespace runtime
