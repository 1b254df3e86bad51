// A stream's events put together to the reply that they tell, and where they break the grammar of core/chat/reply.h.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "chat/reply.h"

namespace hub {

using namespace apigw;

class Collected {
 public:
  chat::Reply reply;
  std::string wrong;  // the first
  bool failed = false;

  explicit Collected(const std::vector<chat::Event>& events) {
    for (const chat::Event& event : events) {
      if (over_) note("an event after the end");
      using std::holds_alternative;
      if (!began_ && !holds_alternative<chat::Began>(event) && !holds_alternative<chat::Failed>(event) &&
          !holds_alternative<chat::Unsaid>(event)) {
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
  void on(const chat::Unsaid& unsaid) {
    if (unsaid.path.empty()) note("a loss without a place");
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
