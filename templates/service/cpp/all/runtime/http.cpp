#include "runtime/http.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

namespace runtime {
namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Percent-decoded; a broken escape stays as it is.
std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    i += escape ? 2 : 0;
  }
  return out;
}

std::optional<std::map<std::string, std::string>> match(const std::string& route, const std::string& path) {
  const std::vector<std::string> wanted = split(route), given = split(path);
  if (wanted.size() != given.size()) return std::nullopt;
  std::map<std::string, std::string> parameters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{') && !given[i].empty())
      parameters[wanted[i].substr(1, wanted[i].size() - 2)] = decoded(given[i]);
    else if (wanted[i] != given[i])
      return std::nullopt;
  }
  return parameters;
}

Problem not_allowed(const std::string& path, const std::map<std::string, Handler>& methods) {
  std::set<std::string> allowed;
  for (const auto& [method, handler] : methods) allowed.insert(method);
  if (allowed.contains("GET")) allowed.insert("HEAD");
  std::string allow;
  for (const std::string& method : allowed) allow += (allow.empty() ? "" : ", ") + method;
  return Problem(405, path + " takes " + allow, {}, { {"allow", allow} });
}

}  // namespace

Problem::Problem(int status, std::string detail, std::vector<Fault> errors, Headers headers)
    : status(status), detail(std::move(detail)), errors(std::move(errors)), headers(std::move(headers)) {}

std::string_view title_of(int status) {
  static const std::map<int, std::string_view> titles{
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  const auto found = titles.find(status);
  return found == titles.end() ? "Error" : found->second;
}

std::string Request::path() const {
  return target.substr(0, target.find('?'));
}

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Request::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

Json Request::json() const {
  std::string media_type = header("content-type");
  media_type = media_type.substr(0, media_type.find(';'));
  media_type.erase(media_type.find_last_not_of(" \t") + 1);
  std::ranges::transform(media_type, media_type.begin(), [](unsigned char c) { return std::tolower(c); });
  if (media_type != "application/json") throw Problem(415, "send the body as application/json");
  try {
    return Json::parse(body);
  } catch (const Json::parse_error& error) {
    throw Problem(400, "the body is not JSON, at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    throw Problem(400, "the body is not JSON: a number is too large");
  }
}

Response Response::of_json(const Json& value, int status, Headers headers) {
  headers.try_emplace("content-type", "application/json");
  return {status, value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", std::move(headers)};
}

Response Response::of_problem(const Problem& problem) {
  Json value{
      {"type", "about:blank"}, {"title", title_of(problem.status)}, {"status", problem.status}, {"detail", problem.detail} };
  for (const Fault& fault : problem.errors)
    value["errors"].push_back({ {"pointer", fault.pointer}, {"detail", fault.detail} });
  Headers headers = problem.headers;
  headers["content-type"] = "application/problem+json";
  return of_json(value, problem.status, std::move(headers));
}

void Router::add(const std::string& method, const std::string& route, Handler handler) {
  auto entry = std::ranges::find(entries_, route, &Entry::route);
  if (entry == entries_.end()) entry = entries_.insert(entry, {route, {}});
  entry->methods[method] = std::move(handler);
}

std::set<std::string> Router::routes() const {
  std::set<std::string> all;
  for (const Entry& entry : entries_)
    for (const auto& [method, handler] : entry.methods) all.insert(method + " " + entry.route);
  return all;
}

Response Router::handle(Request& request, std::string& route) const {
  const std::string path = request.path();
  for (const Entry& entry : entries_) {
    auto parameters = match(entry.route, path);
    if (!parameters) continue;
    route = entry.route;
    request.parameters = std::move(*parameters);
    const auto handler = entry.methods.find(request.method == "HEAD" ? "GET" : request.method);
    if (handler == entry.methods.end()) throw not_allowed(path, entry.methods);
    return handler->second(request);
  }
  throw Problem(404, "there is no " + path);
}

}  // namespace runtime
