#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles project() {
  return {{"apigw.yaml",
           "apigw: 1\n"
           "models:\n"
           "  chat: mock/chat\n"
           "services:\n"
           "  orders: http://127.0.0.1:9001/base\n"
           "routes:\n"
           "  GET /orders/{id}: orders\n"
           "  /orders/**: { to: orders, strip: /orders, set: { x-from: edge }, timeout: 3s }\n"
           "  GET /old: { redirect: /new }\n"}};
}

}  // namespace

TEST_CASE("a code's page is plain text in a pipe and marked on a terminal") {
  const auto plain = run({"explain", "AGW103"});
  CHECK(plain.exit == 0);
  CHECK(plain.out.starts_with("AGW103: duplicate key\n\n"));
  CHECK(plain.out.find("\nbad:\n    apigw: 1\n") != std::string::npos);
  CHECK(plain.out.find("```") == std::string::npos);
  CHECK(plain.out.find("**") == std::string::npos);
  CHECK(run({"explain", "103"}).out == plain.out);
  CHECK(run({"explain", "agw103"}).out == plain.out);
  CHECK(run({"explain", "AGW103", "--color", "always"}).out.starts_with("\x1b[1mAGW103: duplicate key\x1b[0m\n"));
  const auto json = nlohmann::json::parse(run({"explain", "AGW103", "-o", "json"}).out);
  CHECK(json.at("kind") == "code");
  CHECK(json.at("severity") == "error");
}

TEST_CASE("every code has a page") {
  for (const diag::Code& code : diag::codes()) {
    CAPTURE(code.number);
    const auto ran = run({"explain", std::to_string(code.number)});
    CHECK(ran.exit == 0);
    CHECK(ran.out.starts_with(fmt::format("AGW{}: {}\n", code.number, code.title)));
  }
}

TEST_CASE("every family of codes is named where a code of it is not there") {
  for (const diag::Code& code : diag::codes()) {
    const int last = code.number / 100 * 100 + 99;
    CAPTURE(last);
    const auto ran = run({"explain", std::to_string(last)});
    if (diag::find_code(last) == nullptr) CHECK(ran.err.find("codes about ") != std::string::npos);
  }
}

TEST_CASE("a field's page is found by its path or by an instance of it") {
  const auto page = run({"explain", "services.*.health"});
  CHECK(page.exit == 0);
  CHECK(page.out.starts_with("services.*.health: "));
  CHECK(run({"explain", "services.hello.health"}).out == page.out);
}

TEST_CASE("what only holds fields lists them") {
  const auto list = run({"explain", "services.*"});
  CHECK(list.exit == 0);
  CHECK(list.out.find("services.*.health\t") != std::string::npos);
  CHECK(run({"explain", "services.hello"}).out == list.out);
  CHECK(list.out.find("providers") == std::string::npos);
}

TEST_CASE("a field that holds fields has its page and lists them") {
  const auto caps = run({"explain", "caps"});
  CHECK(caps.out.starts_with("caps: mapping\n\nhow much to take\n"));
  CHECK(caps.out.find("\nFields:\n") != std::string::npos);
  CHECK(caps.out.find("\n  caps.in_flight ") != std::string::npos);
  const auto listen = run({"explain", "listen"});
  CHECK(listen.out.starts_with("listen: address or mapping, or a list of them\n"));
  CHECK(listen.out.find("\n  listen.address ") != std::string::npos);
  CHECK(run({"explain", "listen", "-o", "json"}).out.find("\"listen.tls.cert\"") != std::string::npos);
  CHECK(run({"explain", "caps.body"}).out.find("Fields:") == std::string::npos);
}

TEST_CASE("a request may be one word to the shell") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nservices: { s: 'http://127.0.0.1:9' }\nroutes: { GET /a: s }\n"}};
  CHECK(run({"explain", "GET /a"}, files).exit == 0);
  CHECK(run({"explain", "GET /a"}, files).out == run({"explain", "GET", "/a"}, files).out);
}

