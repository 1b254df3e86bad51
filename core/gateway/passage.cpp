#include "gateway/passage.h"

#include <algorithm>
#include <utility>

#include "wire/sse.h"

namespace apigw::gateway {
namespace {

using dialects::FrameVerdict;
using State = FrameVerdict::State;

class PassThrough final : public Passage {
 public:
  PassThrough(const dialects::Dialect& dialect, std::unique_ptr<dialects::StreamWatch> watch,
              std::string_view end_mark, const json::Limits& limits)
      : dialect_(dialect), limits_(limits), watch_(std::move(watch)), end_mark_(end_mark) {}

  FrameVerdict feed(const wire::Frame& frame, std::string& out) override {
    const FrameVerdict verdict = watch_->feed(frame);
    if (verdict.state == State::failed)
      keep_error(frame.data);
    else if (!verdict.swallow)
      pass(frame, out);
    return verdict;
  }
  FrameVerdict finish(std::string& out) override {
    if (!watch_->complete()) return {.state = State::failed};
    out += end_mark_;  // had it come, nobody would ask how the stream ended
    return {.state = State::done};
  }
  [[nodiscard]] chat::Usage usage() const override { return watch_->usage(); }
  [[nodiscard]] std::uint64_t said_bytes() const override { return watch_->said_bytes(); }
  [[nodiscard]] const chat::ProviderError* error() const override { return watch_->error(); }
  [[nodiscard]] std::string_view error_body() const override { return error_body_; }

 private:
  // The last line of a stream may lack its end, and an error may follow.
  void pass(const wire::Frame& frame, std::string& out) const {
    out += frame.raw;
    if (dialect_.framing == wire::Framing::lines && !frame.raw.ends_with('\n')) out += '\n';
  }

  void keep_error(std::string_view data) {
    const auto scanned = json::scan(data, limits_);
    if (!scanned || !dialect_.is_own_error(data, *scanned)) return;
    error_body_ = data;
    std::ranges::replace(error_body_, '\n', ' ');  // of a frame of several lines; JSON has none inside its strings
  }

  const dialects::Dialect& dialect_;
  const json::Limits limits_;
  std::unique_ptr<dialects::StreamWatch> watch_;
  const std::string_view end_mark_;
  std::string error_body_;
};

class Translated final : public EventPassage {
 public:
  Translated(std::unique_ptr<dialects::EventReader> reader, std::unique_ptr<dialects::EventWriter> writer,
             chat::Losses& losses)
      : EventPassage(std::move(reader)), writer_(std::move(writer)), losses_(losses) {}

 private:
  std::optional<policy::Refusal> take(const chat::Event& event, std::string& out) override {
    writer_->feed(event, out, losses_);
    return out_of_turn(*writer_);
  }

  std::unique_ptr<dialects::EventWriter> writer_;
  chat::Losses& losses_;
};

class InArray final : public Passage {
 public:
  explicit InArray(std::unique_ptr<Passage> events) : events_(std::move(events)) {}

  FrameVerdict feed(const wire::Frame& frame, std::string& out) override {
    frames_.clear();
    return written(events_->feed(frame, frames_), out);
  }
  FrameVerdict finish(std::string& out) override {
    frames_.clear();
    return written(events_->finish(frames_), out);
  }
  [[nodiscard]] chat::Usage usage() const override { return events_->usage(); }
  [[nodiscard]] std::uint64_t said_bytes() const override { return events_->said_bytes(); }
  [[nodiscard]] const chat::ProviderError* error() const override { return events_->error(); }
  [[nodiscard]] std::string_view error_body() const override { return events_->error_body(); }
  [[nodiscard]] const policy::Refusal* refusal() const override { return events_->refusal(); }

 private:
  FrameVerdict written(const FrameVerdict& verdict, std::string& out) {
    splitter_.feed(frames_);
    for (auto frame = splitter_.next(); frame && *frame; frame = splitter_.next()) {
      if ((*frame)->data.empty()) continue;
      out.append(before_element(std::exchange(first_, false))).append((*frame)->data);
    }
    if (verdict.state == State::done) out += first_ ? "[]" : "]";
    return verdict;
  }

  std::unique_ptr<Passage> events_;
  wire::SseSplitter splitter_{~std::size_t{0}};  // of frames that are whole and here
  std::string frames_;                           // of one frame that came in
  bool first_ = true;                            // no element is out
};

}  // namespace

std::unique_ptr<Passage> in_array(std::unique_ptr<Passage> events) {
  return std::make_unique<InArray>(std::move(events));
}

std::optional<policy::Refusal> out_of_turn(const dialects::EventWriter& writer) {
  if (!writer.gave_up()) return std::nullopt;
  return policy::Refusal{502, "upstream_protocol", "too much of the answer came out of turn", {}};
}

FrameVerdict EventPassage::feed(const wire::Frame& frame, std::string& out) {
  events_.clear();
  reader_->feed(frame, events_);
  return take_all(out, false);
}

FrameVerdict EventPassage::finish(std::string& out) {
  events_.clear();
  reader_->finish(events_);
  FrameVerdict verdict = take_all(out, true);
  if (verdict.state == State::going) verdict.state = done_ ? State::done : State::failed;
  return verdict;
}

chat::Usage EventPassage::usage() const {
  chat::Usage usage = reader_->usage();
  usage.partial = !done_;
  return usage;
}

FrameVerdict EventPassage::take_all(std::string& out, bool at_end) {
  FrameVerdict verdict;
  for (chat::Event& event : events_) {
    auto* failed = std::get_if<chat::Failed>(&event);
    if (failed && !at_end) error_ = std::move(failed->error);
    if (!failed) {
      verdict.semantic = verdict.semantic || chat::says_something(event);
      said_bytes_ += chat::said_bytes(event);
      refusal_ = take(event, out);
    }
    done_ = done_ || std::holds_alternative<chat::Finished>(event);
    if (failed || refusal_) {
      verdict.state = State::failed;
      return verdict;
    }
    if (done_) verdict.state = State::done;
  }
  return verdict;
}

std::unique_ptr<Passage> pass_through(const dialects::Dialect& dialect, const dialects::RequestFacts& facts,
                                      const json::Limits& limits) {
  const std::string_view end_mark = facts.typed_events ? std::string_view() : dialect.end_mark;
  return std::make_unique<PassThrough>(dialect, dialect.watch_stream(facts, limits), end_mark, limits);
}

std::unique_ptr<Passage> translate_stream(const dialects::Dialect& target, const dialects::WayBack& way_back,
                                          const dialects::Dialect& client, const dialects::ReplyFacts& facts,
                                          const json::Limits& limits, chat::Losses& losses) {
  return std::make_unique<Translated>(target.read_events(way_back, limits), client.write_events(facts), losses);
}

}  // namespace apigw::gateway
