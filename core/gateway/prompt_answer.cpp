// RETURN of a prompt's call: the output in the form that its caller reads, plain or as a stream.
#include "gateway/prompt_call.h"
#include "http/problem.h"

namespace apigw::gateway {
namespace {

using dialects::FrameVerdict;
using State = FrameVerdict::State;

std::string problem_of(const dialects::ClientError& error) {
  return http::problem_body({error.status, error.code, error.message, error.request_id});
}

std::string event(std::string_view name, std::string_view data) {
  while (data.ends_with('\n')) data.remove_suffix(1);
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

std::string broken(const dialects::ClientError& error) {
  return event("error", problem_of(error));
}

// Line ends of a document would end the event's data.
std::string on_one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  return text;
}

class PromptPassage final : public Passage {
 public:
  PromptPassage(const PromptCall& call, std::unique_ptr<dialects::EventReader> reader,
                std::unique_ptr<dialects::EventWriter> writer, chat::Losses& losses)
      : call_(call), reader_(std::move(reader)), writer_(std::move(writer)), losses_(losses) {}

  FrameVerdict feed(const wire::SseFrame& frame, std::string& out) override {
    events_.clear();
    reader_->feed(frame, events_);
    return write(out);
  }
  FrameVerdict finish(std::string& out) override {
    events_.clear();
    reader_->finish(events_);
    FrameVerdict verdict = write(out);
    if (verdict.state == State::going) verdict.state = done_ ? State::done : State::failed;
    return verdict;
  }
  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = reader_->usage();
    usage.partial = !done_;
    return usage;
  }
  [[nodiscard]] const chat::ProviderError* error() const override { return error_ ? &*error_ : nullptr; }

 private:
  FrameVerdict write(std::string& out) {
    FrameVerdict verdict;
    for (chat::Event& happened : events_) {
      if (auto* failed = std::get_if<chat::Failed>(&happened)) {
        error_ = std::move(failed->error);
        verdict.state = State::failed;
        return verdict;
      }
      verdict.semantic = verdict.semantic || semantic(happened);
      const auto* finished = std::get_if<chat::Finished>(&happened);
      if (finished && !fits(*finished, out)) {
        verdict.state = State::failed;
        return verdict;
      }
      hear(happened, out);
      if (writer_) writer_->feed(happened, out, losses_);
      if (finished) verdict.state = State::done;
      done_ = done_ || finished;
    }
    return verdict;
  }

  // Text parts of the first answer, as they come.
  void hear(const chat::Event& happened, std::string& out) {
    std::string_view text;
    if (const auto* began = std::get_if<chat::PartBegan>(&happened); began && began->answer == 0) {
      const auto* words = std::get_if<chat::Text>(&began->content);
      if (words) part_ = began->part, text = words->text;
    }
    if (const auto* grew = std::get_if<chat::PartGrew>(&happened); grew && grew->answer == 0 && grew->part == part_)
      text = grew->text;
    if (text.empty()) return;
    said_ += text;
    if (!writer_) out += event("delta", fmt::format(R"({{"text":{}}})", json::quote(text)));
  }

  bool fits(const chat::Finished& finished, std::string& out) {
    const auto output = prompt::check_answer(*call_.prompt->content, said_);
    if (!output) {
      policy::Refusal no = misfit(output.error());
      error_ = chat::ProviderError{.status = no.status, .code = std::string(no.reason), .message = no.message};
      return false;
    }
    if (!writer_) out += event("done", on_one_line(prompt_answer(*output, finished.usage, call_.prompt->model)));
    return true;
  }

  const PromptCall& call_;
  std::unique_ptr<dialects::EventReader> reader_;
  std::unique_ptr<dialects::EventWriter> writer_;  // null: a bare caller
  chat::Losses& losses_;
  std::vector<chat::Event> events_;
  std::string said_;
  std::optional<unsigned> part_;  // the text part that is heard
  std::optional<chat::ProviderError> error_;
  bool done_ = false;
};

}  // namespace

const dialects::Dialect& prompt_client() {
  static constexpr dialects::Dialect dialect{.error_body = problem_of, .broken_stream = broken};
  return dialect;
}

std::string prompt_answer(std::string_view output, const chat::Usage& usage, std::string_view model) {
  std::string counts = "null";
  if (usage.known) {
    counts = fmt::format(R"({{"input_tokens":{},"output_tokens":{})",
                         usage.input + usage.cache_read + usage.cache_write, usage.output + usage.reasoning);
    if (usage.cache_read > 0) counts += fmt::format(R"(,"cache_read_tokens":{})", usage.cache_read);
    if (usage.cache_write > 0) counts += fmt::format(R"(,"cache_write_tokens":{})", usage.cache_write);
    if (usage.reasoning > 0) counts += fmt::format(R"(,"reasoning_tokens":{})", usage.reasoning);
    counts += '}';
  }
  return fmt::format(R"({{"output":{},"usage":{},"model":{}}})"
                     "\n",
                     output, counts, json::quote(model));
}

std::string text_of(const chat::Reply& reply) {
  std::string text;
  if (reply.answers.empty()) return text;
  for (const chat::Part& part : reply.answers.front().parts)
    if (const auto* said = std::get_if<chat::Text>(&part.content)) text += said->text;
  return text;
}

std::unique_ptr<Passage> prompt_passage(const PromptCall& call, std::unique_ptr<dialects::EventReader> reader,
                                        std::unique_ptr<dialects::EventWriter> writer, chat::Losses& losses) {
  return std::make_unique<PromptPassage>(call, std::move(reader), std::move(writer), losses);
}

policy::Refusal misfit(const prompt::Problems& problems) {
  return {502,
          "output_mismatch",
          fmt::format("the model's answer does not have the form that the prompt asks for: {}",
                      prompt::sentence(problems)),
          {}};
}

}  // namespace apigw::gateway
