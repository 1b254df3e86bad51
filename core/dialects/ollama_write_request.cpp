// A request of the hub, written in Ollama's dialect as a conversation: everything but its messages.
//
// What the model is told of sampling and length stands in `options`. Whether to stream is always said, since silence
// asks for it. There is no choice among tools: those that may not be called are left out.
#include <algorithm>
#include <array>
#include <deque>

#include <fmt/format.h>

#include "dialects/function_tools.h"
#include "dialects/native.h"
#include "dialects/ollama_request.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Effort;
using chat::Loss;
using chat::Request;
using chat::ToolChoice;

// What only a call that is one prompt can say.
constexpr auto of_prompts = std::to_array<std::string_view>({"template", "raw"});

class Writer {
 public:
  Writer(const Request& request, const TargetTraits& target, std::string& out, chat::Losses& losses)
      : request_(request),
        target_(target),
        losses_(losses),
        json_(out),
        own_(request.native.dialect == own_word),
        native_(request.native) {}

  Result<void> write() {
    if (request_.answers.value_or(1) > 1) return fail(ErrorKind::invalid, "'n' must be 1: Ollama gives one answer");
    json_.open_object();
    json_.member("model", target_.model);
    if (auto messages = write_messages(json_, request_, losses_); !messages) return messages;
    write_tools();
    write_format();
    write_options();
    json_.member("stream", request_.stream);
    if (request_.thinking) write_thinking(*request_.thinking);
    if (request_.user) lose("user", "Ollama has no word for who asks");
    if (request_.service_tier && request_.service_tier != "auto") lose("service_tier", "Ollama has no tiers");
    lose_of_prompts();
    write_native(json_, native_, own_word, speaker, asks_nothing, losses_);
    json_.close();
    return {};
  }

 private:
  void lose(std::string path, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, std::move(path), std::string(why));
  }

  /* -------------------------------- tools ------------------------------- */

  [[nodiscard]] bool offered(const chat::Tool& tool) const {
    return !request_.tool_choice || request_.tool_choice->leaves(tool.name);
  }

  void write_tools() {
    if (request_.parallel_tools == false) lose("parallel_tool_calls", "Ollama has no such switch");
    if (request_.tools.empty()) return;
    const auto mode = request_.tool_choice ? request_.tool_choice->mode : ToolChoice::Mode::automatic;
    if (mode == ToolChoice::Mode::none) return;  // a model that has none calls none
    if (mode != ToolChoice::Mode::automatic)
      lose("tool_choice", "Ollama has no choice of a tool; the model may answer without one", Loss::Kind::changed);
    json_.open_array("tools");
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const chat::Tool& tool = request_.tools[i];
      if (offered(tool)) write_tool(tool, tool.place.empty() ? element("tools", i) : tool.place);
    }
    json_.close();
  }

  void write_tool(const chat::Tool& tool, const std::string& place) {
    write_function_tool(json_, tool, tool.name, own_);
    if (tool.strict.value_or(false)) lose(inside(place, "strict"), "Ollama has no such promise");
    if (tool.cache) lose(inside(place, "cache_control"), "Ollama caches of its own accord");
  }

  /* ------------------------------- settings ----------------------------- */

  void write_format() {
    using Kind = chat::AnswerFormat::Kind;
    if (!request_.format || request_.format->kind == Kind::text) return;
    const chat::AnswerFormat& format = *request_.format;
    if (format.kind == Kind::json)
      json_.member("format", "json");
    else
      json_.member("format", format.schema);
    if (!format.description.empty())
      lose(inside(format.place.empty() ? "response_format" : format.place, "description"),
           "Ollama has none for the form of an answer");
  }

  void write_options() {
    json::Raw options{{}};
    JsonWriter json(options.text);
    json.open_object();
    json.member("temperature", request_.temperature);
    json.member("top_p", request_.top_p);
    json.member("top_k", request_.top_k);
    json.member("seed", request_.seed);
    json.member("num_predict", limit());
    json.member("frequency_penalty", request_.frequency_penalty);
    json.member("presence_penalty", request_.presence_penalty);
    if (!request_.stop.empty()) {
      json.open_array("stop");
      for (const std::string& stop : request_.stop) json.element(stop);
      json.close();
    }
    write_own_options(json);
    json.close();
    if (options.text.size() > 2) json_.member("options", options);
  }

  [[nodiscard]] std::optional<std::uint64_t> limit() {
    auto most = request_.max_output;
    if (!most || !target_.max_output || *most <= *target_.max_output || !target_.clamp) return most;
    most = target_.max_output;
    lose("max_tokens", fmt::format("the model gives at most {} tokens", *most), Loss::Kind::changed);
    return most;
  }

  void write_own_options(JsonWriter& json) {
    constexpr std::string_view prefix = "options.";
    if (!own_) return;
    std::erase_if(native_.fields, [&](const chat::NativeField& field) {
      const std::string_view path = field.path;
      if (!path.starts_with(prefix) || path.find_first_of(".[", prefix.size()) != path.npos) return false;
      names_.emplace_back(path.substr(prefix.size()));
      json.member(names_.back(), field.value);
      return true;
    });
  }

  // A level for a model that thinks by one, else whether to think at all.
  void write_thinking(const chat::Thinking& asked) {
    const bool off = asked.effort == Effort::none && !asked.budget && !asked.adaptive;
    if (!target_.thinks) {
      if (!off) lose("thinking", "the model does not think before it answers");
      return;
    }
    if (off) return json_.member("think", false);
    const bool bare = !asked.effort && !asked.budget;
    if (bare || !target_.thinks_by_effort) {
      if (!bare)
        lose(asked.effort ? "reasoning_effort" : "thinking",
             target_.why("the model thinks as much as it does", "for one that thinks as much as it does"),
             Loss::Kind::changed);
      return json_.member("think", true);
    }
    if (asked.budget) lose("thinking.budget_tokens", "the model thinks by a level, not by a budget");
    const Effort effort = asked.effort.value_or(of_budget(asked.budget.value_or(0)));
    const std::string_view level = own_ ? chat::word(effort) : level_of(effort);
    if (level != chat::word(effort))
      lose("reasoning_effort", fmt::format("the nearest level of the model is {}", level), Loss::Kind::changed);
    json_.member("think", level);
  }

  static Effort of_budget(std::uint64_t tokens) {
    return tokens <= 1024 ? Effort::low : tokens <= 2048 ? Effort::medium : Effort::high;
  }
  static std::string_view level_of(Effort effort) {
    if (effort <= Effort::low) return "low";
    return effort == Effort::medium ? "medium" : "high";
  }

  void lose_of_prompts() {
    std::erase_if(native_.fields, [&](const chat::NativeField& field) {
      const bool of_one = own_ && std::ranges::find(of_prompts, field.path) != of_prompts.end();
      if (of_one) lose_native(field.path, "a conversation of Ollama", losses_);
      return of_one;
    });
  }

  const Request& request_;
  const TargetTraits& target_;
  chat::Losses& losses_;
  JsonWriter json_;
  const bool own_;                 // the client speaks the dialect itself
  chat::Native native_;            // what of it is not written yet
  std::deque<std::string> names_;  // of its options
};

}  // namespace

Result<WrittenRequest> write_request(const Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest written;
  if (auto done = Writer(request, target, written.body, losses).write(); !done)
    return std::unexpected(std::move(done.error()));
  return written;
}

}  // namespace apigw::dialects::ollama
