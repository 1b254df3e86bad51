#include "import/litellm_providers.h"

#include <algorithm>

#include "base/text.h"

namespace apigw::import {
namespace {

constexpr LiteLlmProvider rows[] = {{"openai", "openai"},
                                    {"anthropic", "anthropic", "/v1"},
                                    {"azure", "azure", "", "azure-openai"},
                                    {"azure_ai", "azure", "", "openai"},
                                    {"baseten", "baseten"},
                                    {"bedrock", "bedrock"},
                                    {"bedrock_converse", "bedrock"},
                                    {"cerebras", "cerebras"},
                                    {"cohere", "cohere", "", "", "/v2/chat"},
                                    {"cohere_chat", "cohere", "", "", "/v2/chat"},
                                    {"custom_openai", "openai"},
                                    {"dashscope", "alibaba"},
                                    {"deepinfra", "deepinfra"},
                                    {"deepseek", "deepseek"},
                                    {"fireworks_ai", "fireworks"},
                                    {"friendliai", "friendli"},
                                    {"gemini", "google"},
                                    {"groq", "groq"},
                                    {"hosted_vllm", "vllm"},
                                    {"huggingface", "huggingface"},
                                    {"litellm_proxy", "openai"},
                                    {"lm_studio", "lmstudio"},
                                    {"mistral", "mistral"},
                                    {"moonshot", "moonshot"},
                                    {"nebius", "nebius"},
                                    {"novita", "novita"},
                                    {"nvidia_nim", "nvidia"},
                                    {"ollama", "ollama", "/api"},
                                    {"ollama_chat", "ollama", "/api"},
                                    {"openai_like", "openai"},
                                    {"openrouter", "openrouter"},
                                    {"perplexity", "perplexity"},
                                    {"sambanova", "sambanova"},
                                    {"text-completion-openai", "openai", "", "openai-completions"},
                                    {"together_ai", "together"},
                                    {"vercel_ai_gateway", "vercel"},
                                    {"vertex_ai", "vertex"},
                                    {"xai", "xai"},
                                    {"zai", "zai"}};

// Names that LiteLLM gives to a provider although no slash says so; the first that fits.
constexpr std::pair<std::string_view, std::string_view> bare_names[] = {
    {"gpt-3.5-turbo-instruct", "text-completion-openai"},
    {"davinci-002", "text-completion-openai"},
    {"babbage-002", "text-completion-openai"},
    {"gpt-", "openai"},
    {"chatgpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4", "openai"},
    {"text-embedding-", "openai"},
    {"dall-e-", "openai"},
    {"whisper-", "openai"},
    {"tts-", "openai"},
    {"claude-", "anthropic"}};

}  // namespace

const LiteLlmProvider* find_litellm_provider(std::string_view word) {
  const auto* const row = std::ranges::find(rows, word, &LiteLlmProvider::word);
  return row == std::end(rows) ? nullptr : row;
}

std::string_view litellm_word_of(std::string_view model) {
  for (const auto& [start, provider] : bare_names)
    if (model.starts_with(start)) return provider;
  return {};
}

std::optional<config::KnownProvider> known_as(const LiteLlmProvider& row, const config::Vocabulary& vocabulary) {
  const auto spoken = vocabulary.spoken();
  if (!row.dialect.empty() && std::ranges::find(spoken, row.dialect) == spoken.end()) return std::nullopt;
  if (row.name == "azure")
    return config::KnownProvider{row.name, row.dialect, "",
                                 row.word == "azure" ? "AZURE_API_KEY" : "AZURE_AI_API_KEY"};
  const auto found = std::ranges::find(vocabulary.providers, row.name, &config::KnownProvider::name);
  if (found == vocabulary.providers.end()) return std::nullopt;
  config::KnownProvider out = *found;
  if (!row.dialect.empty()) out.name = out.dialect = row.dialect;
  return out;
}

bool stands_for_no_key(std::string_view key) {
  constexpr std::string_view words[] = {"none", "null", "empty", "dummy", "fake", "fake-key", "no-key", "not-needed"};
  return std::ranges::any_of(words, [&](std::string_view word) { return text::iequals(word, key); });
}

AzureAddress azure_address(std::string url, std::string_view version) {
  constexpr std::string_view versions[] = {"v1", "preview",
                                           "latest"};  // of the newer addresses, as LiteLLM takes them
  const bool asked = std::ranges::find(versions, version) != std::end(versions);
  const bool newer = asked || url.ends_with("/openai/v1");
  for (const std::string_view added : {"/openai/v1", "/openai"})
    if (url.ends_with(added)) url.resize(url.size() - added.size());
  if (const auto at = url.find("/openai/deployments/"); at != std::string::npos) url.resize(at);
  return {newer ? url + "/openai/v1" : url, newer, newer && !asked && !version.empty()};
}

}  // namespace apigw::import
