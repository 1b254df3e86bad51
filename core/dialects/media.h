// Pictures, documents and sounds as text: data URIs, base64 in its spellings, media types.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "chat/request.h"

namespace apigw::dialects {

// Lower case, without parameters, and by the name that providers know: image/jpg is image/jpeg.
[[nodiscard]] std::string media_type(std::string_view written);
// In the standard alphabet with padding; white space and the URL alphabet are read. Nothing when it is no base64.
[[nodiscard]] std::optional<std::string> base64(std::string_view written);
// Of an http address or a data URI (RFC 2397; its data may be base64 or percent-encoded text). Nothing when a data
// URI cannot be read.
[[nodiscard]] std::optional<chat::Source> source_of(std::string_view url);
// Bytes in the standard alphabet with padding, and the bytes of base64 in any of its spellings; nothing when it is
// none.
[[nodiscard]] std::string encoded(std::string_view bytes);
[[nodiscard]] std::optional<std::string> decoded(std::string_view base64);
[[nodiscard]] std::string data_uri(const chat::Source& source);

}  // namespace apigw::dialects
