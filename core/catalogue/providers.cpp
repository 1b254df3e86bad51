#include "catalogue/providers.h"

#include <algorithm>
#include <array>

namespace apigw::catalogue {

namespace {

constexpr std::string_view vertex =
    "https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}";

// Sorted by name. Only providers whose documents give a base address that needs no part of an account beside region
// and project, which a config fills, the version in it unless calls differ in theirs; local servers stand at the
// ports that they choose by default.
constexpr auto rows = std::to_array<ProviderRow>({
    {"alibaba", "openai", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY",
     "https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope"},
    {"anthropic", "anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY",
     "https://platform.claude.com/docs/en/api/overview"},
    {"baseten", "openai", "https://inference.baseten.co/v1", "BASETEN_API_KEY",
     "https://docs.baseten.co/development/model-apis/overview"},
    {"bedrock", "bedrock", "https://bedrock-runtime.{region}.amazonaws.com", "AWS_BEARER_TOKEN_BEDROCK",
     "https://docs.aws.amazon.com/general/latest/gr/bedrock.html"},
    {"cerebras", "openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY",
     "https://inference-docs.cerebras.ai/resources/openai"},
    {"cohere", "cohere", "https://api.cohere.com", "COHERE_API_KEY", "https://docs.cohere.com/reference/about"},
    {"deepinfra", "openai", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY",
     "https://deepinfra.com/docs/openai_api"},
    {"deepseek", "openai", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "https://api-docs.deepseek.com",
     ThoughtsBack::reasoning_content},
    {"digitalocean", "openai", "https://inference.do-ai.run/v1", "DIGITALOCEAN_ACCESS_TOKEN",
     "https://docs.digitalocean.com/products/gradient-ai-platform"},
    {"fireworks", "openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY",
     "https://docs.fireworks.ai/tools-sdks/openai-compatibility"},
    {"friendli", "openai", "https://api.friendli.ai/serverless/v1", "FRIENDLI_TOKEN",
     "https://friendli.ai/docs/guides/openai-compatibility"},
    {"gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY",
     "https://ai.google.dev/api/generate-content", ThoughtsBack::none, false, "google"},
    {"github-models", "openai", "https://models.github.ai/inference", "GITHUB_TOKEN",
     "https://docs.github.com/en/rest/models/inference"},
    {"google", "gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY",
     "https://ai.google.dev/api/generate-content"},
    {"groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "https://console.groq.com/docs/openai"},
    {"huggingface", "openai", "https://router.huggingface.co/v1", "HF_TOKEN",
     "https://huggingface.co/docs/inference-providers"},
    {"hyperbolic", "openai", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY", "https://docs.hyperbolic.xyz"},
    {"inference", "openai", "https://api.inference.net/v1", "INFERENCE_API_KEY", "https://docs.inference.net"},
    {"llama", "openai", "https://api.llama.com/compat/v1", "LLAMA_API_KEY",
     "https://llama.developer.meta.com/docs/features/compatibility"},
    {"llamacpp", "openai", "http://127.0.0.1:8080/v1", "",
     "https://github.com/ggml-org/llama.cpp/tree/master/tools/server"},
    {"lmstudio", "openai", "http://127.0.0.1:1234/v1", "", "https://lmstudio.ai/docs/developer/openai-compat"},
    {"minimax", "anthropic", "https://api.minimax.io/anthropic/v1", "MINIMAX_API_KEY",
     "https://platform.minimax.io/docs/api-reference/text-anthropic-api"},
    {"mistral", "mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "https://docs.mistral.ai/api"},
    {"moonshot", "openai", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", "https://platform.moonshot.ai/docs"},
    {"nebius", "openai", "https://api.tokenfactory.nebius.com/v1", "NEBIUS_API_KEY",
     "https://docs.tokenfactory.nebius.com"},
    {"novita", "openai", "https://api.novita.ai/openai", "NOVITA_API_KEY", "https://novita.ai/docs/guides/llm-api"},
    {"nvidia", "openai", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY", "https://docs.api.nvidia.com/nim"},
    {"ollama", "ollama", "http://127.0.0.1:11434/api", "", "https://docs.ollama.com/api"},
    {"ollama-cloud", "ollama", "https://ollama.com/api", "OLLAMA_API_KEY", "https://docs.ollama.com/cloud"},
    {"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY",
     "https://platform.openai.com/docs/api-reference"},
    {"openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY",
     "https://openrouter.ai/docs/api-reference/overview", ThoughtsBack::reasoning_details, true},
    {"ovhcloud", "openai", "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", "OVHCLOUD_API_KEY",
     "https://help.ovhcloud.com/csm/en-public-cloud-ai-endpoints-getting-started"},
    {"perplexity", "openai", "https://api.perplexity.ai", "PERPLEXITY_API_KEY",
     "https://docs.perplexity.ai/guides/chat-completions-guide"},
    {"sambanova", "openai", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY",
     "https://docs.sambanova.ai/docs/en/features/openai-compatibility"},
    {"scaleway", "openai", "https://api.scaleway.ai/v1", "SCALEWAY_API_KEY",
     "https://www.scaleway.com/en/docs/generative-apis"},
    {"siliconflow", "openai", "https://api.siliconflow.com/v1", "SILICONFLOW_API_KEY",
     "https://docs.siliconflow.com"},
    {"stepfun", "openai", "https://api.stepfun.com/v1", "STEPFUN_API_KEY", "https://platform.stepfun.com/docs"},
    {"together", "openai", "https://api.together.xyz/v1", "TOGETHER_API_KEY",
     "https://docs.together.ai/docs/openai-api-compatibility"},
    {"upstage", "openai", "https://api.upstage.ai/v1/solar", "UPSTAGE_API_KEY", "https://console.upstage.ai/docs"},
    {"vercel", "openai", "https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY",
     "https://vercel.com/docs/ai-gateway/openai-compat"},
    {"vertex", "vertex-gemini", vertex, "GOOGLE_CREDENTIALS",
     "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference"},
    {"vertex-anthropic", "vertex-anthropic", vertex, "GOOGLE_CREDENTIALS",
     "https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude", ThoughtsBack::none, false,
     "vertex"},
    {"vllm", "openai", "http://127.0.0.1:8000/v1", "",
     "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"},
    {"xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY", "https://docs.x.ai/docs/api-reference"},
    {"zai", "openai", "https://api.z.ai/api/paas/v4", "ZHIPU_API_KEY", "https://docs.z.ai/api-reference"},
});
static_assert(std::ranges::is_sorted(rows, {}, &ProviderRow::name));

}  // namespace

std::span<const ProviderRow> providers() {
  return rows;
}

const ProviderRow* find_provider(std::string_view name) {
  const auto found = std::ranges::lower_bound(rows, name, {}, &ProviderRow::name);
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

std::string_view whose_models(std::string_view provider) {
  const ProviderRow* const row = find_provider(provider);
  return row == nullptr || row->models_of.empty() ? provider : row->models_of;
}

}  // namespace apigw::catalogue
