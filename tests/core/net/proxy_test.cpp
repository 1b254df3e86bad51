// Proxies: who is sent through one, and what is said to it.
#include "net/proxy.h"

#include <fstream>

#include <ifaddrs.h>

#include "session.h"
#include "support/process.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::test;
using net::Environment;

namespace {

constexpr std::string_view get = "GET /path HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";

model::Outbound by_environment() {
  model::Outbound outbound;
  outbound.proxy = model::Outbound::Proxy::env;
  return outbound;
}

std::string own_address() {
  ifaddrs* list = nullptr;
  std::string found;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    if (item->ifa_addr == nullptr || item->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(item->ifa_addr)->sin_addr, text, sizeof text);
    if (!std::string_view(text).starts_with("127.")) found = text;
  }
  ::freeifaddrs(list);
  return found;
}

}  // namespace

TEST_CASE("NO_PROXY covers names, subdomains, addresses, blocks and ports") {
  struct Row {
    const char* no_proxy;
    const char* host;
    std::uint16_t port;
    bool direct;
  };
  for (const Row& row : {Row{"", "api.example.com", 443, false},
                         Row{"*", "api.example.com", 443, true},
                         Row{"example.com", "example.com", 443, true},
                         Row{"example.com", "api.example.com", 443, true},
                         Row{"example.com", "notexample.com", 443, false},
                         Row{".example.com", "api.example.com", 443, true},
                         Row{".example.com", "example.com", 443, true},
                         Row{"*.example.com", "api.example.com", 443, true},
                         Row{"EXAMPLE.com", "api.example.COM", 443, true},
                         Row{"a.test, example.com ,b.test", "example.com", 443, true},
                         Row{"example.com:8443", "example.com", 443, false},
                         Row{"example.com:443", "example.com", 443, true},
                         Row{"10.0.0.0/8", "10.1.2.3", 80, true},
                         Row{"10.0.0.0/8", "11.1.2.3", 80, false},
                         Row{"10.0.0.0/33", "10.1.2.3", 80, false},
                         Row{"192.0.2.7", "192.0.2.7", 80, true},
                         Row{"192.0.2.7:81", "192.0.2.7", 80, false},
                         Row{"192.0.2.7", "192.0.2.70", 80, false},
                         Row{"2001:db8::/32", "2001:db8::1", 80, true},
                         Row{"[2001:db8::1]:80", "2001:db8::1", 80, true},
                         Row{"2001:db8::1", "2001:db8::2", 80, false},
                         Row{",,", "example.com", 80, false},
                         Row{"", "127.0.0.1", 80, true},
                         Row{"", "127.8.9.10", 80, true},
                         Row{"", "::1", 80, true},
                         Row{"", "localhost", 80, true}}) {
    CAPTURE(row.no_proxy);
    CAPTURE(row.host);
    CHECK(net::bypasses_proxy(row.no_proxy, row.host, row.port) == row.direct);
  }
}

TEST_CASE("a proxy's address is understood or refused, never skipped") {
  struct Row {
    const char* url;
    const char* text;  // null: refused
    const char* credential;
  };
  for (const Row& row :
       {Row{"http://proxy.example:3128", "proxy.example:3128", ""},
        Row{"proxy.example:3128/", "proxy.example:3128", ""}, Row{"HTTP://proxy.example", "proxy.example:1080", ""},
        Row{"http://u:p%40ss@proxy.example:1", "proxy.example:1", "dTpwQHNz"},
        Row{"http://[2001:db8::1]:8", "2001:db8::1:8", ""}, Row{"socks5://proxy.example:1", nullptr, ""},
        Row{"https://proxy.example:1", nullptr, ""}, Row{"http://:1", nullptr, ""},
        Row{"http://p:99999", nullptr, ""}}) {
    CAPTURE(row.url);
    const auto hop = net::parse_proxy(row.url);
    REQUIRE(hop.has_value() == (row.text != nullptr));
    if (!hop) continue;
    CHECK(hop->text() == row.text);
    CHECK(hop->credential == row.credential);
  }
  const model::Origin origin{true, "api.example.com", 443};
  CHECK_FALSE(net::choose_proxy(by_environment(), origin, {{"HTTPS_PROXY", "socks5://x:1"}}));
}

TEST_CASE("the variable fits the scheme, lower case first, ALL_PROXY last") {
  struct Row {
    const char* name;
    bool tls;
    Environment environment;
    std::string hop;
  };
  for (const Row& row :
       {Row{"https", true, {{"HTTPS_PROXY", "http://s:1"}, {"HTTP_PROXY", "http://p:2"}}, "s:1"},
        Row{"http", false, {{"HTTPS_PROXY", "http://s:1"}, {"HTTP_PROXY", "http://p:2"}}, "p:2"},
        Row{"lower case", true, {{"HTTPS_PROXY", "http://s:1"}, {"https_proxy", "http://l:3"}}, "l:3"},
        Row{"all", true, {{"ALL_PROXY", "http://a:4"}, {"HTTP_PROXY", "http://p:2"}}, "a:4"},
        Row{"excepted", true, {{"HTTPS_PROXY", "http://s:1"}, {"no_proxy", "example.com"}}, ""},
        Row{"none", true, {}, ""}}) {
    CAPTURE(row.name);
    const auto hop = net::choose_proxy(by_environment(), {row.tls, "api.example.com", 443}, row.environment);
    REQUIRE(hop);
    CHECK((*hop ? (*hop)->text() : "") == row.hop);
  }
}

