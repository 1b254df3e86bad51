// The small readings below the importers, one table each.
#include <doctest/doctest.h>

#include "core/config/world.h"
#include "import/compose.h"
#include "import/endpoints.h"
#include "import/interpolation.h"
#include "import/kong.h"
#include "import/quantities.h"
#include "import/secrecy.h"

using namespace apigw;
using namespace apigw::import;

TEST_CASE("durations and sizes of others are read to the millisecond and byte, and out of range they are none") {
  CHECK(read_seconds("30") == 30'000);
  CHECK(read_seconds("0.5") == 500);
  CHECK(read_seconds("1.2345") == 1'234);
  for (const auto* bad : {"", "x", "-1", "1.", "0", "0.0001", "99999999999999999999", "2592001", "1e3"})
    CHECK_FALSE(read_seconds(bad));
  CHECK(read_go_duration("200ms") == 200);
  CHECK(read_go_duration("1m30s") == 90'000);
  CHECK(read_go_duration("1.5s") == 1'500);
  CHECK(read_go_duration("720h") == 2'592'000'000);
  for (const auto* bad : {"", "1", "s", "1d", "0s", "721h", "1s2", "999999999999h", "1ms1", "500us"})
    CHECK_FALSE(read_go_duration(bad));
  CHECK(duration_text(30'000) == "30s");
  CHECK(duration_text(1'500) == "1500ms");
  CHECK(read_docker_size("512M") == 512ULL << 20);
  CHECK(read_docker_size("1gb") == 1ULL << 30);
  CHECK(read_docker_size("64") == 64);
  for (const auto* bad : {"", "m", "0", "-1m", "1.5g", "1t", "99999999999999999g"})
    CHECK_FALSE(read_docker_size(bad));
  CHECK(size_text(512ULL << 20) == "512MiB");
  CHECK(size_text(1000) == "1000");
}

TEST_CASE("Compose's references take the forms of a config") {
  const std::pair<std::string_view, std::string_view> rows[] = {{"plain", "plain"},
                                                                {"${A}", "${A}"},
                                                                {"${A:-x}", "${A:-x}"},
                                                                {"${A-x}", "${A:-x}"},
                                                                {"${A:?why not}", "${A}"},
                                                                {"${A?}", "${A}"},
                                                                {"$A_1/b", "${A_1}/b"},
                                                                {"$$5", "$5"},
                                                                {"$${A}", "$${A}"},
                                                                {"a$", "a$"},
                                                                {"$1", "$1"},
                                                                {"${A:-}", "${A:-}"},
                                                                {"$${", "$${"},
                                                                {"x${A}y${B}z", "x${A}y${B}z"}};
  for (const auto& [from, to] : rows) {
    CAPTURE(from);
    CHECK(interpolated(from) == to);
  }
  for (const auto* bad : {"${", "${A", "${1}", "${}", "${A:+x}", "${A+x}", "${A:-${B}}", "${A:}"}) {
    CAPTURE(bad);
    CHECK_FALSE(interpolated(bad));
  }
}

TEST_CASE("paths of Kong become paths of routes, or say why not") {
  struct Row {
    std::string_view path, route, strip, rewrite;
  };
  const Row rows[] = {{"/", "/**", "", ""},
                      {"/orders", "/orders/**", "/orders", ""},
                      {"/orders/", "/orders/**", "/orders", ""},
                      {"~/orders/(?<id>\\d+)$", "/orders/{id}", "", "/"},
                      {"~^/orders/(\\d+)/items$", "/orders/{p2}/items", "", "/"},
                      {"~/v1\\.0/[^/]+/", "/v1.0/{p2}/**", "", "/{rest}"},
                      {"~/files/.*", "/files/**", "", "/{rest}"},
                      {"~/$", "/", "", "/"},
                      {"~/a/[a-z0-9-]{2,8}/?$", "/a/{p2}", "", "/"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const auto path = kong::read_path(row.path);
    CHECK(path.why == "");
    CHECK(path.path == row.route);
    CHECK(path.strip == row.strip);
    CHECK(path.rewrite == row.rewrite);
  }
  for (const auto* bad :
       {"orders", "~orders", "~/a(b|c)d", "~/(?<rest>.+)/x", "~/(?i)x", "/a//b", "/a b", "~/[", "~/(", "/{a"}) {
    CAPTURE(bad);
    CHECK(kong::read_path(bad).why != "");
  }
}

TEST_CASE("path templates become routes whose variables a route takes") {
  const std::pair<std::string_view, std::string_view> rows[] = {{"/a/{b}", "/a/{b}"},
                                                                {"/a/{pet-id}/{pet id}", "/a/{pet_id}/{pet_id_2}"},
                                                                {"/{rest}", "/{rest_of}"},
                                                                {"/{1st}", "/{v1st}"},
                                                                {"/", "/"}};
  for (const auto& [from, to] : rows) {
    CAPTURE(from);
    const auto route = route_path(from);
    CHECK(route.why == "");
    CHECK(route.path == to);
  }
  for (const auto* bad : {"", "a", "/{a}.json", "/a?b", "/a#b", "/a b", "/%2F", "/../a", "/{}"}) {
    CAPTURE(bad);
    CHECK(route_path(bad).why != "");
  }
  CHECK(route_path("/sp ace/x").why == "segment 'sp ace' cannot match");
  CHECK(kong::read_path("/sp ace/x").why == "segment 'sp ace' cannot match");
}

TEST_CASE("addresses are taken as a service takes them, or refused with the reason") {
  std::string why;
  CHECK(read_address("https://shop.example/v1/", why)->url == "https://shop.example/v1");
  CHECK(read_address("http://[::1]:9000", why)->host == "::1");
  CHECK(why == "");
  for (const auto* bad :
       {"", "/v1", "ftp://a", "https://", "https://user:pw@shop.example", "https://shop.example?a=b",
        "https://shop.example:0", "https://shop.example:99999", "https://sh op.example"}) {
    CAPTURE(bad);
    why.clear();
    CHECK_FALSE(read_address(bad, why));
    CHECK(why != "");
  }
  CHECK(host_name("api.stock.internal") == "stock");
  CHECK(host_name("127.0.0.1") == "");
  CHECK(host_name("localhost") == "");
}

TEST_CASE("secrets are known by their names and by their looks, and references are none") {
  for (const auto* name : {"DB_PASSWORD", "PASSWORD_DB", "MYSQL_PASS", "apiKey", "client-secret", "GITHUB_TOKEN",
                           "accessToken", "master_key", "AWS_SECRET_ACCESS_KEY", "pgPwd"})
    CHECK(secret_name(name));
  for (const auto* name : {"max_tokens", "name", "tokenizer", "KEYBOARD", "monkey", "tokenUrl", "compass", "", "_"})
    CHECK_FALSE(secret_name(name));
  CHECK(secret_text("postgres://user:pass@db/x"));
  CHECK(secret_text("-----BEGIN RSA PRIVATE KEY-----\nabc"));
  CHECK_FALSE(secret_text("postgres://user:${PASS}@db/x"));
  CHECK_FALSE(secret_text("https://shop.example/a:b@c"));
  CHECK(referred_variable("os.environ/KEY") == "KEY");
  CHECK(referred_variable("${KEY}") == "KEY");
  CHECK(referred_variable("${{ env \"DECK_KEY\" }}") == "DECK_KEY");
  CHECK_FALSE(referred_variable("${KEY:-x}"));
  CHECK_FALSE(referred_variable("$2a$10$abc"));
  for (const auto* reference : {"${KEY:-}", "${KEY:?set it}", "${KEY?}", "$KEY"}) CHECK(refers_only(reference));
  for (const auto* value : {"${KEY:-x}x", "${KEY}${KEY}", "${KEY:?a}b", "x${KEY}"}) CHECK_FALSE(refers_only(value));
  CHECK_FALSE(refers_only("${KEY:-x}"));
}

TEST_CASE("ports of Compose are read in every form") {
  struct Row {
    std::string_view item;
    unsigned target;
    std::string_view published;
  };
  const Row rows[] = {{"'3000'", 3000, ""},
                      {"'8080:80'", 80, "8080"},
                      {"'127.0.0.1:8001:8000/tcp'", 8000, "8001"},
                      {"'[::1]:8001:8000'", 8000, "8001"},
                      {"'${P:-8080}:80'", 80, "${P:-8080}"},
                      {"{ target: 80, published: '8080' }", 80, "8080"},
                      {"'8000-8010:80'", 80, ""}};
  for (const Row& row : rows) {
    CAPTURE(row.item);
    diag::Sources sources;
    diag::Report report;
    const auto tree = yaml::parse(sources.add("doc", std::string(row.item)), sources, report);
    REQUIRE(tree);
    const Beside nowhere;
    Importing to(sources, report, config::testing::vocabulary(), nowhere);
    const auto port = compose::read_port(tree->root(), to, "service 'a'");
    REQUIRE(port);
    CHECK(port->target == row.target);
    CHECK(port->published == row.published);
  }
  for (const auto* bad :
       {"'80/udp'", "x", "'a:b:c:d'", "'0'", "'70000'", "[80]", "{ published: 80 }", "'${P}'", "''"}) {
    CAPTURE(bad);
    diag::Sources sources;
    diag::Report report;
    const auto tree = yaml::parse(sources.add("doc", std::string(bad)), sources, report);
    REQUIRE(tree);
    const Beside nowhere;
    Importing to(sources, report, config::testing::vocabulary(), nowhere);
    CHECK_FALSE(compose::read_port(tree->root(), to, "service 'a'"));
    CHECK(report.all().size() == 1);
  }
  CHECK(compose::database("postgres:16") == "postgres");
  CHECK(compose::database("docker.io/bitnami/redis-cluster:7") == "redis");
  CHECK(compose::database("confluentinc/cp-kafka:7.6.0") == "kafka");
  for (const auto* image : {"shop/orders:1", "provectuslabs/kafka-ui:latest", "mongo-express:1", "", ":"})
    CHECK(compose::database(image) == "");
}
