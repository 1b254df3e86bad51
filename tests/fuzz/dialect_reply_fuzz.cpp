// Replies and errors of every dialect through the hub: what one reads every one writes as a reply that it can read.
#include <string_view>

#include "dialects/dialect.h"
#include "fuzz/law.h"

namespace chat = apigw::chat;
namespace dialects = apigw::dialects;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  std::vector<dialects::RosterRow> rows(dialects::roster().begin(), dialects::roster().end());
  rows.insert(rows.end(), dialects::of_providers().begin(), dialects::of_providers().end());
  for (const auto& from : rows) {
    if (from.dialect->read_reply == nullptr) continue;
    const auto error = from.dialect->read_error(429, {}, body);
    LAW(error.status == 429 && !error.message.empty() && !error.type.empty());
    const auto reply = from.dialect->read_reply(body, {}, {});
    if (!reply) continue;
    LAW(!reply->answers.empty());
    for (const auto& to : dialects::roster()) {
      if (to.dialect->write_reply == nullptr) continue;
      chat::Losses losses;
      const std::string written = to.dialect->write_reply(*reply, {.id = "id", .now = 1}, losses);
      const auto again = to.dialect->read_reply(written, {}, {.depth = 200, .members = 20'000});
      LAW(again && !again->answers.empty());
    }
  }
  return 0;
}
