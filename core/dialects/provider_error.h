// What a provider said went wrong, read in every shape that servers send under either dialect's name: the object, the
// same in an array, the flat one, FastAPI's `detail`, a text for an error, and pages of proxies, of which only the
// status counts.
//
// An error's words are bounded here. Which type stands for a status, and how an error is written, is each dialect's.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "chat/reply.h"
#include "http/headers.h"

namespace apigw::dialects {

// Whether a body or frame is an error: {"error":…}, {"object":"error",…}, {"type":"error",…}.
[[nodiscard]] bool is_error(std::string_view text, const json::Document& body);
// The error of a body or frame. `status` of HTTP; 0: the error's own code or type implies it, else it is 502. The
// type is empty where none was told, the message never.
[[nodiscard]] chat::ProviderError provider_error(std::string_view text, const json::Document& body, int status);
// The same of a reply, with the retry advice of its head.
[[nodiscard]] chat::ProviderError provider_error(int status, const http::Headers& headers, std::string_view body);
// The object that an error is in, where a list holds it: Google's shim puts it into one.
[[nodiscard]] json::Document without_array(std::string_view text, json::Document body);
// The error that a reply with a status of success is; nothing when it is none.
[[nodiscard]] std::optional<chat::ProviderError> error_of_success(const http::Headers& headers, std::string_view body,
                                                                  const json::Limits& limits);

}  // namespace apigw::dialects
