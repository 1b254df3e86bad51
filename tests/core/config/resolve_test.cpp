#include "config/resolve.h"

#include <doctest/doctest.h>

#include "config/readers.h"
#include "core/config/world.h"
#include "credential/service_account.h"
#include "support/service_account.h"

using namespace apigw;
using namespace apigw::config;
using namespace apigw::config::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const model::Route* route(const Loaded& loaded, std::string_view id) {
  for (const auto& r : loaded.plan->routes)
    if (r.id == id) return &r;
  return nullptr;
}

std::string_view text_at(const Loaded& loaded, Span where) {
  return loaded.sources.text(where.source).substr(where.begin, where.end - where.begin);
}

}  // namespace

TEST_CASE("three lines are a whole config") {
  const auto loaded = load_text("apigw: 1\nproviders: { openai: {} }\nmodels: { chat: [openai/gpt-5-mini] }\n");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.report.all().empty());
  const auto& plan = *loaded.plan;
  CHECK(plan.listeners[0].text() == "127.0.0.1:8080");
  CHECK_FALSE(plan.listeners[0].port_given);
  REQUIRE(plan.providers.size() == 2);
  CHECK(plan.providers[0].origin.text() == "https://api.openai.com:443");
  CHECK(plan.providers[0].base_path == "/v1");
  CHECK(plan.providers[0].key.name == "OPENAI_API_KEY");
  CHECK(plan.providers[1].name == "mock");
  CHECK(plan.providers[1].mock);
  CHECK(plan.models[0].targets[0].model == "gpt-5-mini");
  REQUIRE(route(loaded, "POST /v1/chat/completions") != nullptr);
  CHECK(route(loaded, "POST /v1/chat/completions")->auth.key);
  CHECK(route(loaded, "POST /v1/chat/completions")->body_cap == 32u << 20);
}

