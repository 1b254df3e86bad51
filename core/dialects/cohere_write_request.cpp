// A request of the hub, written in Cohere's dialect: everything but its messages.
//
// A choice of one tool, or among some, is made by leaving out the others; whether a model keeps to schemas is said
// for all tools at once. No reply names its model, so the way back knows it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/cohere_request.h"
#include "dialects/function_tools.h"
#include "dialects/native.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Effort;
using chat::Loss;
using chat::Request;
using chat::ToolChoice;

// As the reference of version 1 says it, that of version 2 nothing: letters, digits and _, no digit first.
constexpr NameRules name_rules{.dashes = false, .word_first = true};
constexpr std::size_t most_stops = 5;

struct Sampling {
  std::string_view hub, key;
  std::optional<chat::Number> Request::* member;
  double least, most;
};
constexpr auto sampling = std::to_array<Sampling>({
    {"temperature", "temperature", &Request::temperature, 0, 1},
    {"top_p", "p", &Request::top_p, 0.01, 0.99},
    {"top_k", "k", &Request::top_k, 0, 500},
    {"frequency_penalty", "frequency_penalty", &Request::frequency_penalty, 0, 1},
    {"presence_penalty", "presence_penalty", &Request::presence_penalty, 0, 1},
});

// Tokens of thinking for a word, the checklist's T6.01.
struct Budget {
  Effort effort;
  std::uint64_t tokens;
};
constexpr auto budgets = std::to_array<Budget>({{Effort::minimal, 1024},
                                                {Effort::low, 1024},
                                                {Effort::medium, 2048},
                                                {Effort::high, 4096},
                                                {Effort::xhigh, 8192},
                                                {Effort::max, 16384}});

class Writer {
 public:
  Writer(const Request& request, const TargetTraits& target, WrittenRequest& written, chat::Losses& losses)
      : request_(request),
        target_(target),
        losses_(losses),
        json_(written.body),
        names_(name_rules, written.way_back),
        own_(request.native.dialect == own_word) {
    written.way_back.model = target.model;
  }

  Result<void> write() {
    if (request_.answers.value_or(1) > 1) return fail(ErrorKind::invalid, "'n' must be 1: Cohere gives one answer");
    for (const chat::Tool& tool : request_.tools) names_.reserve(tool.name);
    json_.open_object();
    json_.member("model", target_.model);
    if (auto messages = write_messages(json_, request_, target_, names_, losses_); !messages) return messages;
    if (auto tools = write_tools(); !tools) return tools;
    write_format();
    json_.member("max_tokens", limit());
    if (auto stops = write_stops(); !stops) return stops;
    for (const Sampling& row : sampling) write_number(row);
    json_.member("seed", request_.seed);
    if (request_.thinking) write_thinking(*request_.thinking);
    json_.member("stream", request_.stream);
    if (request_.user) lose("user", "Cohere has no word for who asks");
    if (request_.service_tier && request_.service_tier != "auto") lose("service_tier", "Cohere has no tiers");
    write_native(json_, request_.native, own_word, speaker, asks_nothing, losses_);
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

  Result<void> write_tools() {
    if (request_.parallel_tools == false) lose("parallel_tool_calls", "Cohere has no such switch");
    if (request_.tools.empty()) {
      if (request_.tool_choice && request_.tool_choice->mode != ToolChoice::Mode::automatic)
        lose("tool_choice", "a request without tools has no choice of one");
      return {};
    }
    if (std::ranges::none_of(request_.tools, [this](const chat::Tool& tool) { return offered(tool); }))
      return fail(ErrorKind::invalid, "'tool_choice' names no tool that is among 'tools'");
    if (request_.tool_choice && !request_.tool_choice->allowed.empty())
      lose("tool_choice.allowed_tools", "the other tools are left out", Loss::Kind::changed);
    json_.open_array("tools");
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const chat::Tool& tool = request_.tools[i];
      if (offered(tool)) write_tool(tool, tool.place.empty() ? element("tools", i) : tool.place);
    }
    json_.close();
    write_strictness();
    write_choice();
    return {};
  }

  void write_tool(const chat::Tool& tool, const std::string& place) {
    write_function_tool(json_, tool, names_.sent(tool.name), own_);
    if (tool.cache) lose(inside(place, "cache_control"), "Cohere caches of its own accord");
  }