TEST_CASE("https goes through a tunnel, with the proxy's credential and the upstream's certificate") {
  support::TempDir directory;
  Authority authority(directory.path());
  const Session::Rules rules{.ca_file = {}, .identity = authority.issue("upstream", "DNS:upstream.example")};
  std::string asked;
  Peer proxy([&](Wire& wire, int connection) {
    asked = wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n");
    secure_upstream(rules)(wire, connection);
  });
  gateway::Destination to;
  to.origin = {true, "upstream.example", 8443};
  to.outbound = by_environment();
  to.outbound.ca_file = authority.ca_file();
  Rig rig(forward(to), {}, 1, {{"HTTPS_PROXY", "http://user:secret@127.0.0.1:" + std::to_string(proxy.port())}});
  CHECK(rig.ask(get).ends_with("name=upstream.example client="));
  CHECK(asked ==
        "CONNECT upstream.example:8443 HTTP/1.1\r\nhost: upstream.example:8443\r\n"
        "proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
}

TEST_CASE("plain http goes to the proxy in absolute form") {
  std::string asked;
  Peer proxy([&](Wire& wire, int) {
    asked = wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    wire.all();
  });
  gateway::Destination to;
  to.origin = {false, "upstream.example", 8000};
  to.outbound.proxy = model::Outbound::Proxy::fixed;
  to.outbound.proxy_host = "127.0.0.1";
  to.outbound.proxy_port = proxy.port();
  Rig rig(forward(to));
  CHECK(rig.ask(get).ends_with("\r\n\r\nok"));
  CHECK(asked.starts_with("GET http://upstream.example:8000/path HTTP/1.1\r\nhost: upstream.example:8000\r\n"));
}

TEST_CASE("a proxy that refuses or is not there is named") {
  struct Row {
    const char* name;
    std::string answer;
    std::string expected;
  };
  for (const Row& row : {Row{"refusal", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
                             "CONNECT upstream.example:443: refused with status 407"},
                         Row{"no HTTP", "nonsense\r\n\r\n", "CONNECT upstream.example:443: the answer is not HTTP"},
                         Row{"silence", "", "CONNECT upstream.example:443: connection lost"}}) {
    CAPTURE(row.name);
    Peer proxy([&](Wire& wire, int) {
      wire.until("\r\n\r\n");
      wire.send(row.answer);
      wire.half_close();
      wire.all();
    });
    gateway::Destination to;
    to.origin = {true, "upstream.example", 443};
    to.outbound = by_environment();
    const std::string address = "127.0.0.1:" + std::to_string(proxy.port());
    Rig rig(forward(to), {}, 1, {{"ALL_PROXY", "http://user:secret@" + address}});
    const std::string reply = rig.ask(get);
    CHECK(reply.contains("connect: proxy " + address + ": " + row.expected));
    CHECK_FALSE(reply.contains("secret"));
  }
}

TEST_CASE("a real proxy carries both kinds") {
  const std::string address = own_address();
  if (!has_program("tinyproxy")) APIGW_SKIP("needs tinyproxy");
  if (address.empty()) APIGW_SKIP("needs an IPv4 address besides loopback");
  support::TempDir directory;
  const std::uint16_t port = support::free_port();
  std::ofstream(directory / "tiny.conf")
      << "Port " << port << "\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth user secret\n"
      << "MaxClients 20\nTimeout 60\n";
  support::Process tinyproxy({"/usr/bin/env", "tinyproxy", "-d", "-c", directory / "tiny.conf"});
  while (!support::listening(port)) REQUIRE(tinyproxy.running());

  Authority authority(directory.path());
  Peer secure(secure_upstream({.ca_file = {}, .identity = authority.issue("upstream", "IP:" + address)}), true);
  Peer plain(
      [](Wire& wire, int) {
        wire.until("\r\n\r\n");
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nplain");
        wire.all();
      },
      true);
  const Environment environment{{"ALL_PROXY", "http://user:secret@127.0.0.1:" + std::to_string(port)}};
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    gateway::Destination to;
    to.origin = {tls, address, tls ? secure.port() : plain.port()};
    to.outbound = by_environment();
    to.outbound.ca_file = authority.ca_file();
    Rig rig(forward(to), {}, 1, environment);
    const std::string reply = rig.ask(get);
    CHECK_MESSAGE(reply.ends_with(tls ? "name= client=" : "plain"), reply);
  }
}
