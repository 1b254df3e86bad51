// What explain shows is what upstreams get: each call is rehearsed, then made through a running engine over sockets,
// and the bytes that came are compared.
#include "assembly/rehearsal.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "assembly/engine.h"
#include "core/net/harness.h"
#include "http/framing.h"
#include "support/plan_builder.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

// Keeps the requests that it got and gives the answers of the test, one a connection.
class Recorder {
 public:
  explicit Recorder(std::string answer)
      : answer_(std::move(answer)), peer_([this](test::Wire& wire, int) { record(wire); }) {}
  [[nodiscard]] std::uint16_t port() const { return peer_.port(); }
  [[nodiscard]] std::string got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }

 private:
  void record(test::Wire& wire) {
    std::string request = wire.until("\r\n\r\n");
    const auto at = request.find("\r\ncontent-length: ");
    if (at != std::string::npos) request += wire.take(std::stoul(request.substr(at + 18)));
    {
      const std::lock_guard lock(mutex_);
      got_ = std::move(request);
    }
    wire.send(answer_);
  }

  std::string answer_;
  std::mutex mutex_;
  std::string got_;
  test::Peer peer_;
};

std::string answer(std::string_view status) {
  return fmt::format("HTTP/1.1 {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", status);
}

struct Row {
  std::string_view name, method, target;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string body;
};

http::RequestHead head_of(const Row& row) {
  http::RequestHead head;
  head.method = row.method;
  head.target = http::parse_target(row.method, row.target)->target;
  head.headers.add("host", "shop.example");
  for (const auto& [name, value] : row.headers) head.headers.add(name, value);
  if (!row.body.empty()) head.headers.add("content-length", std::to_string(row.body.size()));
  REQUIRE(http::check_framing(head, {}, 1));
  head.client = "{client}";
  return head;
}

std::string wire_of(const Row& row) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nhost: shop.example\r\n", row.method, row.target);
  for (const auto& [name, value] : row.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!row.body.empty()) out += fmt::format("content-length: {}\r\n", row.body.size());
  return out + "\r\n" + row.body;
}

std::string field(const std::string& head, std::string_view name) {
  const std::string mark = fmt::format("\r\n{}: ", name);
  const auto at = head.find(mark);
  if (at == std::string::npos) return {};
  const auto begin = at + mark.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string filled(std::string text, std::string_view word, std::string_view value) {
  const auto at = text.find(word);
  if (at != std::string::npos) text.replace(at, word.size(), value);
  return text;
}

// The rehearsed bytes with the words of what only the running gateway knew filled in from what came.
std::string with_values_of(const std::string& came, const assembly::Rehearsal::Sent& sent) {
  std::string head = filled(sent.head, "{client}", "127.0.0.1");
  head = filled(std::move(head), "{request-id}", field(came, "x-request-id"));
  head = filled(std::move(head), "{traceparent}", field(came, "traceparent"));
  const std::string via = field(came, "via");
  head = filled(std::move(head), "{instance}", via.substr(via.rfind(' ') + 1));
  return filled(std::move(head), "{env:KEY}", "sk-of-the-provider") + sent.body;
}

}  // namespace

TEST_CASE("the rehearsed requests are byte for byte what upstreams get") {
  Recorder orders(answer("204 No Content")), first(answer("503 Busy")), second(answer("400 Bad Request"));
  test::PlanBuilder plan;
  plan.service("orders", {orders.port()}, "/api").route("/orders/**", "orders");
  plan.route("/stock/{id}", "orders").last_route([](model::Route& route) {
    std::get<model::ToService>(route.action).rewrite = "/things/{id}";
    route.request_headers = {{"x-added", "1"}, {"x-dropped", std::nullopt}};
  });
  plan.openai_endpoints().provider("first", first.port(), "sk-of-the-provider").provider("second", second.port());
  plan.model("chat", {"first/gpt-5-mini", "second/"});
  const model::PlanPtr made = plan.build();
  const Row rows[] = {
      {"a plain call", "GET", "/orders/7?x=1", {{"accept", "*/*"}, {"x-forwarded-for", "6.6.6.6"}}, ""},
      {"names of the client's", "GET", "/orders/7", {{"x-request-id", "abc-1"}, {"via", "1.0 edge"}}, ""},
      {"a rewrite, edits and a body",
       "PUT",
       "/stock/5",
       {{"x-dropped", "1"}, {"content-type", "text/plain"}},
       "five"},
      {"a model",
       "POST",
       "/v1/chat/completions",
       {{"content-type", "application/json"}},
       R"({"model":"chat","messages":[]})"},
      {"a model, streamed",
       "POST",
       "/v1/chat/completions",
       {{"authorization", "Bearer sk-of-the-client"}},
       R"({"stream":true,"model":"chat"})"},
  };
  const SystemClock clock;
  auto engine = assembly::Engine::start(made, {.workers = 1}, clock);
  REQUIRE(engine);
  const std::string& address = (*engine)->addresses().front().text;
  const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto rehearsed = assembly::rehearse(made, head_of(row), row.body, clock);
    REQUIRE(rehearsed);
    REQUIRE(rehearsed->refusal.empty());
    test::Wire client(port);
    client.send(wire_of(row));
    CHECK(client.reply().starts_with("HTTP/1.1 "));
    const bool model = row.target.starts_with("/v1/");
    REQUIRE(rehearsed->sent.size() == (model ? 2 : 1));
    const std::string came = model ? first.got() : orders.got();
    CHECK(with_values_of(came, rehearsed->sent[0]) == came);
    if (!model) continue;
    CHECK(rehearsed->sent[0].to == "first/gpt-5-mini");
    CHECK(rehearsed->sent[0].head.contains("\r\nauthorization: Bearer {env:KEY}\r\n"));
    CHECK_FALSE(rehearsed->sent[0].head.contains("sk-"));
    CHECK(rehearsed->sent[1].to == "second/chat");
    CHECK(with_values_of(second.got(), rehearsed->sent[1]) == second.got());
  }
  CHECK((*engine)->drain(5s));
}

