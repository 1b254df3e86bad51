// What reading a provider's reply begins and ends with, in every dialect.
#pragma once
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "chat/reply.h"
#include "dialects/reading.h"

namespace apigw::dialects {

// The root of a reply. Error: it is no JSON within the limits, or it is an error with a status of success.
[[nodiscard]] Result<json::Document> reply_root(std::string_view body, const json::Limits& limits);

// Of a reply without what this operation answers with.
[[nodiscard]] std::unexpected<Error> other_reply();

// The usage that stands at `key`, read by `read`; what is none of its `counters` is kept.
template <class Read>
void take_usage(Reading& in, Fields& reply, std::string_view key, std::span<const std::string_view> counters,
                const Read& read) {
  const auto usage = reply.take(key, json::Type::object);
  if (!usage) return;
  read(*usage);
  Fields rest(in, *usage, std::string(key));
  for (const std::string_view counter : counters) (void)rest.take(counter);
  rest.keep_rest();
}

// The reply with what only its provider knows. Error: a value was of another type, there is no answer, or one calls a
// tool without its name.
[[nodiscard]] Result<chat::Reply> whole_reply(Reading& in, chat::Reply reply);

}  // namespace apigw::dialects
