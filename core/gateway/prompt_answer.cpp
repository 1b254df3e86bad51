// RETURN of a prompt's call: the output in the form that its caller reads, plain or as a stream.
#include "base/text.h"
#include "gateway/prompt_call.h"
#include "http/problem.h"

namespace apigw::gateway {
namespace {

constexpr std::size_t longest_refusal = 1'000;  // bytes of the model's words that the caller is told

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

class PromptPassage final : public EventPassage {
 public:
  PromptPassage(const PromptCall& call, std::unique_ptr<dialects::EventReader> reader,
                std::unique_ptr<dialects::EventWriter> writer, std::uint64_t most, chat::Losses& losses)
      : EventPassage(std::move(reader)), call_(call), writer_(std::move(writer)), most_(most), losses_(losses) {}

 private:
  std::optional<policy::Refusal> take(const chat::Event& happened, std::string& out) override {
    if (const auto* stopped = std::get_if<chat::Stopped>(&happened)) {
      if (stopped->answer == 0) ending_.stop = stopped->stop.stop;
      // An answer that is judged has not ended well before it is.
      if (writer_ && call_.prompt->content->form == prompt::OutputForm::json) {
        stops_.push_back(happened);
        return std::nullopt;
      }
    }
    if (const auto* finished = std::get_if<chat::Finished>(&happened)) {
      if (auto no = end(*finished, out)) return no;
      for (const chat::Event& stop : stops_) writer_->feed(stop, out, losses_);
    }
    if (!hear(happened, out))
      return policy::Refusal{502, "output_too_large", "the model's answer is too long to be checked", {}};
    if (!writer_) return std::nullopt;
    writer_->feed(happened, out, losses_);
    return out_of_turn(*writer_);
  }

  std::optional<policy::Refusal> end(const chat::Finished& finished, std::string& out) {
    if (auto no = unfinished(call_, ending_, said_)) return no;
    if (!has_output(call_, ending_)) return std::nullopt;
    const auto output = prompt::check_answer(*call_.prompt->content, said_);
    if (!output) return misfit(output.error());
    if (writer_) return std::nullopt;
    out += event("done", on_one_line(prompt_answer(*output, finished.usage, call_.prompt->model, ending_.stop)));
    return std::nullopt;
  }

  // Text parts of the first answer, as they come, and what refuses one. False when there is more than may be kept.
  bool hear(const chat::Event& happened, std::string& out) {
    std::string_view text, no;
    if (const auto* began = std::get_if<chat::PartBegan>(&happened); began && began->answer == 0) {
      if (const auto* words = std::get_if<chat::Text>(&began->content)) part_ = began->part, text = words->text;
      if (const auto* words = std::get_if<chat::RefusalText>(&began->content))
        no_part_ = began->part, no = words->text;
    }
    if (const auto* grew = std::get_if<chat::PartGrew>(&happened); grew && grew->answer == 0) {
      if (grew->part == part_) text = grew->text;
      if (grew->part == no_part_) no = grew->text;
    }
    if (said_.size() + ending_.refusal.size() + text.size() + no.size() > most_) return false;
    ending_.refusal += no;
    said_ += text;
    if (!writer_ && !text.empty()) out += event("delta", fmt::format(R"({{"text":{}}})", json::quote(text)));
    return true;
  }

  const PromptCall& call_;
  std::unique_ptr<dialects::EventWriter> writer_;  // null: a bare caller
  const std::uint64_t most_;
  chat::Losses& losses_;
  std::string said_;
  std::vector<chat::Event> stops_;          // held back
  std::optional<unsigned> part_, no_part_;  // the text part that is heard, and the one that refuses
  Ending ending_;
};

}  // namespace

const dialects::Dialect& prompt_client() {
  static constexpr dialects::Dialect dialect{.error_body = problem_of, .broken_stream = broken};
  return dialect;
}

std::string prompt_answer(std::string_view output, const chat::Usage& usage, std::string_view model,
                          chat::Stop stop) {
  std::string counts = "null";
  if (usage.known) {
    counts = fmt::format(R"({{"input_tokens":{},"output_tokens":{})", usage.prompt(), usage.answer());
    if (usage.cache_read > 0) counts += fmt::format(R"(,"cache_read_tokens":{})", usage.cache_read);
    if (usage.cache_write > 0) counts += fmt::format(R"(,"cache_write_tokens":{})", usage.cache_write);
    if (usage.reasoning > 0) counts += fmt::format(R"(,"reasoning_tokens":{})", usage.reasoning);
    counts += '}';
  }
  return fmt::format(R"({{"output":{},"usage":{},"model":{},"stop":"{}"}})"
                     "\n",
                     output, counts, json::quote(model), word(stop));
}

std::string text_of(const chat::Reply& reply) {
  return reply.answers.empty() ? std::string() : chat::text_of(reply.answers.front().parts);
}

Ending ending_of(const chat::Reply& reply) {
  Ending ending;
  if (reply.answers.empty()) return ending;
  const chat::Answer& answer = reply.answers.front();
  ending.stop = answer.stop.stop;
  for (const chat::Part& part : answer.parts)
    if (const auto* said = std::get_if<chat::RefusalText>(&part.content)) ending.refusal += said->text;
  return ending;
}

bool has_output(const PromptCall& call, const Ending& ending) {
  return call.bare || !ending.refused();
}

std::optional<policy::Refusal> unfinished(const PromptCall& call, const Ending& ending, std::string_view text) {
  if (ending.refused()) {
    if (!call.bare) return std::nullopt;
    const std::string words = text::printable(ending.refusal.empty() ? text : ending.refusal, longest_refusal);
    return policy::Refusal{422,
                           "refused",
                           words.empty() ? "the model refused to answer and did not say why"
                                         : fmt::format("the model refused to answer: {}", words),
                           {}};
  }
  if (call.bare && ending.stop == chat::Stop::tool_calls && text.empty())
    return policy::Refusal{502, "output_missing", "the model only called tools, and a prompt has none", {}};
  if (ending.stop != chat::Stop::length || call.prompt->content->form == prompt::OutputForm::text)
    return std::nullopt;
  return policy::Refusal{502,
                         "output_cut",
                         "the limit of its length cut the model's answer before the output was whole; raise the "
                         "prompt's maxOutputTokens, the model's output, or the limit that the call asks for",
                         {}};
}

std::unique_ptr<Passage> prompt_passage(const PromptCall& call, std::unique_ptr<dialects::EventReader> reader,
                                        std::unique_ptr<dialects::EventWriter> writer, std::uint64_t most,
                                        chat::Losses& losses) {
  return std::make_unique<PromptPassage>(call, std::move(reader), std::move(writer), most, losses);
}

policy::Refusal misfit(const prompt::Problems& problems) {
  return {502,
          "output_mismatch",
          fmt::format("the model's answer does not have the form that the prompt asks for: {}",
                      prompt::sentence(problems)),
          {}};
}

}  // namespace apigw::gateway