TEST_CASE("the nearer setting replaces the farther one, and its place is kept") {
  const auto loaded = load_text(R"(apigw: 1
defaults: { auth: key }
timeouts: { first_byte: 20s, whole: 50s }
caps: { body: 2MiB, upstream_connections: 7 }
outbound: { proxy: env, ca: top.pem }
providers: { openai: { outbound: { proxy: none }, timeout: 90s } }
models: { chat: openai/x }
services:
  near: { url: "http://127.0.0.1:1", timeout: 3s, connections: 2 }
  far: http://127.0.0.1:2
routes:
  /near: { to: near, auth: none, timeout: 4s, body: 5B, body_rate: 6 }
  /far: far
)");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  const auto* near = route(loaded, "/near");
  const auto* far = route(loaded, "/far");
  CHECK(near->own_auth);
  CHECK(near->auth.none);
  CHECK(text_at(loaded, near->auth.where) == "none");
  CHECK(near->timeout == milliseconds(4000));
  CHECK(near->body_cap == 5);
  CHECK(near->body_rate == 6);
  CHECK(text_at(loaded, near->body_where) == "5B");
  CHECK(text_at(loaded, near->timeout_where) == "4s");
  CHECK_FALSE(far->own_auth);
  CHECK(far->auth.key);
  CHECK(text_at(loaded, far->auth.where) == "key");
  CHECK(far->timeout == milliseconds(50'000));
  CHECK(far->body_cap == 2u << 20);
  CHECK(text_at(loaded, far->body_where) == "2MiB");
  CHECK(text_at(loaded, far->timeout_where) == "50s");
  CHECK(loaded.plan->services[0].timeouts.first_byte == seconds(3));
  CHECK(loaded.plan->services[0].connections == 2);
  CHECK(loaded.plan->services[1].timeouts.first_byte == seconds(20));
  CHECK(loaded.plan->services[1].connections == 7);
  CHECK(loaded.plan->services[1].outbound.ca_file == "top.pem");
  CHECK(loaded.plan->providers[0].outbound.ca_file.empty());
  CHECK(loaded.plan->providers[0].timeouts.whole == seconds(90));
  CHECK(loaded.plan->providers[0].timeouts.first_byte == seconds(120));
}

TEST_CASE("without any auth setting routes on loopback are open and AI endpoints are not") {
  const auto loaded =
      load_text("apigw: 1\nmodels: { chat: mock/x }\nservices: { a: http://127.0.0.1:1 }\nroutes: { /a: a }\n");
  CHECK(route(loaded, "/a")->auth.none);
  CHECK(route(loaded, "GET /v1/models")->auth.key);
}

TEST_CASE("the variable of a known provider is not sent to another address") {
  const auto key_of = [](std::string_view fields) {
    return load_text(
               fmt::format("apigw: 1\nproviders: {{ openai: {{ {} }} }}\nmodels: {{ chat: openai/x }}\n", fields))
        .plan->providers[0]
        .key.name;
  };
  CHECK(key_of("") == "OPENAI_API_KEY");
  CHECK(key_of("url: \"https://api.openai.com/v2\"") == "OPENAI_API_KEY");
  CHECK(key_of("url: \"http://127.0.0.1:1234/v1\"").empty());
  CHECK(key_of("url: \"mock:\"").empty());
  CHECK(key_of("url: \"http://127.0.0.1:1234/v1\", key: env:OTHER") == "OTHER");
}

TEST_CASE("models flatten to targets in order, each once") {
  const auto loaded = load_text(R"(apigw: 1
models:
  chat: [deep, mock/a, mock/b]
  deep: { targets: [mock/b, mock/c] }
  gpt-*: chat
  any-*: mock/*
)");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  const auto names = [&](std::size_t i) {
    std::string out;
    for (const auto& target : loaded.plan->models[i].targets) out += target.model + " ";
    return out;
  };
  CHECK(names(0) == "b c a ");
  CHECK(names(2) == "b c a ");
  CHECK(loaded.plan->models[2].pattern);
  CHECK(loaded.plan->models[3].targets[0].model.empty());
}

TEST_CASE("a diamond of models costs no more than its targets") {
  std::string text = "apigw: 1\nmodels:\n  m0: mock/x\n";
  for (int i = 1; i < 60; ++i) text += fmt::format("  m{}: [m{}, mock/{}, m{}]\n", i, i - 1, i, i - 1);
  const auto loaded = load_text(text);
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->models.back().targets.size() == 60);
}

TEST_CASE("routes carry all that was written") {
  const auto loaded = load_text(R"(apigw: 1
services: { a: http://127.0.0.1:1 }
routes:
  GET,POST   /a/{id}/**:
    - to: a
      host: "*.Shop.example"
      when: { header: { X-Version: "2*", x-any: "*" }, query: { debug: "true" } }
      rewrite: /b/{id}/{rest}
      set: { X-Shop: web }
      remove: [Cookie]
      response: { set: { cache-control: no-store }, remove: server }
    - a
  /old/**: { redirect: { to: "https://shop.example/{rest}", status: 302 } }
  /s/**: { to: a, strip: /s/ }
)");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  const auto* first = route(loaded, "GET,POST /a/{id}/**");
  REQUIRE(first != nullptr);
  CHECK(first->methods == std::vector<std::string>{"GET", "POST"});
  CHECK(first->path == "/a/{id}/**");
  CHECK(first->host == "*.shop.example");
  REQUIRE(first->conditions.size() == 3);
  CHECK(first->conditions[0].name == "x-version");
  CHECK(first->conditions[0].value == "2*");
  CHECK_FALSE(first->conditions[1].value);
  CHECK(std::get<model::ToService>(first->action).rewrite == "/b/{id}/{rest}");
  CHECK(first->request_headers[0].name == "x-shop");
  CHECK_FALSE(first->request_headers[1].value);
  CHECK(first->response_headers.size() == 2);
  REQUIRE(route(loaded, "GET,POST /a/{id}/** #2") != nullptr);
  CHECK(route(loaded, "GET,POST /a/{id}/** #2")->conditions.empty());
  CHECK(std::get<model::ToRedirect>(route(loaded, "/old/**")->action).status == 302);
  CHECK(std::get<model::ToService>(route(loaded, "/s/**")->action).strip == "/s");
}

TEST_CASE("a service that run starts waits for its port; serve takes its url") {
  const std::string text =
      "apigw: 1\nservices: { a: { run: ./a, url: \"http://a.internal:9001\", env: { MODE: fast }, calls: [b] }, b: { "
      "run: ./b, port: 9100 } }\nroutes: { /a: a }\n";
  World world(text);
  world.request.development = true;
  const auto developed = world.load();
  REQUIRE(developed.plan != nullptr);
  CHECK(developed.plan->services[0].instances[0].port == 0);
  CHECK(developed.plan->services[0].environment.at("MODE") == "fast");
  CHECK(developed.plan->services[0].run->directory == ".");
  CHECK(developed.plan->services[0].calls == std::vector<std::string>{"b"});
  CHECK(developed.plan->services[1].instances[0].port == 9100);
  const auto served = load_text(text);
  CHECK(served.plan->services[0].instances[0].host == "a.internal");
}

TEST_CASE("run adds its own consumer, admin key and provider/model endpoints") {
  World world("apigw: 1\n");
  world.request.development = true;
  world.request.dev_key = Secret("dev-key");
  world.request.admin_key = Secret("admin-key");
  const auto loaded = world.load();
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->consumers.back().dev);
  CHECK(loaded.plan->consumers.back().key.loaded());
  CHECK(loaded.plan->admin.on);
  CHECK(loaded.plan->admin.key.kind == model::SecretRef::Kind::minted);
  CHECK(route(loaded, "POST /v1/chat/completions") != nullptr);
  CHECK_FALSE(load_text("apigw: 1\n").plan->admin.on);
  CHECK(load_text("apigw: 1\n").plan->routes.empty());
}

TEST_CASE("without a file the environment names the providers, and the mock is there") {
  World world("");
  world.request.path.clear();
  world.request.development = true;
  world.request.secrets = Secrets::optional;
  world.environment = {{"OPENAI_API_KEY", "k"}, {"GROQ_API_KEY", ""}};
  world.request.sets = {{"listen", "127.0.0.1:9999"}};
  const auto loaded = world.load();
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  REQUIRE(loaded.plan->providers.size() == 2);
  CHECK(loaded.plan->providers[0].name == "openai");
  CHECK(loaded.plan->providers[0].key.loaded());
  CHECK(loaded.plan->providers[1].mock);
  CHECK(loaded.plan->models.empty());
  CHECK(loaded.plan->file.empty());
  CHECK(loaded.files.empty());
  CHECK(loaded.plan->listeners[0].port == 9999);
  CHECK(route(loaded, "POST /v1/chat/completions")->auth.key);
}

TEST_CASE("a key is weak that is short or of few characters") {
  CHECK(config::weakness_of(Secret("0123456789abcde")) == "fewer than 16 characters");
  CHECK(config::weakness_of(Secret("0123456789abcdef")).empty());
  CHECK(config::weakness_of(Secret("0101010101234012340")) == "fewer than 6 different characters");
  CHECK(config::weakness_of(Secret("0101010101234501234")).empty());
  World world("apigw: 1\nmodels: { chat: mock/x }\nconsumers: { shop: { key: env:SHOP } }\n");
  world.environment["SHOP"] = "short";
  for (const auto [secrets, found] : {std::pair(Secrets::ignore, ""),
                                      {Secrets::optional, ""},
                                      {Secrets::checked, "AGW417"},
                                      {Secrets::required, "AGW417"}}) {
    world.request.secrets = secrets;
    CHECK(codes(world.load()) == found);
  }
}

TEST_CASE("secrets are loaded as the command needs them") {
  const std::string text =
      "apigw: 1\nproviders: { openai: {} }\nmodels: { chat: openai/x }\nconsumers: { shop: { key: file:keys/shop } "
      "}\n";
  World world(text);
  CHECK(world.load().report.all().empty());  // validate needs none
  world.request.secrets = Secrets::optional;
  world.files.content["keys/shop"] = "test-key-0123456789abcdef\n";
  auto loaded = world.load();
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->providers[0].off == "OPENAI_API_KEY is not set");
  CHECK(loaded.plan->consumers[0].key.value.expose() == "test-key-0123456789abcdef");
  CHECK(codes(loaded) == "AGW502");
  world.request.secrets = Secrets::required;
  loaded = world.load();
  CHECK(codes(loaded) == "AGW405");
  CHECK(loaded.plan == nullptr);
  world.environment["OPENAI_API_KEY"] = "k";
  CHECK(world.load().plan != nullptr);
  CHECK(world.load().plan->providers[0].off.empty());
  world.environment["OPENAI_API_KEY"] = "k\nx: y";
  CHECK(codes(world.load()) == "AGW405");
  world.environment["OPENAI_API_KEY"] = "k";
  for (const unsigned mode : {0640u, 0604u, 0620u}) {
    world.files.modes["keys/shop"] = mode;
    CHECK(codes(world.load()) == "AGW404");
  }
  world.files.modes["keys/shop"] = 0400;
  CHECK(world.load().plan != nullptr);
}

TEST_CASE("a credential of systemd is taken with the rights that its access list shows") {
  World world("apigw: 1\nconsumers: { shop: { key: file:/run/credentials/apigw.service/SHOP } }\n");
  world.request.secrets = Secrets::required;
  world.files.content["/run/credentials/apigw.service/SHOP"] = "test-key-0123456789abcdef\n";
  world.files.modes["/run/credentials/apigw.service/SHOP"] = 0440;
  CHECK(codes(world.load()) == "AGW404");
  world.environment["CREDENTIALS_DIRECTORY"] = "/run/credentials/other.service";
  CHECK(codes(world.load()) == "AGW404");
  world.environment["CREDENTIALS_DIRECTORY"] = "";
  CHECK(codes(world.load()) == "AGW404");
  world.environment["CREDENTIALS_DIRECTORY"] = "/run/credentials/apigw.service";
  CHECK(world.load().plan != nullptr);
}

TEST_CASE("a cloud's address is filled from labels, and its usual variable goes there alone") {
  struct Row {
    const char *entry, *address, *variable;
  };
  for (const Row& row :
       {Row{"bedrock: { region: eu-central-1 }", "https://bedrock-runtime.eu-central-1.amazonaws.com:443",
            "AWS_BEARER_TOKEN_BEDROCK"},
        Row{"bedrock: { url: https://bedrock-runtime.us-east-1.amazonaws.com }",
            "https://bedrock-runtime.us-east-1.amazonaws.com:443", "AWS_BEARER_TOKEN_BEDROCK"},
        Row{"bedrock: { url: https://bedrock-runtime.us-east-1.amazonaws.com.evil.example }",
            "https://bedrock-runtime.us-east-1.amazonaws.com.evil.example:443", ""},
        Row{"vertex: { region: europe-west4, project: shop }",
            "https://europe-west4-aiplatform.googleapis.com:443/v1/projects/shop/locations/europe-west4",
            "GOOGLE_CREDENTIALS"},
        Row{"vertex: { region: global, project: shop }",
            "https://aiplatform.googleapis.com:443/v1/projects/shop/locations/global", "GOOGLE_CREDENTIALS"},
        Row{"vertex: { url: https://aiplatform.googleapis.com/v1/projects/p/locations/global }",
            "https://aiplatform.googleapis.com:443/v1/projects/p/locations/global", "GOOGLE_CREDENTIALS"}}) {
    CAPTURE(row.entry);
    const std::string text =
        fmt::format("apigw: 1\nproviders: {{ {} }}\nmodels: {{ chat: {}/m }}\n", row.entry,
                    std::string_view(row.entry).substr(0, std::string_view(row.entry).find(':')));
    const auto loaded = World(text).load();
    REQUIRE_MESSAGE(loaded.plan, codes(loaded));
    const model::Provider& provider = loaded.plan->providers.front();
    CHECK(provider.origin.text() + provider.base_path == row.address);
    CHECK(provider.key.name == row.variable);
  }
  for (const char* region : {"eu.evil.example", "eu/..", "\"a#b\"", "\"169.254.169.254%23\"", "A B"}) {
    CAPTURE(region);
    const auto loaded =
        World(fmt::format("apigw: 1\nproviders: {{ bedrock: {{ region: {} }} }}\nmodels: {{ chat: bedrock/m }}\n",
                          region))
            .load();
    CHECK(loaded.plan == nullptr);
  }
}

TEST_CASE("a key of AWS is read with its region, from the field or from the address") {
  World world(
      "apigw: 1\ndefaults: { auth: none }\nproviders:\n"
      "  bedrock: { region: eu-central-1, aws: { access_key_id: env:ID, secret_access_key: env:SECRET } }\n"
      "  other: { dialect: bedrock, url: https://bedrock-runtime.us-west-2.amazonaws.com, aws: { access_key_id: "
      "env:ID, "
      "secret_access_key: env:SECRET, session_token: env:TOKEN } }\n"
      "models: { chat: [bedrock/m, other/m] }\n");
  world.request.secrets = Secrets::required;
  world.environment = {{"ID", "AKIDEXAMPLE"}, {"SECRET", "a-secret-of-aws"}};
  CHECK(codes(world.load()) == "AGW405");
  world.environment["TOKEN"] = "temporary";
  const auto loaded = world.load();
  REQUIRE(loaded.plan);
  const auto& first = *loaded.plan->providers[0].aws;
  CHECK(first.region == "eu-central-1");
  CHECK((first.loaded() && first.session_token.value.empty()));
  CHECK(loaded.plan->providers[0].key.kind == model::SecretRef::Kind::none);
  const auto& second = *loaded.plan->providers[1].aws;
  CHECK(second.region == "us-west-2");
  CHECK(second.session_token.value.expose() == "temporary");
}

TEST_CASE("the file of a service account is kept on one line, and one that cannot be used is told") {
  World world(
      "apigw: 1\ndefaults: { auth: none }\nproviders: { vertex: { region: global, project: shop, key: "
      "file:google.json } "
      "}\n"
      "models: { chat: vertex/gemini-2.5-flash }\n");
  world.request.secrets = Secrets::required;
  world.files.modes["google.json"] = 0600;
  world.files.content["google.json"] =
      "{\n  \"type\": \"authorized_user\",\n  \"client_secret\": \"planted-secret\"\n}\n";
  const auto other = world.load();
  CHECK(codes(other) == "AGW405");
  CHECK(rendered(other).contains("it is no usable key of a service account: its type is 'authorized_user'"));
  CHECK_FALSE(rendered(other).contains("planted-secret"));
  std::string account = test::account("https://oauth2.googleapis.com/token");
  account.insert(1, "\n  ");
  world.files.content["google.json"] = account + "\n";
  const auto loaded = world.load();
  REQUIRE_MESSAGE(loaded.plan, rendered(loaded));
  const Secret& key = loaded.plan->providers.front().key.value;
  CHECK_FALSE(key.expose().contains('\n'));
  CHECK(credential::ServiceAccount::read(key));
  world.files.content["google.json"] = "ya29.a-token-from-elsewhere\n";
  CHECK(world.load().plan != nullptr);
}

TEST_CASE("a minted admin key stands in where the named one is missing") {
  World world("apigw: 1\nadmin: { key: env:ADMIN }\n");
  world.request.development = true;
  world.request.secrets = Secrets::optional;
  world.request.admin_key = Secret("minted");
  const auto loaded = world.load();
  CHECK(codes(loaded) == "AGW405");
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->admin.key.value.expose() == "minted");
}

TEST_CASE("what becomes of losses is a model's own word, and that of the name that it only stands for") {
  const auto loaded = load_text(R"(apigw: 1
models:
  plain: mock/a
  strict: { targets: mock/a, losses: error }
  gpt-*: strict
  own: { targets: strict, losses: drop }
  several: [strict, mock/b]
)");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  std::vector<std::string_view> strict;
  for (const auto& model : loaded.plan->models)
    if (model.refuse_losses) strict.push_back(model.name);
  CHECK(strict == std::vector<std::string_view>{"strict", "gpt-*"});
  const auto wrong = load_text("apigw: 1\nmodels: { chat: { targets: mock/a, losses: warn } }\n");
  CHECK(wrong.plan == nullptr);
  CHECK(rendered(wrong).find("losses cannot be 'warn'") != std::string::npos);
}

TEST_CASE("dialects that share a path are told apart by the header that their clients send") {
  const auto loaded = load_text("apigw: 1\nmodels: { chat: mock/a }\n");
  REQUIRE(loaded.plan != nullptr);
  const auto* list = route(loaded, "GET /v1/models (anthropic)");
  REQUIRE(list != nullptr);
  REQUIRE(list->conditions.size() == 1);
  CHECK(list->conditions[0].name == "anthropic-version");
  REQUIRE(route(loaded, "GET /v1/models") != nullptr);
  CHECK(route(loaded, "GET /v1/models")->conditions.empty());
}

TEST_CASE("what emit deploys is in the plan, with its defaults") {
  const auto loaded = load_text(
      "apigw: 1\n"
      "services:\n"
      "  a: { image: registry.shop.example/a:1.4.2, scale: 2..10, cpu: 0.5, memory: 64MiB, port: 9000 }\n"
      "  b: { image: b@sha256:" +
      std::string(64, 'a') +
      ", scale: 3 }\n"
      "routes: { /a: a, /b: b }\n"
      "deploy:\n"
      "  gateway: { image: registry.shop.example/apigw:1.0.0, host: API.shop.example, cpu: 250m }\n"
      "  kubernetes: { namespace: shop, tls: shop-tls }\n"
      "  patches:\n"
      "    - { to: Deployment/a, merge: { n: 1.5, o: 007, t: \"1\", u: true, w: yes, z: null, l: [a, 2] } }\n"
      "    - { to: Service/*, json: [{ op: remove, path: /spec }] }\n");
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.report.all().empty());
  const model::Service& a = loaded.plan->services[0];
  CHECK(a.container.image == "registry.shop.example/a:1.4.2");
  CHECK(a.container.scale->least == 2);
  CHECK(a.container.scale->most == 10);
  CHECK(a.container.cpu == 500);
  CHECK(a.container.memory == 64u << 20);
  CHECK(a.port == 9000);
  CHECK_FALSE(a.run);
  const model::Service& b = loaded.plan->services[1];
  CHECK(b.container.scale->least == 3);
  CHECK(b.container.scale->most == 3);
  CHECK(b.container.cpu == 100);
  const model::Deploy& deploy = loaded.plan->deploy;
  CHECK(deploy.gateway.image == "registry.shop.example/apigw:1.0.0");
  CHECK_FALSE(deploy.gateway.scale);
  CHECK(deploy.gateway.memory == 256u << 20);
  CHECK(deploy.host == "api.shop.example");
  CHECK(deploy.name_space == "shop");
  CHECK(deploy.tls == "shop-tls");
  REQUIRE(deploy.patches.size() == 2);
  CHECK(deploy.patches[0].merge);
  CHECK(deploy.patches[0].json == R"({"n":1.5,"o":"007","t":"1","u":true,"w":"yes","z":null,"l":["a",2]})");
  CHECK_FALSE(deploy.patches[1].merge);
  CHECK(deploy.patches[1].to == "Service/*");
}

TEST_CASE("only emit can do with an image alone") {
  World world("apigw: 1\nservices: { a: { image: \"a:1\" } }\nroutes: { /a: a }\n");
  CHECK(codes(world.load()).empty());
  world.request.development = true;
  CHECK(codes(world.load()) == "AGW327");
  world.request.development = false;
  world.request.secrets = Secrets::required;
  CHECK(codes(world.load()) == "AGW327");
}

TEST_CASE("the parts of an image's name") {
  struct Row {
    std::string_view image, name, tag;
    bool good;
  };
  const std::string digest = "@sha256:" + std::string(64, '0');
  for (const Row& row : {Row{"orders:1.4.2", "orders", "1.4.2", true},
                         {"localhost:5000/orders:1", "localhost:5000/orders", "1", true},
                         {"r.example:5000/a/b_c/d-e:V1.0_rc-1", "r.example:5000/a/b_c/d-e", "V1.0_rc-1", true},
                         {"r.example:5000/a", "r.example:5000/a", "", true},
                         {"a__b:1", "a__b", "1", true},
                         {"a___b:1", "a___b", "1", false},
                         {"a..b:1", "a..b", "1", false},
                         {"a_:1", "a_", "1", false},
                         {"Orders:1", "Orders", "1", false},
                         {"a//b:1", "a//b", "1", false},
                         {"orders:", "orders", "", false},
                         {"orders:a b", "orders", "a b", false},
                         {":1", "", "1", false},
                         {"", "", "", false}}) {
    CAPTURE(row.image);
    const ImageName parts = split_image(row.image);
    CHECK(parts.well_formed == row.good);
    CHECK(parts.name == row.name);
    CHECK(parts.tag == row.tag);
  }
  CHECK(split_image("a" + digest).well_formed);
  CHECK(split_image("a:1" + digest).tag == "1");
  CHECK_FALSE(split_image("a:1@sha256:00").well_formed);
}

TEST_CASE("an endpoint that yields gives way to a route that takes its path, in silence, and others do not") {
  Vocabulary words = vocabulary();
  for (const std::string_view path : {"/api/chat", "/api/tags"})
    words.endpoints.push_back({"POST", path, "ollama", "chat", {}, true});
  struct Row {
    std::string_view routes;
    bool chat, tags;  // are served
  };
  for (const Row& row :
       {Row{"/orders/**: a", true, true}, Row{"POST /api/chat: a", false, true}, Row{"GET /api/chat: a", true, true},
        Row{"/api/**: a", false, false}, Row{"/**: a", false, false}, Row{"/api/{what}: a", false, false},
        Row{"/api/chat/{id}: a", true, true}, Row{"/{one}/tags: a", true, false}, Row{"/api/chat/**: a", false, true},
        Row{"POST /api: a", true, true}, Row{"/api/chat: { to: a, host: a.example }", true, true},
        Row{"/**: { to: a, host: a.example }", true, true},
        Row{"/api/chat: { to: a, when: { header: { X-A: b } } }", true, true},
        // Where its path is a pattern, the endpoint would be the more specific one.
        Row{"/api/**: { to: a, when: { header: { X-A: b } } }", false, false}}) {
    CAPTURE(row.routes);
    World world(
        fmt::format("apigw: 1\nproviders: {{ openai: {{}} }}\nmodels: {{ chat: openai/x }}\n"
                    "services: {{ a: http://127.0.0.1:1 }}\nroutes:\n  {}\n",
                    row.routes));
    const auto loaded = config::load(world.request, world.files, world.environment, words);
    INFO(rendered(loaded));
    REQUIRE(loaded.plan != nullptr);
    CHECK(loaded.report.all().empty());
    std::size_t chat = 0, tags = 0;
    for (const auto& one : loaded.plan->routes) {
      const auto* endpoint = std::get_if<model::Endpoint>(&one.action);
      if (endpoint == nullptr || endpoint->dialect != "ollama") continue;
      ++(one.path == "/api/chat" ? chat : tags);
    }
    CHECK(chat == (row.chat ? 1 : 0));
    CHECK(tags == (row.tags ? 1 : 0));
    CHECK(route(loaded, "POST /v1/chat/completions") != nullptr);
  }
}
