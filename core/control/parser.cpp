#include "control/parser.h"

#include <algorithm>
#include <utility>

#include <httplib.h>

#include "base/text.h"

namespace apigw::control {
namespace {

// Reads the given bytes, keeps what is written.
class Memory final : public httplib::Stream {
 public:
  Memory(std::string_view in, const std::string& host, int port) : in_(in), host_(host), port_(port) {}
  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t n = in_.copy(to, std::min(size, in_.size()));
    in_.remove_prefix(n);
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const char* from, std::size_t size) override {
    out_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = host_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = host_;
    port = port_;
  }
  [[nodiscard]] socket_t socket() const override { return 0; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string_view in_;
  std::string out_;
  const std::string& host_;
  int port_;
};

// httplib adds these to what the client sent.
bool added_by_library(const std::string& name) {
  return name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" || name == "LOCAL_PORT";
}

Request request_of(const httplib::Request& from) {
  Request request{.method = from.method, .path = from.path};
  for (const auto& [name, value] : from.headers)
    if (!added_by_library(name)) request.headers.emplace_back(text::lower(name), value);
  return request;
}

void put(Reply reply, httplib::Response& to) {
  to.status = reply.status;
  to.set_content(reply.body, reply.type);
  for (const auto& [name, value] : reply.headers) to.set_header(name, value);
  to.set_header("cache-control", "no-store");
  to.set_header("x-content-type-options", "nosniff");
}

}  // namespace

struct Parser::Library : httplib::Server {
  std::string local_host;
  int local_port = 0;

  explicit Library(Handle handle) {
    set_pre_routing_handler([this, handle = std::move(handle)](const httplib::Request& from, httplib::Response& to) {
      Request request = request_of(from);
      request.local_host = local_host;
      request.local_port = local_port;
      put(handle(request), to);
      return HandlerResponse::Handled;
    });
    // Nobody is invited to send a body.
    set_expect_100_continue_handler([](const httplib::Request&, httplib::Response&) { return 417; });
  }

  std::string answer(std::string_view head) {
    Memory memory(head, local_host, local_port);
    bool closed = false;
    process_request(memory, true, closed, [](httplib::Request& request) { request.ranges.clear(); });
    return memory.take();
  }
};

Parser::Parser(Handle handle) : library_(std::make_unique<Library>(std::move(handle))) {}
Parser::~Parser() = default;

std::string Parser::answer(std::string_view head, const std::string& local_host, int local_port) {
  library_->local_host = local_host;
  library_->local_port = local_port;
  return library_->answer(head);
}

}  // namespace apigw::control
