// What laws and goldens over the dialects share: the rows with their fixtures, and streams read and put together.
//
// A row's fixtures stand in tests/golden/dialects/WORD: requests/*.json, replies/*.json, streams/*.sse, errors/*.http
// (status, headers, a blank line, the body), and inventory.txt.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "dialects/dialect.h"
#include "support/chat_dump.h"
#include "support/golden.h"

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

inline std::vector<std::filesystem::path> fixtures(std::string_view word, std::string_view kind,
                                                   std::string_view extension) {
  const std::string directory = fmt::format("golden/dialects/{}/{}", word, kind);
  if (!std::filesystem::exists(golden::path(directory))) return {};
  return golden::inputs(directory, extension);
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
  wire::SseSplitter splitter;
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

// Puts a stream together to the reply that it told, and says where it breaks the grammar of reply.h.
class Collected {
 public:
  chat::Reply reply;
  std::string wrong;  // the first
  bool failed = false;

  explicit Collected(const std::vector<chat::Event>& events) {
    for (const chat::Event& event : events) {
      if (over_) note("an event after the end");
      if (!began_ && !std::holds_alternative<chat::Began>(event) && !std::holds_alternative<chat::Failed>(event)) {
        note("an event before Began");
      }
      std::visit([this](const auto& one) { on(one); }, event);
    }
    if (!over_) note("no end");
    for (auto& [number, answer] : answers_) reply.answers.push_back(std::move(answer));
  }

 private:
  struct Open {
    bool ended = false;
  };

  void note(std::string what) {
    if (wrong.empty()) wrong = std::move(what);
  }

  void on(const chat::Began& began) {
    if (began_) note("Began twice");
    began_ = true;
    reply.id = began.id;
    reply.model = began.model;
    reply.created = began.created;
  }
  void on(const chat::PartBegan& began) {
    auto& answer = answers_[began.answer];
    if (stopped_[began.answer]) note("a part after its answer stopped");
    if (began.part != answer.parts.size()) note("parts that are not numbered in order");
    answer.parts.push_back({began.content, {}});
    open_[{began.answer, began.part}] = {};
  }
  chat::Part* part(unsigned answer, unsigned number) {
    const auto found = open_.find({answer, number});
    if (found == open_.end() || found->second.ended) {
      note("a part that is not open");
      return nullptr;
    }
    return &answers_[answer].parts[number];
  }
  void on(const chat::PartGrew& grew) {
    chat::Part* found = part(grew.answer, grew.part);
    if (found == nullptr) return;
    if (grew.text.empty()) note("a part that grew by nothing");
    if (auto* text = std::get_if<chat::Text>(&found->content))
      text->text += grew.text;
    else if (auto* refusal = std::get_if<chat::RefusalText>(&found->content))
      refusal->text += grew.text;
    else if (auto* thought = std::get_if<chat::Reasoning>(&found->content))
      thought->text += grew.text;
    else if (auto* call = std::get_if<chat::ToolCall>(&found->content))
      call->arguments.text += grew.text;
    else
      note("a part that cannot grow");
  }
  void on(const chat::PartSigned& proof) {
    chat::Part* found = part(proof.answer, proof.part);
    auto* thought = found == nullptr ? nullptr : std::get_if<chat::Reasoning>(&found->content);
    if (thought == nullptr)
      note("a signature on what is no thought");
    else
      thought->signature += proof.signature;
  }
  void on(const chat::PartEnded& ended) {
    if (part(ended.answer, ended.part) != nullptr) open_[{ended.answer, ended.part}].ended = true;
  }
  void on(const chat::Stopped& stopped) {
    if (stopped_[stopped.answer]) note("an answer that stopped twice");
    stopped_[stopped.answer] = true;
    answers_[stopped.answer].stop = stopped.stop;
    for (const auto& [at, state] : open_) {
      if (at.first == stopped.answer && !state.ended) note("a part that is open when its answer stops");
    }
  }
  void on(const chat::Finished& finished) {
    over_ = true;
    reply.usage = finished.usage;
    if (answers_.empty()) note("an end without an answer");
    for (const auto& [number, answer] : answers_) {
      if (!stopped_[number]) note("an answer that never stopped");
    }
  }
  void on(const chat::Failed& error) {
    over_ = failed = true;
    if (error.error.message.empty()) note("a failure without a message");
  }

  std::map<unsigned, chat::Answer> answers_;
  std::map<unsigned, bool> stopped_;
  std::map<std::pair<unsigned, unsigned>, Open> open_;
  bool began_ = false, over_ = false;
};

}  // namespace hub