TEST_CASE("what is nothing to explain is exit 2 with a way on") {
  struct Row {
    std::vector<std::string> words;
    std::string_view says;
  };
  const Row rows[] = {
      {{},
       "error: nothing to explain\n help: write a code (AGW201), a field (services.*.url), or a request (GET "
       "/orders/7)\n"},
      {{"AGW999"},
       "error: there is no code AGW999\n help: there are AGW1xx syntax, AGW2xx fields, AGW3xx what the config means, "
       "AGW4xx security, AGW5xx reliability, AGW6xx prompts, AGW7xx emit, AGW8xx Kubernetes manifests\n"},
      {{"AGW599"},
       "error: there is no code AGW599\n help: codes about reliability are AGW501 to AGW503; validate prints the "
       "code "
       "of each finding\n"},
      {{"services.*.helth"},
       "error: 'services.*.helth' is neither a code, a field nor a path\n help: did you mean 'services.*.health'?\n"},
      {{"gte", "/x"}, "error: 'gte' is no method\n help: write it as in GET /orders/7\n"},
      {{"a", "b", "c"},
       "error: too many words to explain\n help: write a code (AGW201), a field (services.*.url), or a request (GET "
       "/orders/7)\n"},
  };
  for (const Row& row : rows) {
    std::vector<std::string> line{"explain"};
    line.insert(line.end(), row.words.begin(), row.words.end());
    const auto ran = run(line);
    CHECK(ran.exit == 2);
    CHECK(ran.err == row.says);
  }
}

TEST_CASE("a request is followed to its upstream with the line of each value") {
  auto files = project();
  CHECK(run({"explain", "GET", "/orders/7?full=1"}, files).out ==
        "GET /orders/7?full=1\n"
        "\n"
        "  route     GET /orders/{id}  (apigw.yaml:7)\n"
        "  auth      none, by default\n"
        "  target    service 'orders'  (apigw.yaml:5)\n"
        "  {id}      7\n"
        "  body      at most 10485760 bytes, by default\n"
        "  upstream  GET /base/orders/7?full=1\n"
        "  host      127.0.0.1:9001\n"
        "  instance  http://127.0.0.1:9001\n"
        "\n"
        "Routes of this path\n"
        "\n"
        "  + GET /orders/{id}: chosen  (apigw.yaml:7)\n"
        "  + /orders/**: less specific than 'GET /orders/{id}'  (apigw.yaml:8)\n"
        "\n"
        "Request to service 'orders'\n"
        "\n"
        "  GET /base/orders/7?full=1 HTTP/1.1\n"
        "  host: 127.0.0.1:9001\n"
        "  x-forwarded-for: {client}\n"
        "  x-forwarded-proto: http\n"
        "  x-forwarded-host: {host}\n"
        "  x-request-id: {request-id}\n"
        "  traceparent: {traceparent}\n"
        "  via: 1.1 {instance}\n");
  const auto rest = run({"explain", "PUT", "/orders/7/items"}, files).out;
  CHECK(rest.find("  timeout   3000 ms  (apigw.yaml:8)\n") != std::string::npos);
  CHECK(rest.find("  upstream  PUT /base/7/items\n") != std::string::npos);
  CHECK(rest.find("  header    set x-from: edge  (apigw.yaml:8)\n") != std::string::npos);
}

TEST_CASE("an AI endpoint lists the models that it takes") {
  auto files = project();
  const auto out = run({"explain", "POST", "/v1/chat/completions"}, files).out;
  CHECK(out.find("  model     chat is mock/chat  (apigw.yaml:3)\n") != std::string::npos);
  CHECK(out.find("  auth      key, by default\n") != std::string::npos);
  CHECK(run({"explain", "post", "/v1/chat/completions"}, files).out == out);
}

TEST_CASE("of a call that names its model no other one is listed") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nmodels: { chat: mock/chat, deep: [mock/a, mock/b], gpt-*: mock/c, off: deep }\n"},
      {"prompts/mood.prompt", "---\nmodel: mock/small\n---\nJudge it"}};
  const auto models = [&](std::string_view name) {
    const std::string out =
        run({"explain", "POST", "/v1/messages", "-d",
             fmt::format(R"({{"model":"{}","max_tokens":9,"messages":[{{"role":"user","content":"x"}}]}})", name)},
            files)
            .out;
    std::string found;
    for (auto at = out.find("\n  model "); at != std::string::npos; at = out.find("\n  model ", at + 1))
      found += out.substr(at + 13, out.find(' ', at + 13) - at - 13) + ";";
    return found;
  };
  CHECK(models("chat") == "chat;");
  CHECK(models("gpt-5") == "gpt-*;");
  CHECK(models("off") == "off;");
  CHECK(models("prompt/mood") == "");  // it names a target itself
  CHECK(models("nothing") == "chat;deep;gpt-*;off;");
}

