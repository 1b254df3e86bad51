#include "bench/answers.h"

#include <algorithm>

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
  [[nodiscard]] std::optional<chat::Usage> usage() override {
    const chat::Usage usage = watch_->usage();
    return usage.known ? std::optional(usage) : std::nullopt;
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
  [[nodiscard]] std::optional<chat::Usage> usage() override {
    const auto answer = json::scan(body_, limits);
    const json::Member* told = answer ? answer->find("usage") : nullptr;
    if (told == nullptr) return std::nullopt;
    const json::Document counts = json::members(body_, told->value);
    const auto count = [&](std::string_view name) {
      const json::Member* member = counts.find(name);
      return member == nullptr ? std::nullopt : json::number_at(body_, member->value);
    };
    const auto output = count("output_tokens");
    if (!output) return std::nullopt;
    // The sums hold the parts that are told beside them.
    chat::Usage usage{.known = true};
    usage.cache_read = count("cache_read_tokens").value_or(0);
    usage.cache_write = count("cache_write_tokens").value_or(0);
    usage.reasoning = std::min(count("reasoning_tokens").value_or(0), *output);
    usage.output = *output - usage.reasoning;
    const std::uint64_t input = count("input_tokens").value_or(0), cached = usage.cache_read + usage.cache_write;
    usage.input = input - std::min(cached, input);
    return usage;
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
