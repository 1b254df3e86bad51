// A request of the hub, written in the Responses dialect: everything but its input.
//
// The provider is asked to keep nothing that the client did not ask it to keep, and to hand out the proof of its
// thoughts instead. A function is strict by default here and was not where the client said nothing, so that is said.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_chat_request.h"
#include "dialects/openai_responses_request.h"

namespace apigw::dialects::responses {

namespace {

using chat::Loss;
using chat::Request;
using chat::ToolChoice;

constexpr std::size_t longest_tool_name = 64;
constexpr std::uint64_t least_output = 16;  // tokens; fewer are refused

class Writer {
 public:
  Writer(const Request& request, const TargetTraits& target, WrittenRequest& written, chat::Losses& losses)
      : request_(request),
        target_(target),
        losses_(losses),
        json_(written.body),
        names_(longest_tool_name, written.way_back),
        own_(request.native.dialect == own_word),
        native_(openai::shared_native(request.native, own_word)) {
    if (own_) std::swap(native_.own, native_.rest);
  }

  Result<void> write() {
    if (request_.answers.value_or(1) > 1)
      return fail(ErrorKind::invalid, "'n' must be 1: OpenAI Responses gives one answer");
    for (const chat::Tool& tool : request_.tools) names_.reserve(tool.name);
    json_.open_object();
    json_.member("model", target_.model);
    if (auto input = write_input(json_, request_, target_, names_, losses_); !input) return input;
    write_tools();
    write_text();
    write_reasoning();
    write_sampling();
    write_limit();
    json_.member("user", request_.user);
    json_.filled("service_tier", openai::tier_for(request_, speaker, losses_));
    if (request_.stream) json_.member("stream", true);
    write_keeping();
    write_native(json_, native_.own, own_word, speaker, asks_nothing, losses_);
    write_native(json_, native_.rest, own_word, speaker, asks_nothing, losses_);
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
    json_.open_array("tools");
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      const chat::Tool& tool = request_.tools[i];
      json_.open_object();
      json_.member("type", "function");
      json_.member("name", names_.sent(tool.name));
      json_.filled("description", tool.description);
      if (tool.schema.text != "null") json_.member("parameters", tool.schema);
      if (tool.strict || !own_) json_.member("strict", tool.strict.value_or(false));
      openai::write_cache_mark(json_, tool.cache, target_,
                               (tool.place.empty() ? element("tools", i) : tool.place) + ".cache_control", losses_);
      json_.close();
    }
    json_.close();
    if (request_.tool_choice) write_choice(*request_.tool_choice);
    json_.member("parallel_tool_calls", request_.parallel_tools);
  }

  void write_choice(const ToolChoice& choice) {
    if (choice.mode != ToolChoice::Mode::named && choice.allowed.empty())
      return json_.member("tool_choice", openai::choice_word(choice.mode));
    json_.open_object("tool_choice");
    if (choice.mode == ToolChoice::Mode::named) {
      write_function(choice.name);
    } else {
      json_.member("type", "allowed_tools");
      json_.member("mode", openai::choice_word(choice.mode));
      json_.open_array("tools");
      for (const std::string& name : choice.allowed) {
        json_.open_object();
        write_function(name);
        json_.close();
      }
      json_.close();
    }
    json_.close();
  }

  void write_function(std::string_view name) {
    json_.member("type", "function");
    json_.member("name", names_.sent(name));
  }

  // What only the dialect itself says within one of its objects, "text." or "reasoning."; it is native no more.
  std::vector<chat::NativeField> own_below(std::string_view prefix) {
    std::vector<chat::NativeField> found;
    std::erase_if(native_.own.fields, [&](const chat::NativeField& field) {
      const bool direct =
          field.path.starts_with(prefix) && field.path.find_first_of(".[", prefix.size()) == std::string::npos;
      if (direct) found.push_back(field);
      return direct;
    });
    return found;
  }
  void write_below(const std::vector<chat::NativeField>& fields, std::string_view prefix) {
    for (const chat::NativeField& field : fields)
      json_.member(std::string_view(field.path).substr(prefix.size()), field.value);
  }