TEST_CASE("every golden request of one dialect reaches a provider of the other as it was rehearsed") {
  Recorder provider(answer("400 Bad Request"));
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints();
  plan.provider("openai", provider.port(), "sk-of-the-provider");
  plan.provider("anthropic", provider.port(), "sk-of-the-provider").speaks("anthropic");
  const SystemClock clock;
  for (const auto& [client, target, path] :
       {std::array<std::string, 3>{"openai", "anthropic", "/v1/chat/completions"},
        std::array<std::string, 3>{"anthropic", "openai", "/v1/messages"}}) {
    test::PlanBuilder one = plan;
    const model::PlanPtr made = one.model("*", {target + "/big"}).build();
    auto engine = assembly::Engine::start(made, {.workers = 1}, clock);
    REQUIRE(engine);
    const std::string& address = (*engine)->addresses().front().text;
    const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
    std::size_t sent = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(APIGW_SOURCE_DIR) /
                                                                 "tests/golden/dialects" / client / "requests")) {
      if (entry.path().extension() != ".json") continue;
      CAPTURE(entry.path());
      std::ifstream file(entry.path());
      const Row row{
          "golden", "POST", path, {{"content-type", "application/json"}}, {std::istreambuf_iterator<char>(file), {}}};
      const auto rehearsed = assembly::rehearse(made, head_of(row), row.body, clock);
      REQUIRE(rehearsed);
      test::Wire wire(port);
      wire.send(wire_of(row));
      const std::string reply = wire.reply();
      if (rehearsed->sent.empty()) {
        CHECK(reply.starts_with(fmt::format("HTTP/1.1 {} ", rehearsed->status)));
        continue;
      }
      ++sent;
      CHECK(reply.starts_with("HTTP/1.1 400 "));
      CHECK(with_values_of(provider.got(), rehearsed->sent[0]) == provider.got());
      const auto& losses = rehearsed->sent[0].losses;
      CHECK(reply.contains(fmt::format("\r\nx-apigw-loss-count: {}\r\n", losses.count())) == !losses.empty());
    }
    CHECK(sent > 5);
    CHECK((*engine)->drain(5s));
  }
}

TEST_CASE("a target that cannot be asked or told is passed over with its reason") {
  test::PlanBuilder plan;
  plan.openai_endpoints().provider("first", 1).speaks("anthropic").provider("second", 2);
  plan.model("chat", {"first/a", "second/b"}).with([](model::Plan& made) {
    made.models.back().refuse_losses = true;
  });
  plan.model("only", {"first/a"});
  const SystemClock clock;
  const Row lossy{"lossy",
                  "POST",
                  "/v1/chat/completions",
                  {},
                  R"({"model":"chat","messages":[{"role":"user","content":"x"}],"logit_bias":{"5":1}})"};
  const auto rehearsed = assembly::rehearse(plan.build(), head_of(lossy), lossy.body, clock);
  REQUIRE(rehearsed);
  CHECK(rehearsed->refusal.empty());
  REQUIRE(rehearsed->passed.size() == 1);
  CHECK(rehearsed->passed[0].to == "first/a");
  CHECK(rehearsed->passed[0].why.contains("logit_bias"));
  REQUIRE(rehearsed->sent.size() == 1);
  CHECK(rehearsed->sent[0].to == "second/b");
  const Row embeddings{"embeddings", "POST", "/v1/embeddings", {}, R"({"model":"only","input":"x"})"};
  const auto none = assembly::rehearse(plan.build(), head_of(embeddings), embeddings.body, clock);
  REQUIRE(none);
  CHECK(none->status == 501);
  CHECK(none->sent.empty());
}

TEST_CASE("a call that no upstream would get is refused as the gateway would") {
  test::PlanBuilder plan;
  plan.openai_endpoints().mock().model("chat", {"mock/small"}).service("orders", 9001).route("/orders", "orders");
  const SystemClock clock;
  struct Refused {
    Row row;
    int status;
  };
  const Refused rows[] = {
      {{"an unknown model", "POST", "/v1/chat/completions", {}, R"({"model":"chatt"})"}, 404},
      {{"a body that is none", "POST", "/v1/chat/completions", {}, "hello"}, 400},
      {{"no route", "GET", "/nowhere", {}, ""}, 404},
      {{"the gateway's own answer", "GET", "/v1/models", {}, ""}, 0},
  };
  for (const auto& [row, status] : rows) {
    CAPTURE(row.name);
    const auto rehearsed = assembly::rehearse(plan.build(), head_of(row), row.body, clock);
    REQUIRE(rehearsed);
    CHECK(rehearsed->status == status);
    CHECK(rehearsed->refusal.empty() == (status == 0));
    CHECK(rehearsed->sent.empty());
  }
}
