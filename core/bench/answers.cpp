#include "bench/answers.h"

#include "base/json.h"
#include "dialects/dialect.h"
#include "wire/sse.h"

namespace apigw::bench {

namespace {

constexpr json::Limits limits{.depth = 128};
constexpr std::size_t most_kept = 16 << 20;  // of a whole answer; of a longer one no tokens are told

class ChatStream final : public Reading {
 public:
  void feed(std::string_view piece) override {
    splitter_.feed(piece);
    for (;;) {
      const auto frame = splitter_.next();
      if (!frame) broken_ = frame.error().what;
      if (!frame || !*frame) return;
      begun_ = watch_->feed(**frame).semantic || begun_;
    }
  }
  [[nodiscard]] bool begun() const override { return begun_; }
  [[nodiscard]] std::string failure() override {
    if (!broken_.empty() || watch_->error()) return "broken stream";
    return watch_->complete() ? "" : "cut stream";
  }
  [[nodiscard]] std::optional<std::uint64_t> output_tokens() override {
    const chat::Usage usage = watch_->usage();
    if (!usage.known) return std::nullopt;
    return usage.output + usage.reasoning;
  }

 private:
  wire::SseSplitter splitter_;
  std::unique_ptr<dialects::StreamWatch> watch_ =
      dialects::find_dialect("openai")->watch_stream({.wants_usage = true}, limits);
  bool begun_ = false;
  std::string broken_;
};

class PromptAnswer final : public Reading {
 public:
  void feed(std::string_view piece) override {
    if (body_.size() + piece.size() <= most_kept) body_ += piece;
  }
  [[nodiscard]] bool begun() const override { return !body_.empty(); }
  [[nodiscard]] std::string failure() override { return {}; }
  [[nodiscard]] std::optional<std::uint64_t> output_tokens() override {
    const auto answer = json::scan(body_, limits);
    const json::Member* usage = answer ? answer->find("usage") : nullptr;
    if (usage == nullptr) return std::nullopt;
    const json::Document counts = json::members(body_, usage->value);
    const json::Member* output = counts.find("output_tokens");
    return output == nullptr ? std::nullopt : json::number_at(body_, output->value);
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<Reading> chat_stream() {
  return std::make_unique<ChatStream>();
}

std::unique_ptr<Reading> prompt_answer() {
  return std::make_unique<PromptAnswer>();
}

}  // namespace apigw::bench