  void write_strictness() {
    std::optional<bool> all;
    for (const chat::Tool& tool : request_.tools)
      if (offered(tool) && tool.strict) all = all.value_or(false) || *tool.strict;
    json_.member("strict_tools", all);
    if (!all.value_or(false)) return;
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const chat::Tool& tool = request_.tools[i];
      if (offered(tool) && !tool.strict.value_or(false))
        lose(inside(tool.place.empty() ? element("tools", i) : tool.place, "strict"),
             "Cohere keeps to the schemas of all tools or of none", Loss::Kind::changed);
    }
  }

  void write_choice() {
    using Mode = ToolChoice::Mode;
    const Mode mode = request_.tool_choice ? request_.tool_choice->mode : Mode::automatic;
    if (mode != Mode::automatic) json_.member("tool_choice", mode == Mode::none ? "NONE" : "REQUIRED");
  }

  /* ------------------------------- settings ----------------------------- */

  void write_format() {
    using Kind = chat::AnswerFormat::Kind;
    if (!request_.format) return;
    const chat::AnswerFormat& format = *request_.format;
    const std::string place = format.place.empty() ? "response_format" : format.place;
    const bool schema = format.kind == Kind::schema && target_.native_schema;
    if (format.kind == Kind::schema && !schema)
      lose(place, "the target takes no schema, only JSON", Loss::Kind::changed);
    json_.open_object("response_format");
    json_.member("type", format.kind == Kind::text ? "text" : "json_object");
    if (schema) json_.member("json_schema", format.schema);
    json_.close();
    if (!format.description.empty()) lose(inside(place, "description"), "Cohere has none for the form of an answer");
  }

  [[nodiscard]] std::optional<std::uint64_t> limit() {
    auto most = request_.max_output;
    if (!most || !target_.max_output || *most <= *target_.max_output || !target_.clamp) return most;
    most = target_.max_output;
    lose("max_tokens", fmt::format("the model gives at most {} tokens", *most), Loss::Kind::changed);
    return most;
  }

  Result<void> write_stops() {
    if (request_.stop.empty()) return {};
    if (request_.stop.size() > most_stops) {
      if (!target_.clamp) return fail(ErrorKind::invalid, "'stop' must hold at most 5 sequences for this model");
      lose("stop", "Cohere takes five, the first five go", Loss::Kind::changed);
    }
    json_.open_array("stop_sequences");
    for (std::size_t i = 0; i < std::min(request_.stop.size(), most_stops); ++i) json_.element(request_.stop[i]);
    json_.close();
    return {};
  }

  // Out of range and not to be clamped, a value goes as it is: the target refuses it in its own words.
  void write_number(const Sampling& row) {
    const auto& number = request_.*row.member;
    if (!number) return;
    const double inside = std::clamp(number->value, row.least, row.most);
    if (inside == number->value || !target_.clamp) return json_.member(row.key, number);
    json_.member(row.key, json::Raw{fmt::format("{}", inside)});
    lose(std::string(row.hub), fmt::format("{} is outside of {} to {}", number->text, row.least, row.most),
         Loss::Kind::changed);
  }

  void write_thinking(const chat::Thinking& asked) {
    const bool off = asked.effort == Effort::none && !asked.budget && !asked.adaptive;
    if (!target_.thinks) {
      if (!off) lose(asked.effort ? "reasoning_effort" : "thinking", "the model does not think before it answers");
      return;
    }
    json_.open_object("thinking");
    json_.member("type", off ? "disabled" : "enabled");
    const auto row = std::ranges::find(budgets, asked.effort.value_or(Effort::none), &Budget::effort);
    const bool by_effort = !asked.budget && row != budgets.end();
    if (asked.budget) json_.member("token_budget", *asked.budget);
    if (by_effort) json_.member("token_budget", row->tokens);
    json_.close();
    if (by_effort)
      lose("reasoning_effort", fmt::format("Cohere takes a budget: {} tokens", row->tokens), Loss::Kind::changed);
  }

  const Request& request_;
  const TargetTraits& target_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;
  const bool own_;  // the client speaks the dialect itself
};

}  // namespace

Result<WrittenRequest> write_request(const Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest written;
  if (auto done = Writer(request, target, written, losses).write(); !done)
    return std::unexpected(std::move(done.error()));
  return written;
}

}  // namespace apigw::dialects::cohere