  void write_text() {
    constexpr std::string_view prefix = "text.";
    const auto rest = own_below(prefix);
    if (!request_.format && rest.empty()) return;
    json_.open_object("text");
    if (request_.format) write_format(*request_.format);
    write_below(rest, prefix);
    json_.close();
  }

  void write_format(const chat::AnswerFormat& format) {
    using enum chat::AnswerFormat::Kind;
    const std::string place = format.place.empty() ? "response_format.json_schema" : format.place;
    const bool without_schema = format.kind == schema && !target_.native_schema;
    if (without_schema) lose(place, "the target takes no schema, only JSON", Loss::Kind::changed);
    json_.open_object("format");
    const bool whole = format.kind == schema && !without_schema;
    json_.member("type", format.kind == text ? "text" : whole ? "json_schema" : "json_object");
    if (whole) openai::write_schema(json_, format, place, losses_);
    json_.close();
  }

  void write_reasoning() {
    constexpr std::string_view prefix = "reasoning.";
    const auto rest = own_below(prefix);
    const auto effort = openai::effort_for(request_, target_, losses_);
    if (!effort && rest.empty()) return;
    json_.open_object("reasoning");
    if (effort) json_.member("effort", chat::word(*effort));
    write_below(rest, prefix);
    json_.close();
  }

  struct Sampling {
    std::string_view key;
    std::optional<chat::Number> Request::* member;
    double most;  // from 0; negative: the dialect has no such setting
  };
  static const std::array<Sampling, 5> sampling;

  void write_sampling() {
    for (const Sampling& row : sampling) {
      const auto& number = request_.*row.member;
      if (!number) continue;
      if (row.most < 0)
        lose(row.key, fmt::format("{} has none", speaker));
      else if (target_.fixed_sampling)
        lose(row.key, target_.why("a reasoning model takes its own value only",
                                  "for a reasoning model, which takes its own value only"));
      else
        write_number(row, *number);
    }
    if (request_.seed) lose("seed", fmt::format("{} has none", speaker));
    if (!request_.stop.empty()) lose("stop", fmt::format("{} has no stop sequences", speaker));
  }

  // Out of range and not to be clamped, a value goes as it is: the target refuses it in its own words.
  void write_number(const Sampling& row, const chat::Number& number) {
    const double inside = std::clamp(number.value, 0.0, row.most);
    if (inside == number.value || !target_.clamp) return json_.member(row.key, number);
    json_.member(row.key, json::Raw{fmt::format("{}", inside)});
    lose(row.key, fmt::format("{} is outside of 0 to {}", number.text, row.most), Loss::Kind::changed);
  }

  void write_limit() {
    auto most = request_.max_output;
    if (most && target_.clamp) {
      if (target_.max_output && *most > *target_.max_output) {
        most = target_.max_output;
        lose("max_output_tokens", fmt::format("the model gives at most {} tokens", *most), Loss::Kind::changed);
      } else if (*most < least_output && !own_) {
        most = least_output;
        lose("max_output_tokens", fmt::format("{} takes no limit below {}", speaker, *most), Loss::Kind::changed);
      }
    }
    json_.member("max_output_tokens", most);
  }

  void write_keeping() {
    if (own_) return;
    json_.member("store", false);
    if (!target_.thinks_by_effort || target_.assumed) return;
    json_.open_array("include");
    json_.element(std::string_view("reasoning.encrypted_content"));
    json_.close();
  }

  const Request& request_;
  const TargetTraits& target_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;
  const bool own_;  // the client speaks the dialect itself
  openai::SharedNative native_;
};

const std::array<Writer::Sampling, 5> Writer::sampling = {{
    {"temperature", &Request::temperature, 2},
    {"top_p", &Request::top_p, 1},
    {"top_k", &Request::top_k, -1},
    {"frequency_penalty", &Request::frequency_penalty, -1},
    {"presence_penalty", &Request::presence_penalty, -1},
}};

}  // namespace

Result<WrittenRequest> write_request(const Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest written;
  if (auto done = Writer(request, target, written, losses).write(); !done) return std::unexpected(done.error());
  return written;
}

}  // namespace apigw::dialects::responses