TEST_CASE("a path that names model and method is explained by itself") {
  testing::MemoryFiles files{
      {"apigw.yaml",
       "apigw: 1\nproviders: { anthropic: {} }\nmodels: { chat: mock/chat, deep: anthropic/claude-opus-4-5 }\n"}};
  const auto told = [&](std::string_view rest) {
    return run({"explain", "POST", fmt::format("/v1beta/models/{}", rest)}, files).out;
  };
  const auto chat = told("chat:streamGenerateContent?alt=sse");
  CHECK(chat.contains("\n  endpoint  gemini chat"));
  CHECK(chat.contains("\n  target    mock/chat\n"));
  CHECK(told("deep:generateContent").contains(R"("content":"Hello")"));
  CHECK(told("chat:countTokens").contains("\n  endpoint  gemini count_tokens"));
  CHECK(told("chat:embedContent").contains("\n  endpoint  gemini embeddings"));
  CHECK(told("chat:batchEmbedContents").contains("\n  endpoint  gemini batch_embeddings"));
  CHECK(told("chat:cook").contains("\n  refused   404 no such operation on a model is served here\n"));
  CHECK(told("none:generateContent").contains("\n  refused   404 the model 'none' does not exist here"));
}

TEST_CASE("a prompt is an endpoint, and who answers it the target") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { chat: mock/chat }\n"},
                             {"prompts/mood.prompt", "---\nmodel: chat\n---\nJudge {{text}}"}};
  const auto asked = run({"explain", "POST", "/prompts/mood", "-d", R"({"text":"x"})"}, files);
  INFO(asked.out);
  CHECK(asked.out.contains("\n  endpoint  prompt 'mood'"));
  CHECK(asked.out.contains("\n  target    mock/chat\n"));
  const auto without = run({"explain", "POST", "/prompts/mood"}, files);
  CHECK(without.out.contains("\n  endpoint  prompt 'mood'"));
  CHECK_FALSE(without.out.contains("\n  target "));
}

TEST_CASE("what a client speaks is the endpoint, and who answers it the target") {
  auto files = project();
  const auto asked = run({"explain", "POST", "/v1/chat/completions", "--model", "chat"}, files).out;
  CHECK(asked.contains("  endpoint  openai chat  ("));
  CHECK(asked.contains("\n  target    mock/chat\n"));
  CHECK_FALSE(run({"explain", "POST", "/v1/chat/completions"}, files).out.contains("target"));
}

TEST_CASE(
    "either call of Ollama's clients is shown as the chat that a target of another dialect gets, with no loss") {
  auto files = project();
  for (const char* path : {"/api/chat", "/api/generate"}) {
    CAPTURE(path);
    const auto asked = run({"explain", "POST", path, "--model", "chat"}, files).out;
    CHECK(asked.contains("POST /chat/completions HTTP/1.1"));
    CHECK(asked.contains(R"("messages":[{"role":"user","content":"Hello"}])"));
    CHECK_FALSE(asked.contains("dropped"));
  }
}

TEST_CASE(
    "a call of Cohere's clients is shown as the chat that a target of another dialect gets, a ranking as it came") {
  auto files = project();
  const auto asked = run({"explain", "POST", "/v2/chat", "--model", "chat"}, files).out;
  CHECK(asked.contains("POST /chat/completions HTTP/1.1"));
  CHECK(asked.contains(R"("messages":[{"role":"user","content":"Hello"}])"));
  CHECK_FALSE(asked.contains("dropped"));
  for (const char* path : {"/v1/rerank", "/v2/rerank"}) {
    CAPTURE(path);
    const auto ranked = run({"explain", "POST", path, "--model", "chat"}, files).out;
    CHECK(ranked.contains("POST /rerank HTTP/1.1"));
    CHECK(ranked.contains(R"("query":"Hello","documents":["Hello"])"));
  }
}

