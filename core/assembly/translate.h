// One request, reply or stream taken from one dialect to another through the hub, as the gateway does it, with
// nothing sent: for `apigw translate`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "catalogue/models.h"
#include "chat/loss.h"

namespace apigw::assembly {

struct TranslationTask {
  enum class What : std::uint8_t { request, reply, stream } what = What::request;
  std::string_view from, to;  // words of the dialect roster
  std::string_view provider;  // whose model a request is written for; empty: the one that made the dialect
  std::string_view model;     // as the target names it; empty: as the request does
  const catalogue::Models& models = catalogue::Models::built_in();
  std::int64_t now = 0;  // seconds since 1970, for a reply that tells no time
};

struct Translation {
  std::string text;
  chat::Losses losses;
  // Of a stream that ended in an error, or of a reply that is one; it is in `text` too. Empty: there was none.
  std::string failure;
};

// Errors: invalid (no such dialect, or `input` is not what the dialect says it must be) and too_large.
[[nodiscard]] Result<Translation> translate(const TranslationTask& task, std::string_view input);

}  // namespace apigw::assembly
