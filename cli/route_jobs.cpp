#include "route_jobs.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "call_target.h"
#include "door.h"
#include "outbound/client.h"

namespace apigw::cli {
namespace {

constexpr std::size_t most_answer = 16 << 20;  // bytes

outbound::Request request_of(const cases::Case& test, const CallPlace& place) {
  static constexpr std::string_view credentials[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};
  outbound::Request request{.origin = place.origin, .method = test.method, .target = test.target};
  request.verify = false;  // the address is our own gateway's, on this machine
  request.headers = test.headers;
  request.body = test.body.value_or("");
  const bool anonymous = std::ranges::any_of(test.without, [](const std::string& name) {
    return std::ranges::find(credentials, name) != std::end(credentials);
  });
  add_usual_headers(request.headers, anonymous ? Secret() : place.key, request.body, test.body.has_value());
  for (const std::string& name : test.without) request.headers.remove(name);
  return request;
}

// Whether the gateway itself says that what is behind it failed.
bool own_failure(const cases::Answer& answer) {
  static constexpr std::string_view words[] = {"secret_blocked",  "provider_off", "timeout",
                                               "overloaded",      "stopping",     "too_many_connections",
                                               "output_too_large"};
  if (answer.status < 502 || answer.status > 504) return false;
  const auto document = json::scan(answer.body);
  const json::Member* holder = document ? document->find("error") : nullptr;
  const json::Document inner = holder != nullptr ? json::members(answer.body, holder->value)
                               : document        ? *document
                                                 : json::Document{};
  const json::Member* code = inner.find("code");
  const std::string word = code == nullptr ? "" : json::string_at(answer.body, code->value).value_or("");
  return word.starts_with("upstream_") || std::ranges::find(words, word) != std::end(words);
}

Verdict judge(const cases::Case& test, const cases::Answer& answer) {
  if (!test.takes(answer.status) && own_failure(answer)) {
    const Door::Reply reply{answer.status, answer.body};
    const bool credentials = exit_of_reply(reply) == Exit::credentials;
    return {Verdict::Kind::error, answer.took, fmt::format("{}: {}", answer.status, refusal_text(reply)),
            credentials ? Exit::credentials : Exit::world};
  }
  const std::vector<std::string> wrong = cases::mismatches(test, answer);
  if (!wrong.empty()) return {Verdict::Kind::failed, answer.took, text::join(wrong, "; ")};
  return {Verdict::Kind::passed, answer.took, text::join(test.unchecked, "; ")};
}

Verdict run_one(const Env& env, const cases::Case& test, const CallPlace& place, std::chrono::milliseconds timeout) {
  outbound::Request request = request_of(test, place);
  const auto limit = test.limit();
  request.timeout = std::min(timeout, limit.value_or(timeout));
  cases::Answer answer;
  const auto began = env.clock.now();
  const auto done = outbound::send(request, {.head = {}, .body = [&](std::string_view piece) {
                                               answer.body += piece;
                                               return answer.body.size() <= most_answer;
                                             }});
  answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(env.clock.now() - began);
  if (!done && done.error().kind == ErrorKind::timeout && limit && *limit <= timeout)
    return {Verdict::Kind::failed, answer.took, fmt::format("max-latency: no answer within {} ms", limit->count())};
  if (!done && done.error().kind == ErrorKind::cancelled)
    return {Verdict::Kind::error, answer.took, fmt::format("the answer is larger than {} bytes", most_answer)};
  if (!done) return {Verdict::Kind::error, answer.took, done.error().what};
  answer.status = done->status;
  answer.headers = done->headers;
  return judge(test, answer);
}

}  // namespace

std::vector<TestJob> route_jobs(const Env& env, const TestFile& file, const CallPlace& place,
                                std::chrono::milliseconds timeout) {
  std::vector<TestJob> jobs;
  for (const cases::Case& test : file.cases) {
    if (!test.untested.empty())
      jobs.push_back(
          {file.path, test.name, [why = test.untested] { return Verdict{Verdict::Kind::untested, {}, why}; }});
    else
      jobs.push_back(
          {file.path, test.name, [&env, test, place, timeout] { return run_one(env, test, place, timeout); }});
  }
  return jobs;
}

}  // namespace apigw::cli
