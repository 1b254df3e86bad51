// Streams of every dialect through the hub: cut anyhow they give the same number of events in the same grammar, end
// once, and what any dialect writes of them it can read to the same end. A stream of messages is made of the input's
// lines, since no input has sums that fit.
#include <string_view>

#include "dialects/dialect.h"
#include "fuzz/law.h"
#include "support/collected.h"
#include "support/event_stream.h"
#include "wire/splitter.h"

namespace chat = apigw::chat;
namespace dialects = apigw::dialects;

namespace {

std::vector<chat::Event> read(const dialects::Dialect& dialect, std::string_view bytes, std::size_t step) {
  std::vector<chat::Event> events;
  const auto reader = dialect.read_events({}, {.depth = 200, .members = 20'000});
  apigw::wire::Splitter splitter(dialect.framing);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    splitter.feed(bytes.substr(at, step));
    for (;;) {
      const auto frame = splitter.next();
      if (!frame || !*frame) break;
      reader->feed(**frame, events);
    }
  }
  if (const auto frame = splitter.finish()) reader->feed(*frame, events);
  reader->finish(events);
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[size - 1] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string messages = apigw::test::event_stream_of(bytes.substr(0, 30'000));
  std::vector<dialects::RosterRow> rows(dialects::roster().begin(), dialects::roster().end());
  rows.insert(rows.end(), dialects::of_providers().begin(), dialects::of_providers().end());
  for (const auto& from : rows) {
    if (from.dialect->read_events == nullptr || from.dialect->variant_of != nullptr) continue;
    const bool framed = from.dialect->framing == apigw::wire::Framing::event_stream;
    const std::string_view stream = framed ? std::string_view(messages) : bytes;
    const auto events = read(*from.dialect, stream, stream.size() + 1);
    const hub::Collected told(events);
    LAW(told.wrong.empty());
    LAW(read(*from.dialect, stream, step).size() == events.size());
    for (const auto& to : dialects::roster()) {
      if (to.dialect->write_events == nullptr) continue;
      std::string frames;
      chat::Losses losses;
      const auto writer = to.dialect->write_events({.id = "id", .now = 1});
      for (const chat::Event& event : events) writer->feed(event, frames, losses);
      const hub::Collected again(read(*to.dialect, frames, frames.size() + 1));
      LAW(again.wrong.empty());
      LAW(again.failed == told.failed);
    }
  }
  return 0;
}
