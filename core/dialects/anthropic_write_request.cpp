// The hub's request, written in the Anthropic dialect for one target.
//
// Arranged and settled first, then written from top to bottom in the order that a prompt is kept in: tools, system,
// turns. What the dialect has no word for is a loss; what only a client of this dialect can say goes out as it came.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic_request.h"
#include "dialects/native.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;
using chat::Number;

constexpr std::size_t most_name_bytes = 128;
class Writer {
 public:
  Writer(const chat::Request& request, const TargetTraits& target, WrittenRequest& out, chat::Losses& losses)
      : request_(request),
        target_(target),
        out_(out),
        losses_(losses),
        json_(out.body),
        names_(most_name_bytes, out.way_back) {}

  Result<void> write() {
    if (request_.answers.value_or(1) > 1)
      return fail(ErrorKind::invalid, "'n' must be 1: Anthropic gives one answer");
    Writing writing{request_, target_, names_, losses_};
    if (const auto& choice = request_.tool_choice) writing.allowed = {choice->allowed.begin(), choice->allowed.end()};
    auto turns = arrange(writing);
    if (!turns) return std::unexpected(std::move(turns.error()));
    const Arranged arranged = std::move(*turns);
    settled_ = settle(writing, arranged);
    out_.way_back.answer_in_tool = settled_.answer_tool;
    reserve_names(writing, arranged);
    json_.open_object();
    json_.member("model", target_.model);
    json_.member("max_tokens", settled_.max_output);
    if (auto written = write_tools(json_, writing, arranged, settled_); !written) return written;
    if (auto written = write_turns(json_, writing, arranged, instruction()); !written) return written;
    write_thinking();
    write_sampling();
    write_rest();
    json_.close();
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    losses_.add(kind, std::move(place), std::string(why));
  }

  [[nodiscard]] std::string_view instruction() {
    if (!request_.format || request_.format->kind != chat::AnswerFormat::Kind::json) return {};
    lose(Loss::Kind::changed, "response_format",
         "Anthropic has no such form; the model is told in a line of its own");
    return "Answer with one JSON object and nothing else.";
  }

  // Of the form of the answer in what came in; a prompt's has none.
  static std::string place(const std::string& given) { return given.empty() ? "response_format" : given; }

  void write_thinking() {
    if (settled_.disabled || settled_.thinks()) {
      json_.open_object("thinking");
      json_.member("type", settled_.disabled ? "disabled" : settled_.adaptive ? "adaptive" : "enabled");
      json_.member("budget_tokens", settled_.budget);
      json_.close();
    }
    const bool form =
        request_.format && request_.format->kind == chat::AnswerFormat::Kind::schema && !settled_.answer_tool;
    if (settled_.effort.empty() && !form) return;
    json_.open_object("output_config");
    json_.filled("effort", settled_.effort);
    if (form) {
      json_.open_object("format");
      json_.member("type", "json_schema");
      json_.member("schema", sayable_schema(request_.format->schema, place(request_.format->schema_place), losses_));
      json_.close();
      if (!request_.format->description.empty()) {
        lose(Loss::Kind::dropped, inside(place(request_.format->place), "description"),
             "Anthropic has none for the form of an answer");
      }
    }
    json_.close();
  }

  void write_sampling() {
    unknown("frequency_penalty", request_.frequency_penalty.has_value());
    unknown("presence_penalty", request_.presence_penalty.has_value());
    unknown("seed", request_.seed.has_value());
    if (target_.fixed_sampling) return drop_sampling();
    if (const auto& temperature = request_.temperature) write_temperature(*temperature);
    if (const auto& top_p = request_.top_p) {
      if (settled_.thinks() && top_p->value < 0.95)
        lose(Loss::Kind::dropped, "top_p", "Anthropic takes it from 0.95 on while it thinks");
      else if (request_.temperature && !settled_.thinks())
        lose(Loss::Kind::dropped, "top_p", "Anthropic takes it or a temperature");
      else
        json_.member("top_p", *top_p);
    }
    if (request_.top_k && settled_.thinks())
      lose(Loss::Kind::dropped, "top_k", "Anthropic takes none while it thinks");
    else
      json_.member("top_k", request_.top_k);
  }

  void drop_sampling() {
    const auto drop = [&](std::string_view key, const std::optional<Number>& value) {
      if (value)
        lose(
            Loss::Kind::dropped, std::string(key),
            target_.why("the model takes no word on how it samples", "for one that takes no word on how it samples"));
    };
    drop("temperature", request_.temperature);
    drop("top_p", request_.top_p);
    drop("top_k", request_.top_k);
  }

  void unknown(std::string_view key, bool given) {
    if (given) lose(Loss::Kind::dropped, std::string(key), "Anthropic has no such parameter");
  }

  void write_temperature(const Number& temperature) {
    if (settled_.thinks()) {
      if (temperature.value != 1) lose(Loss::Kind::dropped, "temperature", "Anthropic takes none while it thinks");
      return;
    }
    const double value = std::clamp(temperature.value, 0.0, 1.0);
    if (value == temperature.value) return json_.member("temperature", temperature);
    if (!target_.clamp) {
      if (!error_) error_ = Error{ErrorKind::invalid, "'temperature' must be between 0 and 1 for this model"};
      return;
    }
    lose(Loss::Kind::changed, "temperature", "Anthropic takes 0 to 1");
    json_.member("temperature", Number{.text = value == 0 ? "0" : "1", .value = value});
  }

  void write_rest() {
    write_stops();
    if (request_.user) {
      json_.open_object("metadata");
      json_.member("user_id", *request_.user);
      json_.close();
    }
    write_tier();
    if (request_.stream) json_.member("stream", true);
    write_native(json_, request_.native, own_word, speaker, asks_nothing, losses_);
  }

  void write_stops() {
    const auto sayable = [](const std::string& stop) {
      return stop.find_first_not_of(" \t\r\n") != std::string::npos;
    };
    for (std::size_t i = 0; i < request_.stop.size(); ++i) {
      if (!sayable(request_.stop[i]))
        lose(Loss::Kind::dropped, element("stop", i), "Anthropic stops at no blank text");
    }
    if (std::ranges::none_of(request_.stop, sayable)) return;
    json_.open_array("stop_sequences");
    for (const std::string& stop : request_.stop) {
      if (sayable(stop)) json_.element(stop);
    }
    json_.close();
  }

  void write_tier() {
    if (!request_.service_tier) return;
    const std::string& tier = *request_.service_tier;
    if (request_.native.dialect == own_word || tier == "auto")
      json_.member("service_tier", tier);
    else if (tier == "default")
      json_.member("service_tier", "standard_only");
    else
      lose(Loss::Kind::dropped, "service_tier", "Anthropic has no such tier");
  }

  const chat::Request& request_;
  const TargetTraits& target_;
  WrittenRequest& out_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;

  Settled settled_;
  std::optional<Error> error_;
};

}  // namespace

Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest out;
  if (auto written = Writer(request, target, out, losses).write(); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace apigw::dialects::anthropic
