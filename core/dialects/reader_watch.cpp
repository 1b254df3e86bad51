#include "dialects/reader_watch.h"

#include <utility>

namespace apigw::dialects {

namespace {

class ReaderWatch final : public StreamWatch {
 public:
  explicit ReaderWatch(std::unique_ptr<EventReader> reader) : reader_(std::move(reader)) {}

  FrameVerdict feed(const wire::Frame& frame) override {
    using State = FrameVerdict::State;
    events_.clear();
    reader_->feed(frame, events_);
    FrameVerdict verdict;
    for (chat::Event& event : events_) {
      if (auto* failed = std::get_if<chat::Failed>(&event)) {
        error_ = std::move(failed->error);
        return {.state = State::failed};
      }
      verdict.semantic = verdict.semantic || chat::says_something(event);
      said_ += chat::said_bytes(event);
      finished_ = finished_ || std::holds_alternative<chat::Finished>(event);
    }
    if (finished_) verdict.state = State::done;
    return verdict;
  }

  [[nodiscard]] bool complete() const override { return finished_ || (!error_ && reader_->may_end()); }
  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = reader_->usage();
    usage.partial = !complete();
    return usage;
  }
  [[nodiscard]] std::uint64_t said_bytes() const override { return said_; }
  [[nodiscard]] const chat::ProviderError* error() const override { return error_ ? &*error_ : nullptr; }

 private:
  std::unique_ptr<EventReader> reader_;
  std::vector<chat::Event> events_;  // of one frame; kept for its room
  std::uint64_t said_ = 0;           // bytes
  bool finished_ = false;
  std::optional<chat::ProviderError> error_;
};

}  // namespace

std::unique_ptr<StreamWatch> watch_by(std::unique_ptr<EventReader> reader) {
  return std::make_unique<ReaderWatch>(std::move(reader));
}

}  // namespace apigw::dialects
