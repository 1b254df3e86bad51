// What providers alone speak: the variants of dialects, a row each, and the dialects that no client speaks.
#include <algorithm>
#include <array>
#include <optional>

#include "dialects/dialect.h"
#include "dialects/vertex.h"

namespace apigw::dialects {

extern const Dialect bedrock_converse;

namespace {

struct Variant {
  std::string_view word;  // as `dialect:` of a provider names it
  std::string_view of;    // a dialect of the roster
  std::span<const Endpoint> endpoints;
  std::string_view credential_header, credential_prefix;
  std::string_view provider_models;                            // empty: it has no list that costs nothing
  std::optional<std::span<const OwnHeader>> own_headers = {};  // absent: those of the dialect
  std::string (*edit_body)(std::string body) = nullptr;
  bool of_google = false;  // takes access tokens of Google's, and is asked for no vectors
};

// https://learn.microsoft.com/azure/foundry/openai/reference: a model is called by the name of its deployment, and
// the version of the API, the newest that is no preview, stands in the query. Azure's newer addresses (/openai/v1)
// are those of the dialect itself.
constexpr auto of_azure = std::to_array<Endpoint>({
    {"POST", {}, "chat", "/openai/deployments/{model}/chat/completions?api-version=2024-10-21"},
    {"POST", {}, "embeddings", "/openai/deployments/{model}/embeddings?api-version=2024-10-21"},
    {"POST", {}, "images", "/openai/deployments/{model}/images/generations?api-version=2024-10-21"},
    {.method = "POST",
     .operation = "transcriptions",
     .upstream = "/openai/deployments/{model}/audio/transcriptions?api-version=2024-10-21",
     .form = true,
     .any_reply = true},
    {.method = "POST",
     .operation = "audio_translations",
     .upstream = "/openai/deployments/{model}/audio/translations?api-version=2024-10-21",
     .form = true,
     .any_reply = true},
});

// https://cloud.google.com/vertex-ai/generative-ai/docs: below a project and a location, the model in the path.
constexpr auto of_vertex_gemini = std::to_array<Endpoint>({
    {"POST",
     {},
     "chat",
     "/publishers/google/models/{model}:generateContent",
     {},
     "/publishers/google/models/{model}:streamGenerateContent?alt=sse"},
});
constexpr auto of_vertex_anthropic = std::to_array<Endpoint>({
    {"POST",
     {},
     "chat",
     "/publishers/anthropic/models/{model}:rawPredict",
     {},
     "/publishers/anthropic/models/{model}:streamRawPredict"},
});
// Of the flags that Anthropic takes itself, those that change the answer and are known there too.
constexpr auto vertex_betas = std::to_array<std::string_view>({
    "computer-use-*",
    "context-1m-*",
    "context-management-*",
    "fine-grained-tool-streaming-*",
    "interleaved-thinking-*",
    "output-128k-*",
    "token-efficient-tools-*",
});
constexpr auto vertex_headers =
    std::to_array<OwnHeader>({{.name = "anthropic-beta", .otherwise = "", .allowed = vertex_betas}});

constexpr std::string_view bearer = "Bearer ";
constexpr auto rows = std::to_array<Variant>({
    {"azure-openai", "openai", of_azure, "api-key", "", "/openai/models?api-version=2024-10-21"},
    {"vertex-anthropic", "anthropic", of_vertex_anthropic, "authorization", bearer, "", vertex_headers,
     vertex::edit_anthropic, true},
    {"vertex-gemini", "gemini", of_vertex_gemini, "authorization", bearer, "", {}, vertex::edit_gemini, true},
});

constexpr auto own = std::to_array<RosterRow>({
    {"bedrock", &bedrock_converse},
});

std::array<Dialect, rows.size()> made() {
  std::array<Dialect, rows.size()> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Dialect* const spoken = find_dialect(rows[i].of);
    all[i] = *spoken;
    all[i].variant_of = spoken;
    all[i].endpoints = rows[i].endpoints;
    all[i].credential_header = rows[i].credential_header;
    all[i].credential_prefix = rows[i].credential_prefix;
    all[i].provider_models = rows[i].provider_models;
    if (rows[i].own_headers) all[i].own_headers = *rows[i].own_headers;
    all[i].edit_body = rows[i].edit_body;
    all[i].takes_google_token = rows[i].of_google;
    if (rows[i].of_google) all[i].embeddings = nullptr;
  }
  return all;
}

}  // namespace

std::span<const RosterRow> of_providers() {
  static const std::array<Dialect, rows.size()> variants = made();
  static const auto named = [] {
    std::array<RosterRow, rows.size() + own.size()> all{};
    for (std::size_t i = 0; i < rows.size(); ++i) all[i] = {rows[i].word, &variants[i]};
    std::ranges::copy(own, all.begin() + rows.size());
    return all;
  }();
  return named;
}

}  // namespace apigw::dialects
