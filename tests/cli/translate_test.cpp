#include <doctest/doctest.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles files() {
  return {
      {"request.json",
       R"({"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"logit_bias":{"5":1}})"},
      {"plain.json", R"({"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})"},
      {"reply.json",
       R"({"id":"m1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"hello"}],)"
       R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}})"},
      {"events.txt",
       "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"
       "data: "
       "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}]}\n\n"
       "data: [DONE]\n\n"},
      {"cut.txt",
       "data: "
       "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hel\"}}]}\n\n"}};
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a request is translated to stdout, and what it loses is said on stderr") {
  auto all = files();
  const auto ran = run({"translate", "--from", "openai", "--to", "anthropic", "request.json"}, all);
  CHECK(ran.exit == 0);
  CHECK(holds(ran.out, R"("model":"gpt")"));
  CHECK(holds(ran.out, R"("max_tokens":9)"));
  CHECK_FALSE(holds(ran.out, "logit_bias"));
  CHECK(ran.out.ends_with("}\n"));
  CHECK(ran.err.starts_with("dropped: logit_bias: "));
  const auto named =
      run({"translate", "--from", "openai", "--to", "anthropic", "--model", "claude", "-q", "request.json"}, all);
  CHECK(holds(named.out, R"("model":"claude")"));
  CHECK(named.err.empty());
}

TEST_CASE("what a gateway refuses for its depth is refused, in a request sooner than in a reply") {
  const auto nested = [](unsigned depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  auto all = files();
  for (const unsigned depth : {63u, 64u, 127u, 128u}) {
    CAPTURE(depth);
    all.content["/project/deep.json"] =
        fmt::format(R"({{"model":"gpt","messages":[{{"role":"user","content":"hi"}}],"x":{}}})", nested(depth));
    CHECK(run({"translate", "--from", "openai", "--to", "openai", "deep.json"}, all).exit == (depth < 64 ? 0 : 2));
    all.content["/project/deep.json"] =
        fmt::format(R"({{"id":"c","choices":[{{"index":0,"message":{{"role":"assistant","content":"x"}}}}],"x":{}}})",
                    nested(depth));
    CHECK(run({"translate", "--from", "openai", "--to", "openai", "--reply", "deep.json"}, all).exit ==
          (depth < 128 ? 0 : 2));
  }
}

TEST_CASE("a loss of a model that nobody knows here says so, and one of a known model does not") {
  testing::MemoryFiles all{
      {"warm.json", R"({"model":"m","max_tokens":9,"temperature":0.5,"messages":[{"role":"user","content":"hi"}]})"}};
  const auto lost = [&](const char* from, const char* to, const char* model) {
    return run({"translate", "--from", from, "--to", to, "--model", model, "warm.json"}, all).err;
  };
  CHECK(lost("openai", "anthropic", "claude-3-5-haiku-latest") ==
        "dropped: temperature: this model is not known here, so it is taken for one that takes no word on how it "
        "samples\n");
  CHECK(lost("openai", "anthropic", "claude-opus-4-8") ==
        "dropped: temperature: the model takes no word on how it samples\n");
  CHECK(lost("openai", "anthropic", "claude-haiku-4-5") == "");
  CHECK(lost("anthropic", "openai", "llama3") ==
        "dropped: temperature: this model is not known here, so it is taken for a reasoning model, which takes its "
        "own value only\n");
  CHECK(lost("anthropic", "openai", "gpt-5") == "dropped: temperature: a reasoning model takes its own value only\n");
  CHECK(lost("anthropic", "groq", "llama3") == "");
}

TEST_CASE("--to takes a provider of the config or a known one, beside a dialect") {
  testing::MemoryFiles all{
      {"apigw.yaml",
       "apigw: 1\nproviders:\n  claude: { url: https://claude.example, dialect: anthropic }\n"
       "  az: { url: https://az.example, dialect: azure-openai }\n"},
      {"plain.json", R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})"}};
  const auto groq = run({"translate", "--from", "anthropic", "--to", "groq", "plain.json"}, all);
  CHECK(groq.exit == 0);
  CHECK(holds(groq.out, R"("max_tokens":9)"));  // the older name, which most servers know
  CHECK(holds(run({"translate", "--from", "anthropic", "--to", "openai", "plain.json"}, all).out,
              R"("max_completion_tokens":9)"));
  all.content["/project/told.json"] =
      R"({"model":"m","messages":[{"role":"system","content":"Be brief"},{"role":"user","content":"hi"}]})";
  const auto own = run({"translate", "--from", "openai", "--to", "claude", "told.json"}, all);
  CHECK(own.exit == 0);
  CHECK(holds(own.out, R"("system":)"));
  const auto azure = run({"translate", "--from", "anthropic", "--to", "az", "plain.json"}, all);
  CHECK(azure.exit == 0);
  CHECK(holds(azure.out, R"("max_completion_tokens":9)"));
  CHECK(run({"translate", "--from", "openai", "--to", "grok", "plain.json"}, all).err ==
        "error: --to cannot be 'grok'\n help: did you mean 'groq'?\n");
  CHECK(run({"translate", "--from", "openai", "--to", "somewhere-else", "plain.json"}, all).err ==
        "error: --to cannot be 'somewhere-else'\n help: a dialect (openai, openai-completions, openai-responses, "
        "anthropic, "
        "gemini, mistral, cohere, ollama), or a provider such as groq\n");
}

TEST_CASE("requests are written for providers whose dialect no client speaks, and for variants as they take them") {
  testing::MemoryFiles all{
      {"plain.json", R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}]})"},
      {"reply.json",
       R"({"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"end_turn"})"}};
  const auto converse = run({"translate", "--from", "openai", "--to", "bedrock", "--model",
                             "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "plain.json"},
                            all);
  CHECK(converse.out ==
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}],\"inferenceConfig\":{\"maxTokens\":99}}"
        "\n");
  const auto vertex = run({"translate", "--from", "openai", "--to", "vertex-anthropic", "--model",
                           "claude-sonnet-4-5@20250929", "plain.json"},
                          all);
  CHECK(vertex.out.starts_with(R"({"anthropic_version":"vertex-2023-10-16","max_tokens":99)"));
  const auto reply = run({"translate", "--reply", "--from", "anthropic", "--to", "bedrock", "reply.json"}, all);
  CHECK(reply.exit == 2);
  CHECK(holds(reply.err, "no client speaks 'bedrock'"));
}

