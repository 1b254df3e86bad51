// Much at once, long bodies, clients that leave and configs that change under load, all against the real binary.
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/serving.h"
#include "support/skip.h"
#include "support/tls_client.h"

namespace {

using namespace support;
using namespace std::chrono_literals;

constexpr std::string_view config = R"(apigw: 1
listen: 127.0.0.1:{port}
defaults: { auth: key }
providers:
  up: { dialect: openai, url: "{up}/v1", key: env:UPSTREAM_KEY, connections: 4000 }
models:
  plain: up/plain
services:
  up: { url: "{up}", connections: 4000 }
routes:
  /up/**: { to: up, strip: /up }
  /steady: up
  POST /up/sink: { to: up, strip: /up, body: 2GiB, body_rate: 1 }
consumers:
  tester: { key: env:GATEWAY_KEY }
)";

std::string with_model(std::string_view model) {
  std::string text(config);
  const std::string_view from = "plain: up/plain";
  return text.replace(text.find(from), from.size(), fmt::format("{0}: up/{0}", model));
}

std::string key() {
  return std::string(test_key);
}

}  // namespace

TEST_CASE("a thousand streams of two hundred tokens arrive whole and unmixed") {
  LoadUpstream upstream;
  Serving serving{with_model("tok-200-10"), upstream.url()};
  const std::string streams = sanitized ? "200" : "1000";
  const std::string told = run_load({"streams", std::to_string(serving.port()), streams, "200", "10", key()}, 180s);
  CHECK_MESSAGE(told.find(fmt::format("\"ok\":{},\"failed\":0", streams)) != std::string::npos, told);
}

TEST_CASE("a hundred clients that leave cancel their upstream calls within a second") {
  LoadUpstream upstream;
  Serving serving{with_model("tok-600-100"), upstream.url()};
  const std::string told = run_load({"aborts", std::to_string(serving.port()), "100", "600", "100", key()}, 60s);
  CHECK_MESSAGE(told.find("\"ok\":100,\"failed\":0") != std::string::npos, told);
  // The tool ends with the last departure, so this second counts from there.
  CHECK(eventually([&] { return upstream.stat("left") == 100; }, sanitized ? 5000ms : 1000ms));
  CHECK(request(serving.port(), "GET", "/up/alive", {"authorization: Bearer " + key()}).body == "ok /alive");
}

TEST_CASE("a gibibyte passes either way with one slow side, in bounded memory") {
  LoadUpstream upstream;
  Serving serving{std::string(config), upstream.url()};
  const std::uint64_t bytes = long_tests() && !sanitized ? 1ull << 30 : 128ull << 20;
  const std::string n = std::to_string(bytes), slow = std::to_string(bytes / 6);
  const std::string port = std::to_string(serving.port());
  CHECK(run_load({"pull", port, "/up/bytes?n=1000", "1000", "0", key()}, 20s).find("\"ok\":true") !=
        std::string::npos);
  const std::uint64_t idle = serving.resident();
  struct Row {
    std::string_view name;
    std::vector<std::string> arguments;
  };
  const std::vector<Row> rows = {
      {"down, the client slow", {"pull", port, "/up/bytes?n=" + n, n, slow, key()}},
      {"down, the upstream slow", {"pull", port, "/up/bytes?n=" + n + "&rate=" + slow, n, "0", key()}},
      {"up, the client slow", {"push", port, "/up/sink", n, slow, key()}},
      {"up, the upstream slow", {"push", port, "/up/sink?rate=" + slow, n, "0", key()}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    serving.forget_peak();
    const std::string told = run_load(row.arguments, 180s);
    CHECK_MESSAGE(told.find("\"ok\":true") != std::string::npos, told);
    const std::uint64_t grown = serving.peak() > idle ? serving.peak() - idle : 0;
    MESSAGE(row.name << ": " << grown << " KB over idle");
    if (!sanitized) CHECK(grown <= 8 * 1024);
  }
}

TEST_CASE("an upstream that dies in a stream ends it with an error, never with [DONE]") {
  for (const std::string_view model : {"die-20", "tok-1000-20"}) {
    CAPTURE(model);
    LoadUpstream upstream;
    Serving serving{with_model(model), upstream.url()};
    Connection connection(serving.port());
    const std::string body =
        fmt::format(R"({{"model":"{}","stream":true,"messages":[{{"role":"user","content":"t"}}]}})", model);
    connection.send(
        fmt::format("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n"
                    "content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
                    test_key, body.size(), body));
    std::string got = connection.read_until("t:5 ");
    if (model.starts_with("tok")) upstream.process().signal(SIGKILL);
    got += connection.read_all();
    CHECK(got.find("\"error\"") != std::string::npos);
    CHECK(got.find("[DONE]") == std::string::npos);
    CHECK_FALSE(parse_reply(got).whole);
  }
}

TEST_CASE("a client that sends too slowly is told so and let go") {
  LoadUpstream upstream;
  Serving serving{std::string(config) + "timeouts: { header: 500ms, body_idle: 500ms, keep_alive: 500ms }\n",
                  upstream.url()};
  SUBCASE("a header that never ends") {
    Connection connection(serving.port());
    connection.send("GET /up/a HTTP/1.1\r\nHost: local");
    CHECK(connection.read_all(5s).starts_with("HTTP/1.1 408"));
  }
  SUBCASE("a body that stops") {
    Connection connection(serving.port());
    connection.send(fmt::format(
        "POST /up/sink HTTP/1.1\r\nHost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: 10\r\n\r\nabc",
        test_key));
    CHECK(connection.read_all(5s).starts_with("HTTP/1.1 408"));
  }
  SUBCASE("a connection without a request") {
    Connection connection(serving.port());
    CHECK(connection.read_all(5s).empty());
  }
}

TEST_CASE("nothing fails and no stream is cut through thirty reloads under load") {
  LoadUpstream upstream;
  const bool full = long_tests() && !sanitized;
  const unsigned seconds = full ? 60 : 12;
  const unsigned reloads = full ? 30 : 8;
  const std::uint16_t tls_port = free_port();
  const std::uint16_t extra_port = free_port();
  // Routes, a listener, the certificate and a key change from turn to turn; one turn in four is broken.
  const auto turn = [&](unsigned i) {
    std::string text = with_model("tok-200-" + std::to_string(seconds * 1000 / 200));
    std::string listen = fmt::format(
        "listen:\n  - {{ address: 127.0.0.1:{{port}} }}\n"
        "  - {{ address: 127.0.0.1:{}, tls: {{ cert: cert{}.pem, key: key{}.pem }} }}\n",
        tls_port, i % 2, i % 2);
    if (i % 2 == 1) listen += fmt::format("  - {{ address: 127.0.0.1:{} }}\n", extra_port);
    text.replace(text.find("listen:"), text.find("defaults:") - text.find("listen:"), listen);
    text += fmt::format("  turn-{}: {{ key: env:UPSTREAM_KEY }}\n", i);
    const auto routes = text.find("routes:\n") + 8;
    text.insert(routes, fmt::format("  GET /turn/{}: up\n", i));
    if (i % 4 == 3) text += "providers: { broken\n";
    return text;
  };
  TempDir certificates;
  for (const int i : {0, 1})
    make_certificate(certificates / fmt::format("cert{}.pem", i), certificates / fmt::format("key{}.pem", i));
  const auto placed = [&](std::string text) {
    for (const std::string name : {"cert0.pem", "cert1.pem", "key0.pem", "key1.pem"}) {
      const auto at = text.find(" " + name);
      if (at != std::string::npos) text.replace(at + 1, name.size(), certificates / name);
    }
    return text;
  };
  Serving serving{placed(turn(0)), upstream.url()};
  REQUIRE(eventually([&] { return listening(tls_port); }));
  const std::string port = std::to_string(serving.port());
  const std::string rps = sanitized ? "200" : "2000", live = sanitized ? "40" : "200";
  std::string streams, rate;
  std::thread streaming([&] {
    streams = run_load({"streams", port, live, "200", std::to_string(seconds * 1000 / 200), key()},
                       std::chrono::seconds(seconds + 90));
  });
  std::thread asking([&] {
    rate =
        run_load({"rate", port, rps, std::to_string(seconds), "/steady", key()}, std::chrono::seconds(seconds + 60));
  });
  TlsTally tls;
  std::atomic<bool> over = false;
  std::thread handshaking([&] {
    while (!over) tls_request(tls_port, "/steady", key(), tls);
  });
  const auto began = std::chrono::steady_clock::now();
  for (unsigned i = 1; i <= reloads; ++i) {
    std::this_thread::sleep_until(began + std::chrono::milliseconds(seconds * 1000ull * i / (reloads + 1)));
    serving.reload(placed(turn(i)));
  }
  streaming.join();
  asking.join();
  over = true;
  handshaking.join();
  CHECK_MESSAGE(streams.find(fmt::format("\"ok\":{},\"failed\":0", live)) != std::string::npos, streams);
  CHECK_MESSAGE(rate.find("\"failed\":0") != std::string::npos, rate);
  CHECK_MESSAGE(tls.failed == 0, tls.why);
  CHECK(tls.ok > 10);
  CHECK_MESSAGE(tls.certificates.size() == 2, serving.process().err());  // it says why a reload was refused
  MESSAGE("rate " << rate << " streams " << streams << " tls " << tls.ok);
  CHECK(serving.process().running());
}
