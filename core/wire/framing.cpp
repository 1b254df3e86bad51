#include "wire/framing.h"

#include <array>

#include "base/text.h"

namespace apigw::wire {

namespace {

struct Words {
  std::string_view media_type, also, sign_of_life;
};
// In the order of Framing.
constexpr auto words = std::to_array<Words>({
    {"text/event-stream", {}, ": waiting\n\n"},
    {"application/x-ndjson", "application/json", " "},
    {"application/json", {}, "\n"},
    {"application/vnd.amazon.eventstream", {}, {}},
});

const Words& of(Framing framing) {
  return words[static_cast<std::size_t>(framing)];
}

}  // namespace

std::string_view media_type(Framing framing) {
  return of(framing).media_type;
}

bool is_stream(std::string_view content_type, Framing framing) {
  const std::string_view type = text::trim(content_type.substr(0, content_type.find(';')));
  const Words& row = of(framing);
  return text::iequals(type, row.media_type) || (!row.also.empty() && text::iequals(type, row.also));
}

std::string_view sign_of_life(Framing framing) {
  return of(framing).sign_of_life;
}

}  // namespace apigw::wire
