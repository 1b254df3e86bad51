// What laws and goldens over the dialects share: the rows with their fixtures, and streams read and put together.
//
// A row's fixtures stand in tests/golden/dialects/WORD: requests/*.json, replies/*.json, streams/*.sse, *.ndjson or
// *.events (messages as support/event_stream.h reads them), errors/*.http (status, headers, a blank line, the body),
// and inventory.txt.
#pragma once
#include <string>
#include <vector>

#include "dialects/dialect.h"
#include "support/chat_dump.h"
#include "support/collected.h"
#include "support/event_stream.h"
#include "support/golden.h"
#include "wire/splitter.h"

namespace hub {

using namespace apigw;

// The rows that translate.
inline std::vector<dialects::RosterRow> rows() {
  std::vector<dialects::RosterRow> found;
  for (const auto& row : dialects::roster()) {
    if (row.dialect->read_request != nullptr) found.push_back(row);
  }
  return found;
}

// What providers speak: those, and the dialects that no client speaks.
inline std::vector<dialects::RosterRow> targets() {
  std::vector<dialects::RosterRow> found = rows();
  for (const auto& row : dialects::of_providers()) {
    if (row.dialect->variant_of == nullptr) found.push_back(row);
  }
  return found;
}

inline std::vector<std::filesystem::path> fixtures(std::string_view word, std::string_view kind,
                                                   std::string_view extension) {
  const std::string directory = fmt::format("golden/dialects/{}/{}", word, kind);
  if (!std::filesystem::exists(golden::path(directory))) return {};
  return golden::inputs(directory, extension);
}

// Of its streams' fixtures.
inline std::string_view stream_extension(const dialects::Dialect& dialect) {
  if (dialect.framing == wire::Framing::event_stream) return ".events";
  return dialect.framing == wire::Framing::lines ? ".ndjson" : ".sse";
}

// The bytes of a fixture of its streams.
inline std::string stream_of(const dialects::Dialect& dialect, const std::filesystem::path& fixture) {
  std::string text = golden::read(fixture);
  return dialect.framing == wire::Framing::event_stream ? test::event_stream_of(text) : text;
}

inline json::Limits limits() {
  return {.depth = 128};
}

// A target that takes all that its dialect can say.
inline dialects::TargetTraits generous(std::string_view model = "target-model") {
  dialects::TargetTraits traits;
  traits.model = model;
  traits.thinks_by_effort = true;
  traits.top_k = true;
  traits.cache_marks = dialects::TargetTraits::CacheMarks::control;
  traits.thoughts = dialects::TargetTraits::Thoughts::as_signed;
  traits.maker = "anthropic";
  return traits;
}

// Those of a client that named nothing of its own.
inline dialects::ReplyFacts facts() {
  return {.id = "stand-in", .now = 1'700'000'000, .stream_usage = true};
}

// What two requests must share to mean the same: a target may arrange turns anew, and is always asked for usage.
inline chat::Request canonical(chat::Request request) {
  request.stream_usage = request.stream;
  std::vector<chat::Message> merged;
  for (chat::Message& message : request.messages) {
    std::erase_if(message.parts, [](const chat::Part& part) {  // an empty text says nothing
      const auto* text = std::get_if<chat::Text>(&part.content);
      return text != nullptr && text->text.empty();
    });
    if (!merged.empty() && merged.back().role == message.role && merged.back().name == message.name) {
      auto& parts = merged.back().parts;
      parts.insert(parts.end(), std::make_move_iterator(message.parts.begin()),
                   std::make_move_iterator(message.parts.end()));
    } else {
      merged.push_back(std::move(message));
    }
  }
  request.messages = std::move(merged);
  return request;
}

// The events of a stream that arrives in chunks of `size` bytes and ends with the last of them.
inline std::vector<chat::Event> events(const dialects::Dialect& dialect, std::string_view bytes, std::size_t size,
                                       const dialects::WayBack& way_back = {}) {
  std::vector<chat::Event> found;
  const auto reader = dialect.read_events(way_back, limits());
  wire::Splitter splitter(dialect.framing);
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    splitter.feed(bytes.substr(at, size));
    for (;;) {
      const auto frame = splitter.next();
      if (!frame || !*frame) break;
      reader->feed(**frame, found);
    }
  }
  if (const auto frame = splitter.finish()) reader->feed(*frame, found);
  reader->finish(found);
  return found;
}

inline std::string written(const dialects::Dialect& dialect, const std::vector<chat::Event>& events,
                           chat::Losses& losses) {
  std::string out;
  const auto writer = dialect.write_events(facts());
  for (const chat::Event& event : events) writer->feed(event, out, losses);
  return out;
}

}  // namespace hub
