#include "import/settle.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/load.h"

namespace apigw::import {
namespace {

constexpr int rounds = 8;  // each takes out all that the last reading refused

// A config names no file here but the document.
class OneFile final : public config::Files {
 public:
  explicit OneFile(const Beside& document) : document_(document) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t most) const override {
    if (path != document_.path || path.empty())
      return fail(ErrorKind::not_found, fmt::format("read '{}': no such file", path));
    if (document_.text.size() > most) return fail(ErrorKind::too_large, fmt::format("'{}' is too large", path));
    return document_.text;
  }
  [[nodiscard]] std::vector<std::string> glob(const std::string&) const override { return {}; }
  [[nodiscard]] bool exists(const std::string&) const override { return false; }
  [[nodiscard]] unsigned mode(const std::string&) const override { return 0; }

 private:
  const Beside& document_;
};

const Place* place_of(const std::vector<Place>& places, std::uint32_t offset) {
  const auto behind = std::ranges::upper_bound(places, offset, {}, [](const Place& p) { return p.begin; });
  if (behind == places.begin()) return nullptr;
  const Place& place = *std::prev(behind);
  return offset < place.end ? &place : nullptr;
}

}  // namespace

std::string settle(Importing& to, std::string_view head) {
  for (int round = 0; round < rounds; ++round) {
    ConfigText written = to.config.write(to.sources, head);
    const auto loaded = config::load({.path = "-", .text = written.text}, OneFile(to.document), {}, to.vocabulary);
    if (!loaded.report.has_errors()) return std::move(written.text);
    std::vector<Place> refused;
    for (const diag::Diagnostic& finding : loaded.report.all()) {
      if (finding.severity != diag::Severity::error) continue;
      const Place* place = place_of(written.places, finding.where().begin);
      if (place == nullptr) continue;
      refused.push_back(*place);
      to.unreadable(
          to.config.from(*place),
          fmt::format("'{}' is left out: {}", text::printable(place->key.empty() ? place->section : place->key, 60),
                      finding.message),
          "made of this");
    }
    if (refused.empty()) break;
    to.config.remove(refused);
  }
  to.unreadable({}, "nothing is left that apigw would take");
  to.config.clear();
  return to.config.write(to.sources, head).text;
}

}  // namespace apigw::import
