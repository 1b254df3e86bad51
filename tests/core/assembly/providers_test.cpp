// Every provider of the catalogue against a server over sockets: what three lines of config and one call make it get.
//
// What is expected stands in the table here and is not read from the catalogue: a row that changes fails, and so does
// a provider that has no line.
#include "catalogue/providers.h"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "assembly/engine.h"
#include "assembly/vocabulary.h"
#include "base/text.h"
#include "config/load.h"
#include "core/net/harness.h"

using namespace apigw;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// Where the key stands also tells the dialect: only Anthropic's and Gemini's have headers of their own.
enum class KeyIn : std::uint8_t { none, bearer, x_api_key, x_goog_api_key };

struct Line {
  std::string_view provider;
  std::string_view address;  // where the config alone would send the call
  std::string_view path;     // of the request that it gets
  KeyIn key;
  std::string_view variable;              // that the key comes from
  std::string_view limit = "max_tokens";  // its name for the most tokens of an answer
  std::string_view thoughts = "";         // member that an earlier thought goes back in; empty: it does not
  bool marks = false;                     // the caller's cache marks go along
  bool top_k = true;                      // takes that parameter
};

constexpr auto lines = std::to_array<Line>({
    {"alibaba", "https://dashscope-intl.aliyuncs.com:443", "/compatible-mode/v1/chat/completions", KeyIn::bearer,
     "DASHSCOPE_API_KEY"},
    {"anthropic", "https://api.anthropic.com:443", "/v1/messages", KeyIn::x_api_key, "ANTHROPIC_API_KEY",
     "max_tokens", "", true},
    {"baseten", "https://inference.baseten.co:443", "/v1/chat/completions", KeyIn::bearer, "BASETEN_API_KEY"},
    {"bedrock", "https://bedrock-runtime.eu-central-1.amazonaws.com:443", "/model/a-model-of-tomorrow/converse",
     KeyIn::bearer, "AWS_BEARER_TOKEN_BEDROCK"},
    {"cerebras", "https://api.cerebras.ai:443", "/v1/chat/completions", KeyIn::bearer, "CEREBRAS_API_KEY"},
    {"cohere", "https://api.cohere.com:443", "/v2/chat", KeyIn::bearer, "COHERE_API_KEY"},
    {"deepinfra", "https://api.deepinfra.com:443", "/v1/openai/chat/completions", KeyIn::bearer, "DEEPINFRA_API_KEY"},
    {"deepseek", "https://api.deepseek.com:443", "/chat/completions", KeyIn::bearer, "DEEPSEEK_API_KEY", "max_tokens",
     "reasoning_content"},
    {"digitalocean", "https://inference.do-ai.run:443", "/v1/chat/completions", KeyIn::bearer,
     "DIGITALOCEAN_ACCESS_TOKEN"},
    {"fireworks", "https://api.fireworks.ai:443", "/inference/v1/chat/completions", KeyIn::bearer,
     "FIREWORKS_API_KEY"},
    {"friendli", "https://api.friendli.ai:443", "/serverless/v1/chat/completions", KeyIn::bearer, "FRIENDLI_TOKEN"},
    {"gemini", "https://generativelanguage.googleapis.com:443", "/v1beta/models/a-model-of-tomorrow:generateContent",
     KeyIn::x_goog_api_key, "GEMINI_API_KEY"},
    {"github-models", "https://models.github.ai:443", "/inference/chat/completions", KeyIn::bearer, "GITHUB_TOKEN"},
    {"google", "https://generativelanguage.googleapis.com:443", "/v1beta/models/a-model-of-tomorrow:generateContent",
     KeyIn::x_goog_api_key, "GEMINI_API_KEY"},
    {"groq", "https://api.groq.com:443", "/openai/v1/chat/completions", KeyIn::bearer, "GROQ_API_KEY"},
    {"huggingface", "https://router.huggingface.co:443", "/v1/chat/completions", KeyIn::bearer, "HF_TOKEN"},
    {"hyperbolic", "https://api.hyperbolic.xyz:443", "/v1/chat/completions", KeyIn::bearer, "HYPERBOLIC_API_KEY"},
    {"inference", "https://api.inference.net:443", "/v1/chat/completions", KeyIn::bearer, "INFERENCE_API_KEY"},
    {"llama", "https://api.llama.com:443", "/compat/v1/chat/completions", KeyIn::bearer, "LLAMA_API_KEY"},
    {"llamacpp", "http://127.0.0.1:8080", "/v1/chat/completions", KeyIn::none, ""},
    {"lmstudio", "http://127.0.0.1:1234", "/v1/chat/completions", KeyIn::none, ""},
    {"minimax", "https://api.minimax.io:443", "/anthropic/v1/messages", KeyIn::x_api_key, "MINIMAX_API_KEY",
     "max_tokens", "", true},
    {"mistral", "https://api.mistral.ai:443", "/v1/chat/completions", KeyIn::bearer, "MISTRAL_API_KEY", "max_tokens",
     "", false, false},
    {"moonshot", "https://api.moonshot.ai:443", "/v1/chat/completions", KeyIn::bearer, "MOONSHOT_API_KEY"},
    {"nebius", "https://api.tokenfactory.nebius.com:443", "/v1/chat/completions", KeyIn::bearer, "NEBIUS_API_KEY"},
    {"novita", "https://api.novita.ai:443", "/openai/chat/completions", KeyIn::bearer, "NOVITA_API_KEY"},
    {"nvidia", "https://integrate.api.nvidia.com:443", "/v1/chat/completions", KeyIn::bearer, "NVIDIA_API_KEY"},
    {"ollama", "http://127.0.0.1:11434", "/api/chat", KeyIn::none, ""},
    {"ollama-cloud", "https://ollama.com:443", "/api/chat", KeyIn::bearer, "OLLAMA_API_KEY"},
    {"openai", "https://api.openai.com:443", "/v1/chat/completions", KeyIn::bearer, "OPENAI_API_KEY",
     "max_completion_tokens", "", false, false},
    {"openrouter", "https://openrouter.ai:443", "/api/v1/chat/completions", KeyIn::bearer, "OPENROUTER_API_KEY",
     "max_tokens", "reasoning_details", true},
    {"ovhcloud", "https://oai.endpoints.kepler.ai.cloud.ovh.net:443", "/v1/chat/completions", KeyIn::bearer,
     "OVHCLOUD_API_KEY"},
    {"perplexity", "https://api.perplexity.ai:443", "/chat/completions", KeyIn::bearer, "PERPLEXITY_API_KEY"},
    {"sambanova", "https://api.sambanova.ai:443", "/v1/chat/completions", KeyIn::bearer, "SAMBANOVA_API_KEY"},
    {"scaleway", "https://api.scaleway.ai:443", "/v1/chat/completions", KeyIn::bearer, "SCALEWAY_API_KEY"},
    {"siliconflow", "https://api.siliconflow.com:443", "/v1/chat/completions", KeyIn::bearer, "SILICONFLOW_API_KEY"},
    {"stepfun", "https://api.stepfun.com:443", "/v1/chat/completions", KeyIn::bearer, "STEPFUN_API_KEY"},
    {"together", "https://api.together.xyz:443", "/v1/chat/completions", KeyIn::bearer, "TOGETHER_API_KEY"},
    {"upstage", "https://api.upstage.ai:443", "/v1/solar/chat/completions", KeyIn::bearer, "UPSTAGE_API_KEY"},
    {"vercel", "https://ai-gateway.vercel.sh:443", "/v1/chat/completions", KeyIn::bearer, "AI_GATEWAY_API_KEY"},
    {"vertex", "https://eu-central-1-aiplatform.googleapis.com:443",
     "/v1/projects/shop/locations/eu-central-1/publishers/google/models/a-model-of-tomorrow:generateContent",
     KeyIn::bearer, "GOOGLE_CREDENTIALS"},
    {"vertex-anthropic", "https://eu-central-1-aiplatform.googleapis.com:443",
     "/v1/projects/shop/locations/eu-central-1/publishers/anthropic/models/a-model-of-tomorrow:rawPredict",
     KeyIn::bearer, "GOOGLE_CREDENTIALS"},
    {"vllm", "http://127.0.0.1:8000", "/v1/chat/completions", KeyIn::none, ""},
    {"xai", "https://api.x.ai:443", "/v1/chat/completions", KeyIn::bearer, "XAI_API_KEY"},
    {"zai", "https://api.z.ai:443", "/api/paas/v4/chat/completions", KeyIn::bearer, "ZHIPU_API_KEY"},
});

