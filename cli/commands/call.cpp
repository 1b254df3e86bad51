// apigw call [METHOD] PATH|NAME: one request to the running gateway, with its development key.
//
// The gateway is found by its runtime file, never by guessing ports; the key goes to the address in that file only.
// The reply's body streams to stdout byte for byte, all else to stderr.
#include <ostream>

#include "base/text.h"
#include "call_rooms.h"
#include "call_target.h"
#include "command.h"
#include "outbound/client.h"
#include "project.h"
#include "runtime_file.h"

namespace apigw::cli {
namespace {

struct Flags {
  std::string first, second;  // [METHOD] TARGET
  std::string method;         // -X
  std::vector<std::string> headers, data, binary;
};

constexpr std::size_t body_limit = 1 << 30;                  // of a file given to -d
constexpr std::chrono::milliseconds usual_timeout{150'000};  // beyond the gateway's own wait for a model

// As curl joins them: pieces of -d by '&', a file's line ends left out there and kept by --data-binary.
std::expected<std::string, Exit> read_body(Env& env, const Flags& flags) {
  std::string body;
  const auto append = [&](const std::vector<std::string>& pieces, bool strip) -> std::expected<void, Exit> {
    for (const std::string& piece : pieces) {
      auto content = data_of(env, piece, body_limit);
      if (!content) return std::unexpected(content.error());
      if (strip && piece.starts_with('@')) std::erase_if(*content, [](char c) { return c == '\r' || c == '\n'; });
      body += (body.empty() ? "" : "&") + *content;
    }
    return {};
  };
  if (auto done = append(flags.data, true); !done) return std::unexpected(done.error());
  if (auto done = append(flags.binary, false); !done) return std::unexpected(done.error());
  return body;
}

// Heads as curl -v shows them, the key left out.
void show_request(Env& env, const outbound::Request& request) {
  env.err << fmt::format("> {} {}\n", request.method, request.target);
  for (const auto field : request.headers)
    env.err << fmt::format("> {}: {}\n", field.name,
                           field.name == "authorization" ? "***" : text::printable(field.value, 2000));
  env.err << ">\n";
}

void show_reply(Env& env, const http::ResponseHead& head) {
  env.err << fmt::format("< {}\n", head.status);
  for (const auto field : head.headers)
    env.err << fmt::format("< {}: {}\n", field.name, text::printable(field.value, 2000));
  env.err << "<\n";
}

Exit exchange(Env& env, const Globals& globals, const RuntimeFile& gateway, const outbound::Request& request) {
  const bool verbose = globals.verbose > 0;
  std::string route, id;
  if (verbose) show_request(env, request);
  if (verbose) route = show_match(env, globals, gateway, request);
  bool line_open = false;  // a terminal's prompt should not stand behind the body
  const auto head = [&](const http::ResponseHead& reply) {
    id = reply.headers.find("x-request-id").value_or("");
    if (verbose) show_reply(env, reply);
  };
  const auto body = [&](std::string_view piece) {
    env.out << piece << std::flush;
    line_open = piece.empty() ? line_open : !piece.ends_with('\n');
    return env.out.good();
  };
  const auto reply = outbound::send(request, {.head = head, .body = body});
  if (line_open && env.terminal.out) env.out << '\n' << std::flush;
  if (verbose) show_outcome(env, gateway, id, route);
  if (!reply && reply.error().kind == ErrorKind::cancelled) return Exit::done;  // stdout's reader left
  if (!reply) return complain(env, Exit::world, reply.error().what);
  const Exit exit = exit_of_status(reply->status);
  if (exit != Exit::done && !globals.quiet)
    complain(env, exit, fmt::format("{} {} answered {}", request.method, request.target, reply->status));
  return exit;
}

std::expected<RuntimeFile, Exit> gateway_of(Env& env, const Globals& globals) {
  // Where a project stands, the gateway of another one is not meant.
  const bool any =
      globals.config.empty() && globals.directory.empty() && !env.files.exists(std::string(default_config));
  auto gateway = find_gateway(project_path(env, globals), any, env.files, env.environment);
  if (gateway) return std::move(*gateway);
  const bool none = gateway.error().kind == ErrorKind::not_found;
  return std::unexpected(
      complain(env, none ? Exit::world : exit_of_file(gateway.error()), gateway.error().what,
               none ? "start it first, in another terminal: apigw run" : "name the config with -c"));
}

Exit call(Env& env, const Globals& globals, const Flags& flags) {
  outbound::Request request{.timeout = globals.timeout.value_or(usual_timeout)};
  if (auto added = add_headers(request.headers, flags.headers); !added)
    return complain(env, Exit::input, added.error());
  const bool has_body = !flags.data.empty() || !flags.binary.empty();
  const bool two = !flags.second.empty();
  CallTarget target{.method = !flags.method.empty() ? flags.method
                              : two                 ? flags.first
                                                    : "",
                    .target = two ? flags.second : flags.first};
  if (const Exit found = resolve_target(env, globals, target, has_body); found != Exit::done) return found;
  const auto gateway = gateway_of(env, globals);
  if (!gateway) return gateway.error();
  auto body = read_body(env, flags);
  if (!body) return body.error();
  request.origin = gateway->address;
  request.verify = false;  // the address is our own gateway's, on this machine
  request.method = target.method;
  request.target = target.target;
  add_usual_headers(request.headers, gateway->dev_key, *body, has_body);
  request.body = std::move(*body);
  return exchange(env, globals, *gateway, request);
}

}  // namespace

extern const Command command_call;
const Command command_call = {
    .name = "call",
    .summary = "send a request to the running gateway, with the right key",
    .details =
        "NAME is a route or a service of the config. A body that begins like JSON is sent as application/json.\n"
        "With -v both heads go to stderr, and what each room decided: the route and why, who called, the model,\n"
        "every upstream that was tried, the status, times and tokens.\n"
        "Exit code: 0 for 2xx and 3xx, 4 for 401 and 403, 1 for other 4xx, 3 for 5xx or no reply.\n\n"
        "Examples:\n"
        "  apigw call hello\n"
        "  apigw call GET /hello/Ada -v\n"
        "  apigw call POST /orders -d @order.json -H 'idempotency-key: 7'",
    .job = Job::call,
    .prints = "call prints the reply's body as it comes",
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "METHOD", .doc = "GET, or POST with a body, when left out", .completes = "callable"},
                  &flags->first);
      options.add({.names = "TARGET", .doc = "a path, or the name of a route or service", .completes = "callable"},
                  &flags->second);
      options.add({.names = "-X,--request", .doc = "the method", .value = "METHOD"}, &flags->method);
      options.add({.names = "-H,--header", .doc = "add a header; may repeat", .value = "'NAME: VALUE'"},
                  &flags->headers);
      options.add({.names = "-d,--data", .doc = "body, @FILE or @- for stdin; may repeat", .value = "DATA"},
                  &flags->data);
      options.add({.names = "--data-binary", .doc = "as --data, line ends of files kept", .value = "DATA"},
                  &flags->binary);
      return [flags](Env& env, const Globals& globals) { return call(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
