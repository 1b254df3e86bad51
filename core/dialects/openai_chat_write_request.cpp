// A request of the hub, written in the OpenAI dialect or one that grew out of it: everything but its messages.
//
// What the target is known to refuse is left out and listed. A stream always asks for its usage, because a call
// without it cannot be counted.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_chat_request.h"
#include "dialects/openai_completions.h"

namespace apigw::dialects::openai {

namespace {

using chat::Loss;
using chat::Request;
using chat::ToolChoice;

constexpr std::size_t longest_tool_name = 64;

class Writer {
 public:
  Writer(const Request& request, const TargetTraits& target, const Form& form, WrittenRequest& written,
         chat::Losses& losses)
      : request_(request),
        target_(target),
        form_(form),
        losses_(losses),
        json_(written.body),
        names_(longest_tool_name, written.way_back) {}

  Result<void> write() {
    for (const chat::Tool& tool : request_.tools) names_.reserve(tool.name);
    json_.open_object();
    json_.member("model", target_.model);
    if (form_.texts) {
      if (auto prompt = completions::write_prompt(json_, request_, losses_); !prompt) return prompt;
    } else {
      if (auto messages = write_messages(json_, request_, target_, form_, names_, losses_); !messages)
        return messages;
      write_tools();
      write_format();
      write_thinking();
    }
    write_sampling();
    if (auto stops = write_limits(); !stops) return stops;
    write_who();
    write_stream();
    write_natives();
    json_.close();
    return {};
  }

 private:
  void lose(std::string_view path, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, std::string(path), std::string(why));
  }

  void write_tools() {
    if (request_.tools.empty()) {
      if (request_.tool_choice) lose("tool_choice", "a request without tools has no choice of one");
      if (request_.parallel_tools) lose("parallel_tool_calls", "a request without tools makes no calls");
      return;
    }
    const bool only_allowed = !form_.allowed_tools && request_.tool_choice && !request_.tool_choice->allowed.empty();
    if (only_allowed) lose("tool_choice.allowed_tools", "the other tools are left out", Loss::Kind::changed);
    json_.open_array("tools");
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const chat::Tool& tool = request_.tools[i];
      if (only_allowed && !request_.tool_choice->leaves(tool.name)) continue;
      json_.open_object();
      json_.member("type", "function");
      json_.open_object("function");
      json_.member("name", names_.sent(tool.name));
      json_.filled("description", tool.description);
      if (tool.schema.text != "null") json_.member("parameters", tool.schema);
      json_.member("strict", tool.strict);
      json_.close();
      write_cache_mark(json_, tool.cache, target_,
                       (tool.place.empty() ? element("tools", i) : tool.place) + ".cache_control", losses_);
      json_.close();
    }
    json_.close();
    if (request_.tool_choice) write_choice(*request_.tool_choice);
    json_.member("parallel_tool_calls", request_.parallel_tools);
  }

  void write_choice(const ToolChoice& choice) {
    if (choice.mode == ToolChoice::Mode::named) {
      json_.open_object("tool_choice");
      write_function(choice.name);
      json_.close();
      return;
    }
    const bool must = choice.mode == ToolChoice::Mode::required;
    const std::string_view mode = must ? form_.must_call : choice_word(choice.mode);
    if (choice.allowed.empty() || !form_.allowed_tools) return json_.member("tool_choice", mode);
    json_.open_object("tool_choice");
    json_.member("type", "allowed_tools");
    json_.open_object("allowed_tools");
    json_.member("mode", mode);
    json_.open_array("tools");
    for (const std::string& name : choice.allowed) {
      json_.open_object();
      write_function(name);
      json_.close();
    }
    json_.close();
    json_.close();
    json_.close();
  }

  void write_function(std::string_view name) {
    json_.member("type", "function");
    json_.open_object("function");
    json_.member("name", names_.sent(name));
    json_.close();
  }

  void write_format() {
    if (!request_.format) return;
    const chat::AnswerFormat& format = *request_.format;
    using enum chat::AnswerFormat::Kind;
    const std::string place = format.place.empty() ? "response_format.json_schema" : format.place;
    const bool without_schema = format.kind == schema && !target_.native_schema;
    if (without_schema) lose(place, "the target takes no schema, only JSON", Loss::Kind::changed);
    json_.open_object("response_format");
    json_.member("type", format.kind == text                     ? "text"
                         : format.kind == json || without_schema ? "json_object"
                                                                 : "json_schema");
    if (format.kind == schema && !without_schema) {
      json_.open_object("json_schema");
      write_schema(json_, format, place, losses_);
      json_.close();
    }
    json_.close();
  }

  void write_thinking() {
    const auto effort = effort_for(request_, target_, losses_);
    if (!effort) return;
    const chat::Effort said = std::min(*effort, form_.most_effort);
    json_.member("reasoning_effort", chat::word(said));
    if (said != *effort)
      lose("reasoning_effort", fmt::format("the most is {}", chat::word(said)), Loss::Kind::changed);
  }