TEST_CASE("a dialect stands for the provider that made it") {
  testing::MemoryFiles all{
      {"plain.json", R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"hi"}]})"}};
  const auto written = [&](const char* model) {
    return run({"translate", "--from", "openai", "--to", "openai-responses", "--model", model, "plain.json"}, all)
        .out;
  };
  CHECK(holds(written("gpt-5"), R"("include":["reasoning.encrypted_content"])"));
  CHECK_FALSE(holds(written("gpt-4o"), R"("include")"));
}

TEST_CASE("strict makes a loss the answer no") {
  auto all = files();
  CHECK(run({"translate", "--from", "openai", "--to", "anthropic", "--strict", "request.json"}, all).exit == 1);
  CHECK(run({"translate", "--from", "openai", "--to", "anthropic", "--strict", "plain.json"}, all).exit == 0);
}

TEST_CASE("explain shows the losses as a table instead") {
  auto all = files();
  const auto ran = run({"translate", "--from", "openai", "--to", "anthropic", "--explain", "request.json"}, all);
  CHECK(ran.exit == 0);
  CHECK(ran.out.starts_with("dropped\tlogit_bias\t"));
  CHECK(ran.err.empty());
  const auto json =
      run({"translate", "--from", "openai", "--to", "anthropic", "--explain", "-o", "json", "request.json"}, all);
  CHECK(holds(json.out, R"("kind": "losses")"));
}