// No row of the models: what is seen is the provider's.
constexpr std::string_view of_tomorrow = "a-model-of-tomorrow";

constexpr std::string_view of_anthropic =
    R"({"model":"chat","max_tokens":100,"top_k":5,"system":[{"type":"text","text":"Be brief.",)"
    R"("cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"},{"role":"assistant",)"
    R"("content":[{"type":"thinking","thinking":"A greeting.","signature":"c2lnbmVk"},{"type":"text","text":"Hello"}]},)"
    R"({"role":"user","content":"More"}]})";
constexpr std::string_view of_openai =
    R"({"model":"chat","max_completion_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"Hi",)"
    R"("cache_control":{"type":"ephemeral"}}]}]})";

constexpr std::string_view openai_answer =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"heard"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}})";
constexpr std::string_view anthropic_answer =
    R"({"id":"m1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"heard"}],)"
    R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}})";

constexpr std::string_view gemini_answer =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"heard"}]},"finishReason":"STOP"}],)"
    R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4}})";

constexpr std::string_view bedrock_answer =
    R"({"output":{"message":{"role":"assistant","content":[{"text":"heard"}]}},"stopReason":"end_turn"})";

constexpr std::string_view ollama_answer =
    R"({"model":"m","message":{"role":"assistant","content":"heard"},"done":true,"done_reason":"stop",)"
    R"("prompt_eval_count":3,"eval_count":1})";

