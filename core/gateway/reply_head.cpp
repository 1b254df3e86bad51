#include "gateway/reply_head.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::gateway {
namespace {

constexpr std::size_t most_path_bytes = 100;

bool fits_header(char c) {
  return c >= 0x21 && c <= 0x7e;
}

// A path holds names that a client chose: what would end a field or an entry of the list is replaced.
std::string shown(std::string_view path) {
  std::string out(path.substr(0, most_path_bytes));
  std::ranges::replace_if(out, [](char c) { return !fits_header(c) || c == ','; }, '?');
  return out;
}

}  // namespace

void tell_model(std::string_view asked, http::Headers& headers) {
  if (!asked.empty() && asked.size() <= 256 && std::ranges::all_of(asked, fits_header)) {
    headers.set("x-apigw-model", asked);
  }
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
