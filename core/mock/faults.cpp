#include "mock/faults.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::mock {

namespace {

using std::chrono::milliseconds;
constexpr std::uint64_t longest_delay = 600'000;  // ms

struct Status {
  std::string_view code, message;
};

Status words_of_status(int status) {
  if (status == 401) return {"invalid_api_key", "the mock was told to refuse the key"};
  if (status == 404) return {"model_not_found", "the mock was told that this model does not exist"};
  if (status == 429) return {"rate_limit_exceeded", "the mock was told to be over its rate limit"};
  if (status >= 500) return {"server_error", "the mock was told to fail"};
  return {"invalid_request_error", "the mock was told to refuse the request"};
}

Reply fail_status(Reply, std::uint64_t number) {
  const int status = number >= 400 && number <= 599 ? static_cast<int>(number) : 500;
  const auto [code, message] = words_of_status(status);
  Reply reply = error_reply(status, message, code);
  if (status == 429 || status == 503 || status == 529) reply.headers.emplace_back("retry-after", "1");
  return reply;
}

// Half of the pieces; of a plain body half of its bytes.
void halve(Reply& reply) {
  if (reply.pieces.size() > 1) {
    reply.pieces.resize(reply.pieces.size() / 2);
  } else if (!reply.pieces.empty()) {
    reply.pieces[0].resize(reply.pieces[0].size() / 2);
  }
}

Reply fail_cut(Reply reply, std::uint64_t) {
  halve(reply);
  reply.end = Reply::End::cut;
  return reply;
}

Reply fail_stall(Reply reply, std::uint64_t) {
  halve(reply);
  reply.end = Reply::End::stall;
  return reply;
}

Reply fail_event(Reply reply, std::uint64_t) {
  Reply error = error_reply(500, "the mock was told to fail midway", "server_error");
  if (!reply.streamed) return error;
  halve(reply);
  reply.pieces.push_back("data: " + error.pieces.at(0) + "\n\n");
  return reply;
}

Reply fail_timeout(Reply reply, std::uint64_t) {
  reply.headless = true;
  reply.end = Reply::End::stall;
  return reply;
}

Reply fail_reset(Reply reply, std::uint64_t) {
  reply.headless = true;
  reply.end = Reply::End::cut;
  return reply;
}

Reply fail_empty(Reply reply, std::uint64_t) {
  reply.pieces.clear();
  return reply;
}

Reply fail_noise(Reply reply, std::uint64_t) {
  reply.content_type = "text/html";
  reply.streamed = false;
  reply.pieces = {"<html><body>the mock was told to answer nonsense</body></html>"};
  return reply;
}

Reply slow(Reply reply, std::uint64_t number) {
  reply.before_head = milliseconds(std::min(number, longest_delay));
  return reply;
}

Reply drip(Reply reply, std::uint64_t number) {
  reply.per_piece = milliseconds(std::min(number, longest_delay));
  return reply;
}

struct Fault {
  FaultRow row;
  Reply (*apply)(Reply good, std::uint64_t number);
};

// Names with a number stand behind those that are whole: `fail-` would take `fail-cut` for itself.
constexpr auto table = std::to_array<Fault>({
    {{"fail-cut", "breaks the connection half way through the answer"}, fail_cut},
    {{"fail-stall", "falls silent half way through the answer"}, fail_stall},
    {{"fail-event", "sends an error event half way through a stream; 500 without one"}, fail_event},
    {{"fail-timeout", "never answers"}, fail_timeout},
    {{"fail-reset", "closes the connection before it answers"}, fail_reset},
    {{"fail-empty", "answers 200 with nothing in it"}, fail_empty},
    {{"fail-noise", "answers 200 with a page of HTML"}, fail_noise},
    {{"fail-", "answers that status, 400 to 599, as an error; 429, 503 and 529 with retry-after", "STATUS"},
     fail_status},
    {{"slow-", "waits that many milliseconds before it answers", "MS"}, slow},
    {{"drip-", "streams a token each so many milliseconds", "MS"}, drip},
});

constexpr auto rows = [] {
  std::array<FaultRow, table.size()> out{};
  std::ranges::transform(table, out.begin(), &Fault::row);
  return out;
}();

}  // namespace

std::span<const FaultRow> faults() {
  return rows;
}

Reply with_fault(std::string_view model, Reply good) {
  for (const Fault& fault : table) {
    if (!model.starts_with(fault.row.name)) continue;
    const std::string_view rest = model.substr(fault.row.name.size());
    const auto number = text::parse_number(rest);
    if (fault.row.number.empty() ? rest.empty() : number.has_value())
      return fault.apply(std::move(good), number.value_or(0));
  }
  return good;
}

}  // namespace apigw::mock