constexpr std::string_view cohere_answer =
    R"({"id":"c1","message":{"role":"assistant","content":[{"type":"text","text":"heard"}]},)"
    R"("finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":3,"output_tokens":1}}})";

class NoFiles final : public config::Files {
 public:
  Result<std::string> read(const std::string& path, std::size_t /*limit*/) const override {
    return fail(ErrorKind::not_found, path);
  }
  std::vector<std::string> glob(const std::string& /*pattern*/) const override { return {}; }
  bool exists(const std::string& /*path*/) const override { return false; }
  unsigned mode(const std::string& /*path*/) const override { return 0; }
};

// Keeps the one request that it gets.
class Server {
 public:
  explicit Server(std::string_view answer) : answer_(answer), peer_([this](test::Wire& wire, int) { serve(wire); }) {}
  [[nodiscard]] std::uint16_t port() const { return peer_.port(); }
  struct Got {
    std::string head, body;
  };
  [[nodiscard]] Got got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }

 private:
  void serve(test::Wire& wire) {
    Got got{.head = wire.until("\r\n\r\n"), .body = {}};
    const auto at = got.head.find("\r\ncontent-length: ");
    if (at != std::string::npos) got.body = wire.take(std::stoul(got.head.substr(at + 18)));
    {
      const std::lock_guard lock(mutex_);
      got_ = std::move(got);
    }
    wire.send(
        fmt::format("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n"
                    "connection: close\r\n\r\n{}",
                    answer_.size(), answer_));
  }

  std::string_view answer_;
  std::mutex mutex_;
  Got got_;
  test::Peer peer_;
};

std::string key_of(const Line& line) {
  return fmt::format("test-key-of-{}", line.provider);
}

// The config that names the provider, with no more than its usual variable set.
model::PlanPtr plan_of(const Line& line) {
  config::Request request{.path = "apigw.yaml", .secrets = config::Secrets::required};
  const std::string_view url = catalogue::find_provider(line.provider)->url;
  const std::string_view places = url.contains("{project}")  ? "region: eu-central-1, project: shop"
                                  : url.contains("{region}") ? "region: eu-central-1"
                                                             : "";
  request.text = fmt::format("apigw: 1\nproviders: {{ {0}: {{ {2} }} }}\nmodels: {{ chat: {0}/{1} }}\n",
                             line.provider, of_tomorrow, places);
  request.sets = {{"listen", "127.0.0.1:0"}, {"defaults.auth", "none"}};
  config::Environment environment;
  if (!line.variable.empty()) environment.emplace(line.variable, key_of(line));
  const auto loaded = config::load(request, NoFiles(), environment, assembly::vocabulary());
  for (const auto& finding : loaded.report.all()) INFO(finding.message);
  REQUIRE(loaded.plan);
  return loaded.plan;
}

model::Provider& named(model::Plan& plan, std::string_view name) {
  const auto found = std::ranges::find(plan.providers, name, &model::Provider::name);
  REQUIRE(found != plan.providers.end());
  return *found;
}

}  // namespace

TEST_CASE("every provider of the catalogue has a line here, and every line a provider") {
  const auto rows = catalogue::providers();
  CHECK(rows.size() >= 40);
  CHECK(std::ranges::equal(rows, lines, {}, &catalogue::ProviderRow::name, &Line::provider));
}