TEST_CASE("a call to a model is followed to each of its targets, with the place of the key and never the key") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\n"
                              "providers:\n"
                              "  openai: { key: env:OPENAI_API_KEY }\n"
                              "models:\n"
                              "  chat: [openai/gpt-5-mini, mock/small]\n"}};
  const testing::Setting setting{.in = {}, .environment = {{"OPENAI_API_KEY", "sk-secret"}}, .terminal = {}};
  const auto ran = run({"explain", "POST", "/v1/chat/completions", "--model", "chat"}, files, setting);
  CHECK(ran.exit == 0);
  CHECK(
      ran.out.ends_with("Request to openai/gpt-5-mini\n"
                        "\n"
                        "  POST /v1/chat/completions HTTP/1.1\n"
                        "  host: api.openai.com\n"
                        "  content-type: application/json\n"
                        "  x-request-id: {request-id}\n"
                        "  traceparent: {traceparent}\n"
                        "  via: 1.1 {instance}\n"
                        "  authorization: Bearer {env:OPENAI_API_KEY}\n"
                        "  content-length: 97\n"
                        "\n"
                        "  "
                        "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_"
                        "completion_tokens\":256}\n"
                        "\n"
                        "When that fails, to mock/small\n"
                        "\n"
                        "  POST /chat/completions HTTP/1.1\n"
                        "  host: mock\n"
                        "  content-type: application/json\n"
                        "  x-request-id: {request-id}\n"
                        "  traceparent: {traceparent}\n"
                        "  via: 1.1 {instance}\n"
                        "  content-length: 92\n"
                        "\n"
                        "  "
                        "{\"model\":\"small\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_"
                        "completion_tokens\":256}\n"));
  CHECK(ran.out.find("sk-secret") == std::string::npos);
  const auto json = nlohmann::json::parse(
      run({"explain", "POST", "/v1/chat/completions", "-d", R"({"model":"chat","stream":true})", "-o", "json"}, files)
          .out);
  REQUIRE(json.at("requests").size() == 2);
  CHECK(json.at("requests")[0].at("to") == "openai/gpt-5-mini");
  CHECK(json.at("requests")[0].at("body") ==
        R"({"stream_options":{"include_usage":true},"model":"gpt-5-mini","stream":true})");
  const auto unknown = run({"explain", "POST", "/v1/chat/completions", "--model", "chatt"}, files);
  CHECK(unknown.exit == 1);
  CHECK(unknown.out.find("  refused   404 the model 'chatt' does not exist here; did you mean 'chat'?\n") !=
        std::string::npos);
}

TEST_CASE("calls to clouds show how they are signed or borne, and never the secret") {
  testing::MemoryFiles files{
      {"apigw.yaml",
       "apigw: 1\n"
       "providers:\n"
       "  bedrock: { region: eu-central-1, aws: { access_key_id: env:KEY_ID, secret_access_key: env:KEY_SECRET } }\n"
       "  vertex-anthropic: { region: global, project: shop, key: file:google.json }\n"
       "models:\n"
       "  chat: [bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0, "
       "vertex-anthropic/claude-sonnet-4-5@20250929]\n"},
      {"google.json", "{\n \"private_key\": \"very-secret\"\n}\n"}};
  files.modes["/project/google.json"] = 0600;
  const testing::Setting setting{
      .in = {}, .environment = {{"KEY_ID", "AKIDEXAMPLE"}, {"KEY_SECRET", "very-secret-too"}}, .terminal = {}};
  const auto ran = run({"explain", "POST", "/v1/chat/completions", "--model", "chat"}, files, setting);
  CHECK(ran.exit == 0);
  CAPTURE(ran.out);
  for (const std::string_view part :
       {"  POST /model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse HTTP/1.1\n"
        "  host: bedrock-runtime.eu-central-1.amazonaws.com\n",
        "  authorization: AWS4-HMAC-SHA256 Credential={env:KEY_ID}/…/eu-central-1/bedrock/aws4_request, signed with "
        "{env:KEY_SECRET}\n",
        R"({"messages":[{"role":"user","content":[{"text":"Hello"}]}],"inferenceConfig":{"maxTokens":256}})",
        "  POST "
        "/v1/projects/shop/locations/global/publishers/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict "
        "HTTP/1.1\n  host: aiplatform.googleapis.com\n",
        "  authorization: Bearer {file:google.json}\n",
        R"({"anthropic_version":"vertex-2023-10-16","max_tokens":256)"})
    CHECK(ran.out.contains(part));
  CHECK_FALSE(ran.out.contains("very-secret"));
}

