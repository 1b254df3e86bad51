#include "dialects/reply_reading.h"

#include <algorithm>

#include "dialects/provider_error.h"

namespace apigw::dialects {

namespace {

bool calls_nothing(const chat::Part& part) {
  const auto* call = std::get_if<chat::ToolCall>(&part.content);
  return call != nullptr && call->name.empty();
}

}  // namespace

Result<json::Document> reply_root(std::string_view body, const json::Limits& limits) {
  auto scanned = json::scan(body, limits);
  if (!scanned) return fail(ErrorKind::protocol, "reply: " + scanned.error().what);
  if (is_error(body, *scanned))
    return fail(ErrorKind::protocol, "the provider sent an error with a status of success");
  return scanned;
}

std::unexpected<Error> other_reply() {
  return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
}

Result<chat::Reply> whole_reply(Reading& in, chat::Reply reply) {
  if (in.error) return fail(ErrorKind::protocol, "reply: " + in.error->what);
  if (reply.answers.empty()) return fail(ErrorKind::protocol, "the provider's reply holds no answer");
  for (const chat::Answer& answer : reply.answers)
    if (std::ranges::any_of(answer.parts, calls_nothing))
      return fail(ErrorKind::protocol, "the provider sent a tool's call without the tool's name");
  reply.native = std::move(in.native);
  return reply;
}

}  // namespace apigw::dialects
