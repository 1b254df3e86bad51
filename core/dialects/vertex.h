// What Google's Vertex AI takes otherwise than the dialects that it speaks: edits of a body on its way there, which
// leave every byte alone that they do not name. A body was accepted by json::scan.
// Source: Google Cloud, Vertex AI generative AI reference ("Claude models on Vertex AI", generateContent).
#pragma once
#include <string>

namespace apigw::dialects::vertex {

// Anthropic's: the path names the model, the body the version.
[[nodiscard]] std::string edit_anthropic(std::string body);
// Gemini's: calls and their results without ids, which find each other by name and order.
[[nodiscard]] std::string edit_gemini(std::string body);

}  // namespace apigw::dialects::vertex