TEST_CASE("a target of another dialect is shown what it would get, what that loses, and why it is passed over") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\n"
                              "providers: { openai: {} }\n"
                              "models:\n"
                              "  chat: openai/gpt-5-mini\n"
                              "  strict: { targets: openai/gpt-5-mini, losses: error }\n"}};
  const testing::Setting setting{.in = {}, .environment = {{"OPENAI_API_KEY", "sk-secret"}}, .terminal = {}};
  const auto body = [](std::string_view model) {
    return fmt::format(R"({{"model":"{}","max_tokens":9,"top_k":4,"messages":[{{"role":"user","content":"hi"}}]}})",
                       model);
  };
  const auto ran = run({"explain", "POST", "/v1/messages", "-d", body("chat")}, files, setting);
  CHECK(ran.exit == 0);
  CHECK(ran.out.find("  POST /v1/chat/completions HTTP/1.1\n") != std::string::npos);
  CHECK(ran.out.find("\n  lost on the way\n    dropped top_k: ") != std::string::npos);
  const auto json = nlohmann::json::parse(
      run({"explain", "POST", "/v1/messages", "-d", body("chat"), "-o", "json"}, files, setting).out);
  CHECK(json.at("requests")[0].at("losses")[0].at("path") == "top_k");
  const auto strict = run({"explain", "POST", "/v1/messages", "-d", body("strict")}, files, setting);
  CHECK(strict.exit == 1);
  CHECK(strict.out.find("  refused   400 'top_k' would be dropped") != std::string::npos);
  CHECK(strict.out.find("\nPassed over: openai/gpt-5-mini\n") != std::string::npos);
}

TEST_CASE("a request that the gateway would not even read is exit 2") {
  auto files = project();
  const auto twice = run({"explain", "POST", "/orders/7", "--model", "chat", "-d", "{}"}, files);
  CHECK(twice.exit == 2);
  CHECK(twice.err == "error: --model and --data exclude each other\n help: name the model inside of the body\n");
  const auto framing = run({"explain", "POST", "/orders/7", "-H", "transfer-encoding: gzip"}, files);
  CHECK(framing.exit == 2);
  CHECK(framing.err.starts_with("error: the gateway would refuse this request: "));
}

TEST_CASE("a request that nobody serves is exit 1 and says which status it gets") {
  auto files = project();
  const auto ran = run({"explain", "/nowhere"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.out == "GET /nowhere\n\n  refused   404 no route serves this host and path\n");
  const auto json = nlohmann::json::parse(run({"explain", "/nowhere", "-o", "json"}, files).out);
  CHECK(json.at("served") == false);
  CHECK(json.at("refusal").at("status") == 404);
}

TEST_CASE("a config that waits for a variable says so, and does not call it an error") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\nproviders: { up: { dialect: openai, url: \"${UP_BASE}\" } }\n"
                              "models: { m: up/m }\n"}};
  const auto ran = run({"explain", "POST", "/v1/chat/completions"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err.find("warning[AGW213]") != std::string::npos);
  CHECK(ran.err.find("error: the config is not whole without the variables that are named above\n help: set them, in "
                     "the environment or in .env beside the config, and run this again\n") != std::string::npos);
}

TEST_CASE("a broken config is exit 2 with its findings on stderr") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nroutes:\n  GET /x: nosuch\n"}};
  const auto ran = run({"explain", "/x"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("error[AGW322]") != std::string::npos);
  CHECK(ran.err.ends_with("error: the config has errors\n help: 'apigw explain CODE' explains each of them\n"));
}

TEST_CASE("each limit of a route tells the line that set it, its own before the one for all") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\n"
                              "models: { chat: mock/chat }\n"
                              "services: { orders: http://127.0.0.1:9001 }\n"
                              "timeouts:\n"
                              "  whole: 9s\n"
                              "caps:\n"
                              "  body: 1KiB\n"
                              "  ai_body: 2KiB\n"
                              "routes:\n"
                              "  GET /far: orders\n"
                              "  GET /near:\n"
                              "    to: orders\n"
                              "    timeout: 3s\n"
                              "    body: 5B\n"}};
  const auto has = [&](const std::string& path, std::string_view part) {
    return run({"explain", path}, files).out.find(part) != std::string::npos;
  };
  CHECK(has("/far", "  timeout   9000 ms  (apigw.yaml:5)\n  body      at most 1024 bytes  (apigw.yaml:7)\n"));
  CHECK(has("/near", "  timeout   3000 ms  (apigw.yaml:13)\n  body      at most 5 bytes  (apigw.yaml:14)\n"));
  CHECK(has("/v1/models", "  body      at most 2048 bytes  (apigw.yaml:8)\n"));
}

TEST_CASE("the body of an explained request may come from a file") {
  apigw::testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { chat: mock/chat }\n"},
                                    {"body.json", R"({"model":"chat","messages":[{"role":"user","content":"x"}]})"}};
  const auto told = apigw::testing::run({"explain", "POST", "/v1/chat/completions", "-d", "@body.json"}, files);
  CHECK(told.exit == 0);
  CHECK_MESSAGE(told.out.contains("mock"), told.out);
  CHECK(apigw::testing::run({"explain", "POST", "/v1/chat/completions", "-d", "@none.json"}, files).exit == 2);
}