TEST_CASE("each provider gets its path, its key in its header and what its server asks for") {
  for (const Line& line : lines) {
    CAPTURE(std::string(line.provider));
    const bool anthropic = line.key == KeyIn::x_api_key;
    const bool claude_at_vertex = line.path.contains("/publishers/anthropic/");
    const bool gemini = line.path.ends_with(":generateContent"), bedrock = line.path.ends_with("/converse");
    const bool ollama = line.path == "/api/chat";
    const bool cohere = line.path == "/v2/chat";
    Server server(anthropic || claude_at_vertex ? anthropic_answer
                  : bedrock                     ? bedrock_answer
                  : gemini                      ? gemini_answer
                  : ollama                      ? ollama_answer
                  : cohere                      ? cohere_answer
                                                : openai_answer);
    model::Plan plan = *plan_of(line);
    model::Provider& provider = named(plan, line.provider);
    CHECK(provider.origin.text() == line.address);
    provider.origin = {.tls = false, .host = "127.0.0.1", .port = server.port()};
    const SystemClock clock;
    auto engine = assembly::Engine::start(std::make_shared<const model::Plan>(plan), {.workers = 1}, clock);
    REQUIRE(engine);
    const std::string& address = (*engine)->addresses().front().text;
    test::Wire client(static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
    // From the other dialect, so that the whole body is written for the provider. It closes, as a drain waits for
    // clients that could send more.
    const std::string_view asked = anthropic || claude_at_vertex ? of_openai : of_anthropic;
    client.send(
        fmt::format("POST {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk-of-the-client\r\n"
                    "content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{}",
                    anthropic || claude_at_vertex ? "/v1/chat/completions" : "/v1/messages", asked.size(), asked));
    const std::string reply = client.reply();
    CHECK(reply.starts_with("HTTP/1.1 200 "));
    CHECK(reply.contains("heard"));

    const auto got = server.got();
    const std::string head = text::lower(got.head);
    CHECK(got.head.starts_with(fmt::format("POST {} HTTP/1.1\r\n", line.path)));
    CHECK(head.contains(fmt::format("\r\nauthorization: bearer {}\r\n", key_of(line))) ==
          (line.key == KeyIn::bearer));
    CHECK(head.contains("\r\nauthorization: ") == (line.key == KeyIn::bearer));
    CHECK(head.contains(fmt::format("\r\nx-api-key: {}\r\n", key_of(line))) == anthropic);
    CHECK(head.contains("\r\nx-api-key: ") == anthropic);
    CHECK(head.contains(fmt::format("\r\nx-goog-api-key: {}\r\n", key_of(line))) ==
          (line.key == KeyIn::x_goog_api_key));
    CHECK(head.contains("\r\nx-goog-api-key: ") == (line.key == KeyIn::x_goog_api_key));
    CHECK(head.contains("\r\nanthropic-version: 2023-06-01\r\n") == anthropic);
    CHECK_FALSE(head.contains("sk-of-the-client"));
    CHECK(head.contains("\r\ncontent-type: application/json\r\n"));

    const json body = json::parse(got.body, nullptr, false);
    REQUIRE(body.is_object());
    CAPTURE(got.body);
    if (gemini) {
      CHECK_FALSE(body.contains("model"));
      CHECK(body.at("generationConfig").at("maxOutputTokens") == 100);
      CHECK(body.at("generationConfig").at("topK") == 5);
      CHECK_FALSE(got.body.contains("A greeting."));
      CHECK((*engine)->drain(5s));
      continue;
    }
    if (bedrock || claude_at_vertex) {
      CHECK_FALSE(body.contains("model"));
      if (bedrock) CHECK(body.at("inferenceConfig").at("maxTokens") == 100);
      if (claude_at_vertex) CHECK(body.at("anthropic_version") == "vertex-2023-10-16");
      if (claude_at_vertex) CHECK(body.at("max_tokens") == 100);
      CHECK_FALSE(got.body.contains("A greeting."));
      CHECK((*engine)->drain(5s));
      continue;
    }
    CHECK(body.value("model", "") == of_tomorrow);
    if (ollama) {
      CHECK(body.at("options").at("num_predict") == 100);
      CHECK(body.at("options").at("top_k") == 5);
      CHECK_FALSE(got.body.contains("A greeting."));
      CHECK((*engine)->drain(5s));
      continue;
    }
    if (cohere) {
      CHECK(body.at("max_tokens") == 100);
      CHECK(body.at("k") == 5);
      CHECK_FALSE(got.body.contains("A greeting."));
      CHECK((*engine)->drain(5s));
      continue;
    }
    for (const std::string_view limit : {"max_tokens", "max_completion_tokens", "max_output_tokens"})
      CHECK(body.contains(limit) == (limit == line.limit));
    CHECK(body.value(line.limit, 0) == 100);
    CHECK(got.body.contains("cache_control") == line.marks);
    if (anthropic) continue;
    CHECK(body.contains("top_k") == line.top_k);
    const json& said = body.at("messages").at(2);
    CHECK(said.at("role") == "assistant");
    CHECK(said.at("content") == "Hello");
    for (const std::string_view member : {"reasoning_content", "reasoning_details", "thinking_blocks"})
      CHECK(said.contains(member) == (member == line.thoughts));
    // The text alone goes beside the details.
    CHECK(said.contains("reasoning") == (line.thoughts == "reasoning_details"));
    CHECK(got.body.contains("A greeting.") == !line.thoughts.empty());
    CHECK((*engine)->drain(5s));
  }
}
