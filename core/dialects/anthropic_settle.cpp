// What of a request excludes what, settled before a byte of it is written in the Anthropic dialect.
//
// A limit of the answer is demanded and filled in where the client gave none. Thinking, forced tools and sampling
// exclude each other there: a form of the answer that needs a tool wins over thinking, thinking over a forced tool
// and over sampling, and what gives way is a loss.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Effort;
using chat::Loss;
using Mode = chat::ToolChoice::Mode;

constexpr std::uint64_t usual_output = 4096;  // tokens, for a model that nothing is known of
constexpr std::uint64_t least_budget = 1024;  // tokens of thinking

struct EffortRow {
  Effort effort;
  std::string_view word;  // where a model takes one
  std::uint64_t budget;   // tokens, where it does not
};
constexpr auto efforts = std::to_array<EffortRow>({
    {Effort::minimal, "low", 1024},
    {Effort::low, "low", 1024},
    {Effort::medium, "medium", 2048},
    {Effort::high, "high", 4096},
    {Effort::xhigh, "xhigh", 8192},
    {Effort::max, "max", 16384},
});

const EffortRow& row_of(Effort effort) {
  return *std::ranges::find(efforts, effort, &EffortRow::effort);
}
// The largest that a budget pays for.
const EffortRow& row_of(std::uint64_t budget) {
  const auto* row = &efforts[1];
  for (const EffortRow& one : efforts) {
    if (one.budget <= budget) row = &one;
  }
  return *row;
}

template <class Kind>
bool holds(const Outgoing& out) {
  return out.part != nullptr && std::holds_alternative<Kind>(out.part->content);
}

class Settling {
 public:
  Settling(const Writing& writing, const Arranged& arranged)
      : writing_(writing),
        request_(writing.request),
        target_(writing.target),
        losses_(writing.losses),
        arranged_(arranged) {}

  Settled settle() {
    out_.answer_tool =
        request_.format && request_.format->kind == chat::AnswerFormat::Kind::schema && !target_.native_schema;
    output();
    if (writing_.excludes) thinking();
    if (request_.tool_choice) out_.mode = request_.tool_choice->mode;
    if (out_.thinks() && (out_.mode == Mode::required || out_.mode == Mode::named)) {
      out_.mode = Mode::automatic;
      lose(Loss::Kind::changed, "tool_choice",
           fmt::format("{} forces no tool while it thinks; the model decides", writing_.to));
    }
    return out_;
  }

 private:
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    losses_.add(kind, std::move(place), std::string(why));
  }

  void output() {
    const std::uint64_t otherwise = writing_.demands_limit ? usual_output : 0;
    out_.max_output = request_.max_output.value_or(target_.max_output.value_or(otherwise));
    if (!request_.max_output) {
      if (!writing_.demands_limit) return;
      lose(Loss::Kind::defaulted, "max_tokens",
           target_.max_output ? "Anthropic demands a limit; it is the most that the model gives"
                              : "Anthropic demands a limit; it is 4096 tokens");
    } else if (target_.max_output && out_.max_output > *target_.max_output && target_.clamp) {
      out_.max_output = *target_.max_output;
      lose(Loss::Kind::changed, "max_tokens", "the model gives no longer answer");
    }
  }

  void thinking() {
    const auto& asked = request_.thinking;
    if (!asked) return;
    if (asked->effort == Effort::none && !asked->budget) {
      out_.disabled = !target_.thinks_by_effort;
      return;
    }
    if (out_.answer_tool) {
      return lose(Loss::Kind::dropped, "thinking",
                  "the form of the answer needs a forced tool, which excludes thinking");
    }
    target_.thinks_by_effort ? think_by_effort(*asked) : think_by_budget(*asked);
  }

  void think_by_effort(const chat::Thinking& asked) {
    out_.adaptive = true;
    if (asked.effort && *asked.effort != Effort::none) {
      out_.effort = row_of(*asked.effort).word;
      if (*asked.effort == Effort::minimal) lose(Loss::Kind::changed, "thinking", "the least effort here is low");
      if (asked.budget)
        lose(Loss::Kind::dropped, "thinking.budget_tokens",
             target_.why("the model thinks by effort", "for one that thinks by effort"));
    } else if (asked.budget) {
      out_.effort = row_of(*asked.budget).word;
      lose(Loss::Kind::changed, "thinking",
           target_.why("the model thinks by effort, not by a budget",
                       "for one that thinks by effort, not by a budget"));
    }
  }

  // In the middle of a turn that calls tools: without the thoughts that led to the calls, a model that thinks by a
  // budget may not think on.
  [[nodiscard]] bool thoughts_are_missing() const {
    const auto last =
        std::ranges::find(arranged_.turns.rbegin(), arranged_.turns.rend(), chat::Role::assistant, &Turn::role);
    if (last == arranged_.turns.rend() || last->parts.empty()) return false;
    return std::ranges::any_of(last->parts, &holds<chat::ToolCall>) && !holds<chat::Reasoning>(last->parts.front());
  }

  void think_by_budget(const chat::Thinking& asked) {
    if (thoughts_are_missing())
      return lose(Loss::Kind::dropped, "thinking", "the thoughts before the calls of this turn are not there");
    std::uint64_t budget =
        row_of(asked.effort.value_or(Effort::high) == Effort::none ? Effort::high
                                                                   : asked.effort.value_or(Effort::high))
            .budget;
    if (asked.budget) budget = *asked.budget;
    if (asked.adaptive)
      lose(Loss::Kind::changed, "thinking", "the model thinks by a budget, and has one of 4096 tokens");
    if (!request_.max_output && !target_.max_output && writing_.demands_limit)
      out_.max_output = std::max(out_.max_output, budget + usual_output);
    if (budget < least_budget) {
      budget = least_budget;
      lose(Loss::Kind::changed, "thinking", "the least budget is 1024 tokens");
    }
    const bool limited = out_.max_output != 0;
    if (limited && out_.max_output <= least_budget) {
      return lose(Loss::Kind::dropped, "thinking", "the answer's limit leaves no room for the least budget");
    }
    if (limited && budget >= out_.max_output) {
      budget = out_.max_output - 1;
      lose(Loss::Kind::changed, "thinking", "a budget lies below the answer's limit");
    }
    out_.budget = budget;
  }

  const Writing& writing_;
  const chat::Request& request_;
  const TargetTraits& target_;
  chat::Losses& losses_;
  const Arranged& arranged_;
  Settled out_;
};

}  // namespace

Settled settle(const Writing& writing, const Arranged& arranged) {
  return Settling(writing, arranged).settle();
}

}  // namespace apigw::dialects::anthropic
