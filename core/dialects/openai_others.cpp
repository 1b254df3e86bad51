#include "dialects/openai_others.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::openai {

namespace {

constexpr auto operations = std::to_array<OtherOperation>({
    {"moderations", "results", "omni-moderation-latest"},
    {.word = "images", .answers_in = "data", .streams_in = "stream"},
    {.word = "image_edits", .answers_in = "data"},
    {.word = "image_variations", .answers_in = "data"},
    {.word = "speech", .answers_in = "", .streams_in = "stream_format", .streams_by = "sse"},
    {.word = "transcriptions", .answers_in = "text"},
    {.word = "rerank", .answers_in = "results"},
    {.word = "audio_translations", .answers_in = "text"},
});

class TypedEvents final : public StreamWatch {
 public:
  explicit TypedEvents(const json::Limits& limits) : limits_(limits) {}

  FrameVerdict feed(const wire::Frame& frame) override {
    using State = FrameVerdict::State;
    if (!frame.has_data || frame.data.empty()) return {};
    if (frame.data == done_mark) return {.state = complete_ ? State::done : State::failed};
    const auto event = json::scan(frame.data, limits_);
    if (!event || event->root.type != json::Type::object) {
      error_ = {.status = 502, .type = "server_error", .message = "the provider sent a frame that is no JSON object"};
      return {.state = State::failed};
    }
    const json::Member* const type = event->find("type");
    const std::string word = type == nullptr ? "" : json::string_at(frame.data, type->value).value_or("");
    if (frame.event == "error" || word == "error" || is_error(frame.data, *event)) {
      error_ = provider_error(frame.data, *event, 0);
      return {.state = State::failed};
    }
    complete_ = complete_ || word.ends_with(".done") || word.ends_with(".completed");
    said_ += frame.data.size();
    return {.semantic = true};
  }
  [[nodiscard]] bool complete() const override { return complete_; }
  [[nodiscard]] chat::Usage usage() const override { return {}; }  // nobody counts them as tokens of a prompt
  [[nodiscard]] std::uint64_t said_bytes() const override { return said_; }
  [[nodiscard]] const chat::ProviderError* error() const override { return error_ ? &*error_ : nullptr; }

 private:
  json::Limits limits_;
  bool complete_ = false;
  std::uint64_t said_ = 0;
  std::optional<chat::ProviderError> error_;
};

}  // namespace

const OtherOperation* other_operation(std::string_view word) {
  const auto* found = std::ranges::find(operations, word, &OtherOperation::word);
  return found == operations.end() ? nullptr : found;
}

Result<void> scan_stream(const OtherOperation& operation, std::string_view body, RequestFacts& facts) {
  if (operation.streams_by.empty()) {
    if (auto read = scan_stream_flag(body, facts); !read) return read;
    if (facts.stream && operation.streams_in.empty())
      return fail(ErrorKind::invalid, fmt::format("'stream' is not served for {}", operation.word));
  } else if (const json::Member* format = facts.scanned.find(operation.streams_in)) {
    facts.stream = json::string_at(body, format->value) == operation.streams_by;
  }
  facts.typed_events = facts.stream;
  return {};
}

std::unique_ptr<StreamWatch> watch_typed_events(const json::Limits& limits) {
  return std::make_unique<TypedEvents>(limits);
}

}  // namespace apigw::dialects::openai
