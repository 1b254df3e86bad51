// Requests of every dialect through the hub: what one reads every one writes as a request that it can read, and what
// it has written and read once it writes the same again.
#include <string_view>

#include "dialects/dialect.h"
#include "fuzz/law.h"

namespace chat = apigw::chat;
namespace dialects = apigw::dialects;

namespace {

constexpr apigw::json::Limits roomy{.depth = 200, .members = 20'000};

dialects::TargetTraits target(bool generous) {
  dialects::TargetTraits traits;
  traits.model = "m";
  traits.native_schema = generous;
  if (!generous) return traits;
  traits.maker = "anthropic";
  traits.thinks_by_effort = traits.top_k = true;
  traits.cache_marks = dialects::TargetTraits::CacheMarks::control;
  traits.thoughts = dialects::TargetTraits::Thoughts::as_signed;
  return traits;
}

void written_by(const dialects::Dialect& dialect, const chat::Request& request,
                const dialects::TargetTraits& traits) {
  chat::Losses losses;
  const auto written = dialect.write_request(request, traits, losses);
  if (!written) {
    LAW(written.error().kind == apigw::ErrorKind::invalid && !written.error().what.empty());
    return;
  }
  LAW(apigw::json::scan(written->body, roomy));
  if (dialect.read_request == nullptr) return;  // no client speaks it
  const auto again = dialects::read_request(dialect, written->body, roomy);
  LAW(again);
  LAW(dialect.write_request(*again, traits, losses));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto& from : dialects::roster()) {
    if (from.dialect->read_request == nullptr) continue;
    const auto request = dialects::read_request(*from.dialect, body, {});
    if (!request) continue;
    std::vector<dialects::RosterRow> rows(dialects::roster().begin(), dialects::roster().end());
    rows.insert(rows.end(), dialects::of_providers().begin(), dialects::of_providers().end());
    for (const auto& to : rows) {
      if (to.dialect->write_request == nullptr) continue;
      for (const bool generous : {false, true}) written_by(*to.dialect, *request, target(generous));
    }
  }
  return 0;
}
