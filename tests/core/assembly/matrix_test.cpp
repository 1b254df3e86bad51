// Every cell of the matrix against a call through the gateway, from a client of each dialect to a provider of each.
#include "assembly/matrix.h"

#include <doctest/doctest.h>

#include "assembly/endpoints.h"
#include "dialects/dialect.h"
#include "dialects/embedding.h"
#include "dialects/openai_others.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::Way;

namespace {

constexpr json::Limits limits{.depth = 64};

// The gateway as clients of one dialect see it: model `asked` is `given` of a provider that speaks `target`.
test::PlanBuilder plan_of(const assembly::MatrixRow& row, std::string_view target) {
  test::PlanBuilder plan;
  for (const dialects::Endpoint& endpoint : dialects::find_dialect(row.dialect)->endpoints) {
    if (endpoint.path.empty()) continue;
    plan.endpoint(fmt::format("{} {}", endpoint.method, endpoint.path), std::string(row.dialect),
                  std::string(endpoint.operation));
  }
  plan.provider("elsewhere", 9300).speaks(std::string(target));
  return plan.model("asked", {"elsewhere/given"});
}

test::FakeExchange call_of(const assembly::MatrixRow& row) {
  const auto blank = row.endpoint.find(' ');
  std::string path = row.endpoint.substr(blank + 1);
  for (const std::string_view mark : {"MODEL", "**"})
    if (const auto at = path.find(mark); at != std::string::npos) path.replace(at, mark.size(), "asked");
  test::FakeExchange exchange(row.endpoint.substr(0, blank), path);
  if (!row.endpoint.starts_with("POST")) return exchange;
  auto sample = assembly::sample({std::string(row.dialect), std::string(row.operation)}, row.operation, "asked");
  exchange.header("content-type", sample.content_type).body(std::move(sample.body));
  return exchange;
}

// What a provider of the dialect answers.
std::string reply_of(const dialects::Dialect& dialect, std::string_view operation) {
  const dialects::ReplyFacts facts{.id = "r", .now = 1'700'000'000, .operation = operation};
  chat::Losses losses;
  if (dialects::asks_vectors(operation)) {
    chat::EmbeddingReply reply{.id = {}, .model = "given", .vectors = {}, .usage = {}, .native = {}};
    reply.vectors.resize(operation == "batch_embeddings" ? 2 : 1, {.text = "[0.5]"});
    return dialect.embeddings ? dialect.embeddings->write_reply(operation, reply, facts, losses) : "{}";
  }
  if (dialects::openai::other_operation(operation)) return R"({"results":[],"data":[],"text":"","":[]})";
  if (operation == "count_tokens") return R"({"input_tokens":3,"totalTokens":3})";
  if (dialect.write_reply == nullptr)  // no client gets one
    return R"({"output":{"message":{"role":"assistant","content":[{"text":"words of an answer"}]}},"stopReason":"end_turn"})";
  chat::Reply reply{.id = "r", .model = "given"};
  reply.answers.push_back({.parts = {{.content = chat::Text{"words of an answer"}}}});
  return dialect.write_reply(reply, facts, losses);
}

bool reads_request(const dialects::Dialect& dialect, std::string_view operation, std::string_view body) {
  if (dialect.read_request == nullptr || dialect.edit_body != nullptr) return json::scan(body, limits).has_value();
  if (!dialects::asks_vectors(operation)) return dialects::read_request(dialect, body, limits).has_value();
  auto scanned = json::scan(body, limits);
  if (!scanned) return false;
  // Which of its operations the target is asked is its own choice.
  const auto reads = [&](const dialects::Endpoint& endpoint) {
    return dialects::asks_vectors(endpoint.operation) &&
           dialect.embeddings->read_request(endpoint.operation, body, *scanned).has_value();
  };
  return std::ranges::any_of(dialect.endpoints, reads);
}

bool reads_reply(const dialects::Dialect& dialect, std::string_view operation, std::string_view body) {
  return dialects::asks_vectors(operation) ? dialect.embeddings->read_reply(body, limits).has_value()
                                           : dialect.read_reply(body, {}, limits).has_value();
}

}  // namespace

TEST_CASE("every cell of the matrix is what a call through the gateway meets") {
  std::size_t cells = 0;
  for (const assembly::MatrixRow& row : assembly::matrix()) {
    for (std::size_t i = 0; i < row.cells.size(); ++i, ++cells) {
      const std::string_view word = assembly::matrix_targets()[i];
      CAPTURE(row.dialect);
      CAPTURE(row.endpoint);
      CAPTURE(word);
      const dialects::Dialect& client = *dialects::find_dialect(row.dialect);
      const dialects::Dialect& target = *dialects::find_spoken(word);
      const std::string reply = reply_of(target, row.operation);
      test::House house(plan_of(row, word));
      house.upstream.scripts = {test::json_reply(reply)};
      auto exchange = call_of(row);
      house.serve(exchange);
      CAPTURE(exchange.received);
      const auto& asked = house.upstream.asked;
      const Way way = row.cells[i];
      CHECK(exchange.status == (way == Way::refused ? 501 : 200));
      CHECK(asked.size() == (way == Way::bytes || way == Way::translated ? 1 : 0));
      CHECK(exchange.header_of("x-apigw-estimate").empty() == (way != Way::estimated));
      if (way == Way::bytes) {
        CHECK(exchange.received == reply);
      } else if (way == Way::translated && !asked.empty()) {
        CHECK(exchange.received != reply);
        CHECK(reads_request(target, row.operation, asked[0]->body));
        CHECK(reads_reply(client, row.operation, exchange.received));
        CHECK(asked[0]->body.contains("Hello"));
      }
    }
  }
  CHECK(cells > 50);
}
