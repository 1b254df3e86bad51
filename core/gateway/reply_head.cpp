#include "gateway/reply_head.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/decimal.h"

namespace apigw::gateway {
namespace {

constexpr std::size_t most_path_bytes = 100;

bool fits_header(char c) {
  return c >= 0x21 && c <= 0x7e;
}

// A path holds names that a client chose: what would end a field or an entry of the list, or is no ASCII, is written
// as in a URL. Nothing is cut within a character.
std::string shown(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    std::size_t end = at + 1;
    while (end < path.size() && (static_cast<unsigned char>(path[end]) & 0xc0) == 0x80) ++end;
    std::string character;
    for (const char c : path.substr(at, end - at)) {
      if (fits_header(c) && c != ',' && c != '%')
        character += c;
      else
        character += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    if (out.size() + character.size() > most_path_bytes) break;
    out += character;
    at = end;
  }
  return out;
}

}  // namespace

void tell_model(std::string_view asked, http::Headers& headers) {
  if (!asked.empty() && asked.size() <= 256 && std::ranges::all_of(asked, fits_header)) {
    headers.set("x-apigw-model", asked);
  }
}

void tell_cost(const Outcome& outcome, http::Headers& headers) {
  if (outcome.charged && outcome.cost)
    headers.set("x-apigw-cost", decimal::text(*outcome.cost, catalogue::dollar_places));
}

void tell_losses(const chat::Losses& losses, http::Headers& headers) {
  if (losses.empty()) return;
  std::string list;
  for (const chat::Loss& loss : first_of(losses, losses_told)) {
    const std::string entry = fmt::format("{}{} {}", list.empty() ? "" : ", ", word(loss.kind), shown(loss.path));
    if (list.size() + entry.size() > most_loss_bytes) break;
    list += entry;
  }
  headers.set("x-apigw-loss", list);
  headers.set("x-apigw-loss-count", std::to_string(losses.count()));
}

}  // namespace apigw::gateway
