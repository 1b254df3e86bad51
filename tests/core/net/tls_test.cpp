// TLS on both sides, with certificates made here.
#include <fstream>

#include "certificates.h"
#include "session.h"
#include "support/process.h"

using namespace apigw;
using namespace apigw::test;

namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";

struct TlsRig {
  explicit TlsRig(ServeOne serve = echo)
      : files(authority.issue("first", "DNS:localhost,IP:127.0.0.1")),
        rig(std::move(serve),
            [this](model::Plan& plan) { plan.listeners.front().tls = model::TlsFiles{files.cert, files.key}; }) {}
  support::TempDir directory;
  Authority authority{directory.path()};
  CertificateFiles files;
  Rig rig;
};

}  // namespace

TEST_CASE("a TLS listener serves HTTP/1.1 over TLS 1.2 and 1.3 and nothing older") {
  TlsRig tls;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Session session(tls.rig.connect(), {.ca_file = tls.authority.ca_file(), .newest = version, .identity = {}},
                    false);
    REQUIRE(session.ok());
    CHECK(session.ask(get).ends_with("GET / []"));
  }
  CHECK_FALSE(Session(tls.rig.connect(),
                      {.ca_file = tls.authority.ca_file(), .newest = TLS1_1_VERSION, .identity = {}}, false)
                  .ok());
  CHECK_FALSE(
      Session(tls.rig.connect(), {.ca_file = tls.authority.ca_file(), .protocols = "\x02h2", .identity = {}}, false)
          .ok());
  CHECK(Session(tls.rig.connect(),
                {.ca_file = tls.authority.ca_file(), .protocols = "\x02h2\x08http/1.1", .identity = {}}, false)
            .ok());
}

TEST_CASE("large bodies pass under TLS in both directions") {
  TlsRig tls;
  Session session(tls.rig.connect(), {.ca_file = tls.authority.ca_file(), .identity = {}}, false);
  REQUIRE(session.ok());
  const std::string body(3 << 20, 'x');
  session.send("POST /big HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: " +
               std::to_string(body.size()) + "\r\n\r\n");
  session.send(body);
  const std::string reply = session.all();
  CHECK(reply.size() > body.size());
  CHECK(reply.ends_with("xxx]"));
}

TEST_CASE("a handshake that does not come ends in time") {
  TlsRig tls;
  Wire silent = tls.rig.connect();
  while (tls.rig.server().counters().connections == 0) std::this_thread::yield();
  for (int i = 0; i < 100 && !silent.ended(); ++i) {
    tls.rig.clock.leap(11s);
    silent.more(100ms);
  }
  CHECK(silent.ended());
}

TEST_CASE("new certificates serve the next handshakes, unusable ones change nothing and are named") {
  TlsRig tls;
  const Session::Rules rules{.ca_file = tls.authority.ca_file(), .identity = {}};
  Session before(tls.rig.connect(), rules, false);
  CHECK(before.peer() == "first");
  const CertificateFiles second = tls.authority.issue("second", "DNS:localhost");
  model::Plan next = tls.rig.plan;
  next.listeners.front().tls = model::TlsFiles{second.cert, second.key};
  REQUIRE(tls.rig.server().configure(next, false));
  CHECK(Session(tls.rig.connect(), rules, false).peer() == "second");
  CHECK(before.ask(get).ends_with("GET / []"));

  struct Row {
    const char* name;
    model::TlsFiles files;
    std::string error;
  };
  std::ofstream(tls.directory / "garbage.pem") << "not a certificate";
  for (const Row& row : {Row{"missing",
                             {tls.directory / "none.pem", second.key},
                             "certificate " + (tls.directory / "none.pem") + ": no such file"},
                         Row{"garbage",
                             {tls.directory / "garbage.pem", second.key},
                             "certificate " + (tls.directory / "garbage.pem") + ": no start line"},
                         Row{"another's key", {second.cert, tls.files.key}, "private key " + tls.files.key}}) {
    CAPTURE(row.name);
    next.listeners.front().tls = row.files;
    const auto bound = tls.rig.server().configure(next, false);
    REQUIRE_FALSE(bound);
    CHECK(bound.error().kind == ErrorKind::tls);
    CHECK(bound.error().what.starts_with(row.error));
    CHECK(Session(tls.rig.connect(), rules, false).peer() == "second");
  }
}

