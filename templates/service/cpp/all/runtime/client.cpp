#include "runtime/client.h"

#include <algorithm>
#include <chrono>

#include <httplib.h>
#include <nlohmann/json.hpp>

namespace runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_bytes = 8u << 20;  // of an answer
constexpr auto timeout = 2s;                  // of each step
constexpr auto longest = 5s;                  // from the call to the end of its answer

Reply reply_of(const httplib::Response& answer, std::string body) {
  Reply reply{.status = answer.status, .headers = {}, .body = std::move(body)};
  for (const auto& [name, text] : answer.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    reply.headers[lower] = text;
  }
  return reply;
}

}  // namespace

Client::Client(const std::string& base_url) {
  const std::size_t path = base_url.find('/', base_url.find("://") + 3);
  origin_ = base_url.substr(0, path);
  if (path != std::string::npos) base_ = base_url.substr(path);
}

Reply Client::call(const std::string& method, const std::string& path, const Json* value) const {
  httplib::Client http(origin_);
  http.set_connection_timeout(timeout);
  http.set_read_timeout(timeout);
  http.set_write_timeout(timeout);
  httplib::Request request;
  request.method = method;
  request.path = base_ + path;
  const Call call = current_call() != nullptr ? *current_call() : Call::fresh();
  for (const auto& [name, text] : call.headers()) request.set_header(name, text);
  request.set_header("accept", "application/json");
  if (value != nullptr) {
    request.set_header("content-type", "application/json");
    request.body = value->dump();
  }
  std::string body;
  const auto began = std::chrono::steady_clock::now();
  request.content_receiver = [&](const char* bytes, std::size_t size, std::uint64_t, std::uint64_t) {
    if (body.size() + size > most_bytes || std::chrono::steady_clock::now() - began > longest) return false;
    body.append(bytes, size);
    return true;
  };
  const httplib::Result answer = http.send(request);
  if (answer) return reply_of(*answer, std::move(body));
  if (std::chrono::steady_clock::now() - began >= timeout) throw Problem(504, origin_ + " did not answer in time");
  if (answer.error() == httplib::Error::Canceled)
    throw Problem(502, origin_ + " answered with more than " + std::to_string(most_bytes) + " bytes");
  throw Problem(502, origin_ + " could not be called");
}

bool healthy(int port) {
  try {
    return Client("http://127.0.0.1:" + std::to_string(port)).get("/healthz").status == 200;
  } catch (const Problem&) {
    return false;
  }
}

}  // namespace runtime