TEST_CASE("replies and streams are translated too, and a stream that is cut ends in an error") {
  auto all = files();
  const auto reply = run({"translate", "--from", "anthropic", "--to", "openai", "--reply", "reply.json"}, all);
  CHECK(reply.exit == 0);
  CHECK(holds(reply.out, R"("content":"hello")"));
  const auto stream = run({"translate", "--from", "openai", "--to", "anthropic", "--stream", "events.txt"}, all);
  CHECK(stream.exit == 0);
  CHECK(holds(stream.out, R"("text":"hel")"));
  CHECK(holds(stream.out, "event: message_stop"));
  const auto cut = run({"translate", "--from", "openai", "--to", "anthropic", "--stream", "cut.txt"}, all);
  CHECK(cut.exit == 1);
  CHECK(holds(cut.out, "event: error"));
  CHECK_FALSE(holds(cut.out, "message_stop"));
  const auto lines = run({"translate", "--from", "openai", "--to", "ollama", "--stream", "events.txt"}, all);
  CHECK(lines.exit == 0);
  CHECK(holds(lines.out, "\"content\":\"hel\"},\"done\":false}\n{"));
  all.content["/project/lines.txt"] = lines.out;
  const auto back = run({"translate", "--from", "ollama", "--to", "openai", "--stream", "lines.txt"}, all);
  CHECK(back.exit == 0);
  CHECK(holds(back.out, R"("delta":{"content":"hel"})"));
  CHECK(back.out.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("a reply that is an error becomes the other dialect's error, and the answer is no") {
  auto all = files();
  all.content["/project/ant.json"] = R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}})";
  all.content["/project/oai.json"] =
      R"({"error":{"message":"No such model","type":"invalid_request_error","param":"model","code":"model_not_found"}})";
  const auto to_openai = run({"translate", "--from", "anthropic", "--to", "openai", "--reply", "ant.json"}, all);
  CHECK(to_openai.exit == 1);
  CHECK(to_openai.err == "error: the reply is an error: Slow down\n");
  CHECK(holds(to_openai.out, R"({"error":{"message":"Slow down")"));
  const auto to_anthropic = run({"translate", "--from", "openai", "--to", "anthropic", "--reply", "oai.json"}, all);
  CHECK(to_anthropic.exit == 1);
  CHECK(holds(to_anthropic.out, R"("type":"error")"));
  CHECK(holds(to_anthropic.out, R"("message":"No such model")"));
}

TEST_CASE("a stream's losses are listed like those of a reply, and strict makes them the answer no") {
  auto all = files();
  all.content["/project/cited.txt"] =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\",\"annotations\":[]}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"annotations\":[{\"type\":\"url_citation\"}]},"
      "\"finish_reason\":\"stop\"}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":0.5}}\n\n"
      "data: [DONE]\n\n";
  all.content["/project/cited.json"] =
      R"({"id":"c","choices":[{"index":0,"message":{"content":"hel","annotations":[{"type":"url_citation"}]},)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"cost":0.5}})";
  const auto stream =
      run({"translate", "--from", "openai", "--to", "anthropic", "--stream", "--strict", "cited.txt"}, all);
  const auto reply =
      run({"translate", "--from", "openai", "--to", "anthropic", "--reply", "--strict", "cited.json"}, all);
  CHECK(stream.exit == 1);
  CHECK(reply.exit == 1);
  CHECK(stream.err ==
        "dropped: choices[0].message.annotations: Anthropic has no place for it\n"
        "dropped: usage.cost: Anthropic has no place for it\n");
  for (const std::string_view line : {"dropped: choices[0].message.annotations", "dropped: usage.cost"})
    CHECK(holds(reply.err, line));
}

TEST_CASE("input that is not what it is said to be is exit 2") {
  auto all = files();
  all.content["/project/broken.json"] = "{";
  const auto broken = run({"translate", "--from", "openai", "--to", "anthropic", "broken.json"}, all);
  CHECK(broken.exit == 2);
  CHECK(broken.err.starts_with("error: this request cannot be translated: "));
  CHECK(run({"translate", "--from", "openai", "--to", "anthropic", "none.json"}, all).exit == 2);
  CHECK(run({"translate", "--from", "opnai", "--to", "anthropic", "plain.json"}, all).exit == 2);
  CHECK(run({"translate", "--to", "anthropic", "plain.json"}, all).exit == 2);
  CHECK(run({"translate", "--from", "openai", "--to", "anthropic", "-o", "json", "plain.json"}, all).exit == 2);
  CHECK(run({"translate", "--from", "openai", "--to", "anthropic", "--reply", "--stream", "plain.json"}, all).exit ==
        2);
}