  struct Sampling {
    std::string_view key;
    std::optional<chat::Number> Request::* member;
    double least, most;
  };
  void write_sampling() {
    const auto sampling = std::to_array<Sampling>({
        {"temperature", &Request::temperature, 0, form_.hottest},
        {"top_p", &Request::top_p, 0, 1},
        {"frequency_penalty", &Request::frequency_penalty, -2, 2},
        {"presence_penalty", &Request::presence_penalty, -2, 2},
    });
    for (const Sampling& row : sampling) {
      const auto& number = request_.*row.member;
      if (!number) continue;
      if (target_.fixed_sampling)
        lose(row.key, target_.why("a reasoning model takes its own value only",
                                  "for a reasoning model, which takes its own value only"));
      else
        write_number(row, *number);
    }
    if (request_.top_k && target_.top_k && form_.top_k)
      json_.member("top_k", request_.top_k);
    else if (request_.top_k)
      lose("top_k", fmt::format("{} has none", form_.speaker));
    json_.member(form_.seed, request_.seed);
    json_.member("n", request_.answers);
  }

  // Out of range and not to be clamped, a value goes as it is: the target refuses it in its own words.
  void write_number(const Sampling& row, const chat::Number& number) {
    const double inside = std::clamp(number.value, row.least, row.most);
    if (inside == number.value || !target_.clamp) return json_.member(row.key, number);
    json_.member(row.key, json::Raw{fmt::format("{}", inside)});
    lose(row.key, fmt::format("{} is outside of {} to {}", number.text, row.least, row.most), Loss::Kind::changed);
  }

  Result<void> write_limits() {
    const std::string_view limit =
        target_.max_tokens_only || form_.older_limit ? "max_tokens" : "max_completion_tokens";
    auto most = request_.max_output;
    if (!most && form_.texts) most = completions::limit_of_an_answer;
    if (most && target_.max_output && target_.clamp && *most > *target_.max_output) {
      most = target_.max_output;
      lose(limit, fmt::format("the model gives at most {} tokens", *most), Loss::Kind::changed);
    }
    json_.member(limit, most);
    if (request_.stop.empty()) return {};
    if (target_.fixed_sampling) {
      lose("stop", target_.why("a reasoning model takes no stop sequences",
                               "for a reasoning model, which takes no stop sequences"));
      return {};
    }
    if (request_.stop.size() > form_.most_stops) {
      if (!target_.clamp) return fail(ErrorKind::invalid, "'stop' must hold at most 4 sequences for this model");
      lose("stop", fmt::format("{} takes four, the first four go", form_.speaker), Loss::Kind::changed);
    }
    json_.open_array("stop");
    for (std::size_t i = 0; i < std::min(request_.stop.size(), form_.most_stops); ++i)
      json_.element(request_.stop[i]);
    json_.close();
    return {};
  }

  void write_who() {
    if (form_.names)
      json_.member("user", request_.user);
    else if (request_.user)
      lose("user", fmt::format("{} has no place for it", form_.speaker));
    if (form_.texts && request_.service_tier)
      return lose("service_tier", fmt::format("{} has no tiers", form_.speaker));
    json_.filled("service_tier", form_.one_word_tiers ? lesser_tier() : tier_for(request_, form_.speaker, losses_));
  }

  // Anthropic has the same two; OpenAI's usual one is the lesser of them.
  std::string_view lesser_tier() {
    if (!request_.service_tier) return {};
    const std::string_view tier = *request_.service_tier;
    if (tier == "auto" || tier == "standard_only") return tier;
    if (tier == "default" && of_openai(request_.native)) return "standard_only";
    lose("service_tier", fmt::format("{} has no such tier", form_.speaker));
    return {};
  }

  void write_stream() {
    if (!request_.stream) return;
    json_.member("stream", true);
    if (!target_.stream_options || form_.usage_unasked) return;
    json_.open_object("stream_options");
    json_.member("include_usage", true);
    json_.close();
  }

  // A server that knows the limit of an answer by its older name knows none of the newer ones.
  void write_natives() {
    const auto write = [&](const chat::Native& native) {
      write_native(json_, native, form_.word, form_.speaker, asks_nothing, losses_);
    };
    const bool knows_none = target_.max_tokens_only && form_.word == own_word;
    if (request_.native.dialect == form_.word || knows_none) return write(request_.native);
    const SharedNative native = shared_native(request_.native, form_.word);
    write(native.own);
    write(native.rest);
  }

  const Request& request_;
  const TargetTraits& target_;
  const Form& form_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;
};

}  // namespace

Result<WrittenRequest> write_request(const Request& request, const TargetTraits& target, chat::Losses& losses,
                                     const Form& form) {
  WrittenRequest written;
  if (auto done = Writer(request, target, form, written, losses).write(); !done) return std::unexpected(done.error());
  return written;
}

}  // namespace apigw::dialects::openai