TEST_CASE("an upstream's certificate must be trusted and for its name") {
  support::TempDir directory, elsewhere;
  Authority authority(directory.path()), stranger(elsewhere.path());
  const CertificateFiles good = authority.issue("good", "DNS:localhost,IP:127.0.0.1");
  const CertificateFiles other = authority.issue("other", "DNS:other.example");
  struct Row {
    const char* name;
    CertificateFiles identity;
    std::string host, ca_file;
    bool verify;
    std::string expected;
  };
  const Row rows[] = {
      {"by name", good, "localhost", authority.ca_file(), true, "name=localhost client="},
      {"by address", good, "127.0.0.1", authority.ca_file(), true, "name= client="},
      {"an unknown authority", good, "localhost", stranger.ca_file(), true, "tls: TLS with localhost:"},
      {"the system's authorities only", good, "localhost", "", true, "tls: TLS with localhost:"},
      {"for another name", other, "localhost", authority.ca_file(), true, "hostname mismatch"},
      {"for another address", other, "127.0.0.1", authority.ca_file(), true, "IP address mismatch"},
      {"unverified", other, "localhost", "", false, "name=localhost client="},
      {"a CA file that is not there", good, "localhost", elsewhere / "none.pem", true, "no such file"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Peer upstream(secure_upstream({.ca_file = {}, .identity = row.identity}));
    gateway::Destination to;
    to.origin = {true, row.host, upstream.port()};
    to.outbound.ca_file = row.ca_file;
    to.outbound.verify = row.verify;
    Rig rig(forward(to));
    const std::string reply = rig.ask(get);
    CHECK_MESSAGE(reply.contains(row.expected), reply);
  }
}

TEST_CASE("a client certificate is shown to the upstream that asks for it") {
  support::TempDir directory;
  Authority authority(directory.path());
  const CertificateFiles server = authority.issue("server", "DNS:localhost");
  const CertificateFiles client = authority.issue("gateway", "DNS:gateway");
  Peer upstream(secure_upstream({.ca_file = authority.ca_file(), .identity = server, .client_must_show_one = true}));
  gateway::Destination to;
  to.origin = {true, "localhost", upstream.port()};
  to.outbound.ca_file = authority.ca_file();
  Rig without(forward(to));
  CHECK(without.ask(get).starts_with("HTTP/1.1 502 "));
  to.outbound.client_cert_file = client.cert;
  to.outbound.client_key_file = client.key;
  Rig with(forward(to));
  CHECK(with.ask(get).ends_with("client=gateway"));
}

TEST_CASE("a pooled TLS connection is used again") {
  support::TempDir directory;
  Authority authority(directory.path());
  Peer upstream(secure_upstream({.ca_file = {}, .identity = authority.issue("server", "DNS:localhost")}));
  gateway::Destination to;
  to.origin = {true, "localhost", upstream.port()};
  to.outbound.ca_file = authority.ca_file();
  Rig rig(forward(to), {}, 1);
  Wire wire = rig.connect();
  for (int i = 0; i < 5; ++i) {
    wire.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
    CHECK(wire.reply().ends_with("client="));
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("under TLS an end without close_notify is a cut, not an end") {
  support::TempDir directory;
  Authority authority(directory.path());
  const Session::Rules rules{.ca_file = {}, .identity = authority.issue("server", "DNS:localhost")};
  Peer upstream([&](Wire& wire, int) {
    const int fd = wire.number();
    Session session(std::move(wire), rules, true);
    session.until("\r\n\r\n");
    session.send("HTTP/1.1 200 OK\r\n\r\nhello");
    ::shutdown(fd, SHUT_WR);
    session.all();
  });
  gateway::Destination to;
  to.origin = {true, "localhost", upstream.port()};
  to.outbound.ca_file = authority.ca_file();
  Rig rig(forward(to));
  Wire wire = rig.connect();
  wire.send(get);
  CHECK_FALSE(wire.all().ends_with("0\r\n\r\n"));
  CHECK(wire.was_reset());
}
