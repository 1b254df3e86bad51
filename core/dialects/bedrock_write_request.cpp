// The hub's request, written as Bedrock's Converse for one target.
//
// Arranged and settled by the rules of Anthropic's models, which are Bedrock's for all: turns alternate, every call
// is answered in the next turn, tools that the turns called stay declared. How much to think and top_k are said in
// the words of the model's maker, beside the common settings; of a maker without such words they are a loss.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/bedrock.h"
#include "dialects/native.h"

namespace apigw::dialects::bedrock {

namespace {

using chat::Effort;
using chat::Loss;
using chat::Number;
using Mode = chat::ToolChoice::Mode;

constexpr std::size_t most_name_bytes = 64;

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
    if (request_.answers.value_or(1) > 1) return fail(ErrorKind::invalid, "'n' must be 1: Bedrock gives one answer");
    Writing writing{request_, target_, names_, losses_};
    writing.to = speaker;
    writing.takes_back = of_anthropic(target_) ? claudes_proof : own_proof;
    writing.demands_limit = false;
    writing.excludes = of_anthropic(target_);
    if (const auto& choice = request_.tool_choice) writing.allowed = {choice->allowed.begin(), choice->allowed.end()};
    const auto arranged = anthropic::arrange(writing);
    if (!arranged) return std::unexpected(arranged.error());
    settled_ = anthropic::settle(writing, *arranged);
    out_.way_back.answer_in_tool = settled_.answer_tool;
    out_.way_back.model = target_.model;
    anthropic::reserve_names(writing, *arranged);
    json_.open_object();
    if (auto written = bedrock::write_turns(json_, writing, *arranged, instruction()); !written) return written;
    if (auto written = bedrock::write_tools(json_, writing, *arranged, settled_); !written) return written;
    write_settings();
    write_form();
    write_own_fields();
    write_tier();
    write_native(json_, request_.native, own_word, speaker, asks_nothing, losses_);
    json_.close();
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    losses_.add(kind, std::move(place), std::string(why));
  }
  void lose_where(bool given, std::string_view key, std::string_view why) {
    if (given) lose(Loss::Kind::dropped, std::string(key), why);
  }

  [[nodiscard]] std::string_view instruction() {
    if (!request_.format || request_.format->kind != chat::AnswerFormat::Kind::json) return {};
    lose(Loss::Kind::changed, "response_format", "Bedrock has no such form; the model is told in a line of its own");
    return "Answer with one JSON object and nothing else.";
  }

  /* ------------------------------ settings ------------------------------ */

  // Values of the common settings, each filled where it is sent.
  struct Settings {
    std::optional<std::uint64_t> max_output;
    std::optional<Number> temperature, top_p;
    std::vector<std::string_view> stops;
    [[nodiscard]] bool empty() const { return !max_output && !temperature && !top_p && stops.empty(); }
  };

  void write_settings() {
    lose_where(request_.frequency_penalty.has_value(), "frequency_penalty", "Bedrock has no such parameter");
    lose_where(request_.presence_penalty.has_value(), "presence_penalty", "Bedrock has no such parameter");
    lose_where(request_.seed.has_value(), "seed", "Bedrock has no such parameter");
    lose_where(request_.user.has_value(), "user", "Bedrock has no such parameter");
    Settings settings;
    if (request_.max_output) settings.max_output = settled_.max_output;
    settle_sampling(settings);
    for (std::size_t i = 0; i < request_.stop.size(); ++i) {
      if (request_.stop[i].find_first_not_of(" \t\r\n") == std::string::npos)
        lose(Loss::Kind::dropped, element("stop", i), "Bedrock stops at no blank text");
      else
        settings.stops.push_back(request_.stop[i]);
    }
    if (settings.empty()) return;
    json_.open_object("inferenceConfig");
    json_.member("maxTokens", settings.max_output);
    json_.member("temperature", settings.temperature);
    json_.member("topP", settings.top_p);
    if (!settings.stops.empty()) {
      json_.open_array("stopSequences");
      for (const std::string_view stop : settings.stops) json_.element(stop);
      json_.close();
    }
    json_.close();
  }

  void settle_sampling(Settings& settings) {
    if (target_.fixed_sampling && (request_.temperature || request_.top_p)) {
      const std::string why =
          target_.why("the model takes no word on how it samples", "for one that takes no word on how it samples");
      lose_where(request_.temperature.has_value(), "temperature", why);
      return lose_where(request_.top_p.has_value(), "top_p", why);
    }
    const bool thinks = settled_.thinks();
    if (request_.temperature && thinks && request_.temperature->value != 1)
      lose(Loss::Kind::dropped, "temperature", "Claude takes none while it thinks");
    else if (!thinks)
      settings.temperature = in_range(request_.temperature);
    const auto& top_p = request_.top_p;
    if (!top_p) return;
    if (thinks && top_p->value < 0.95)
      lose(Loss::Kind::dropped, "top_p", "Claude takes it from 0.95 on while it thinks");
    else if (of_anthropic(target_) && request_.temperature && !thinks)
      lose(Loss::Kind::dropped, "top_p", "Claude takes it or a temperature");
    else
      settings.top_p = top_p;
  }

  std::optional<Number> in_range(const std::optional<Number>& temperature) {
    if (!temperature) return std::nullopt;
    const double value = std::clamp(temperature->value, 0.0, 1.0);
    if (value == temperature->value) return temperature;
    if (!target_.clamp) {
      if (!error_) error_ = Error{ErrorKind::invalid, "'temperature' must be between 0 and 1 for this model"};
      return std::nullopt;
    }
    lose(Loss::Kind::changed, "temperature", "Bedrock takes 0 to 1");
    return Number{.text = value == 0 ? "0" : "1", .value = value};
  }

  /* ------------------------- the form of an answer ---------------------- */

  static std::string place(const std::string& given) { return given.empty() ? "response_format" : given; }

  // The schema goes as a text that holds it.
  void write_form() {
    const auto& format = request_.format;
    if (!format || format->kind != chat::AnswerFormat::Kind::schema || settled_.answer_tool) return;
    json_.open_object("outputConfig");
    json_.open_object("textFormat");
    json_.member("type", "json_schema");
    json_.open_object("structure");
    json_.open_object("jsonSchema");
    json_.member("schema", anthropic::sayable_schema(format->schema, place(format->schema_place), losses_).text);
    json_.filled("name", format->name);
    json_.filled("description", format->description);
    for (int i = 0; i < 4; ++i) json_.close();
  }

  /* ---------------------- in the words of the maker --------------------- */

  struct EffortWord {
    Effort effort;
    std::string_view word;
  };

  // What goes into additionalModelRequestFields; the object is opened with the first.
  void write_own_fields() {
    const auto& asked = request_.thinking;
    if (of_anthropic(target_)) {
      write_claude();
    } else if (asked && target_.maker == "openai") {
      if (const auto word = level(*asked)) own_field("reasoning_effort", *word);
    } else if (asked && of_amazon(target_) && target_.thinks) {
      write_nova(*asked);
    } else if (asked && (asked->budget || asked->effort.value_or(Effort::high) != Effort::none)) {
      lose(Loss::Kind::dropped, "thinking", "Bedrock cannot tell this model how much to think");
    }
    if (request_.top_k && !of_anthropic(target_))
      lose(Loss::Kind::dropped, "top_k", "Bedrock takes it for Anthropic's models alone");
    if (own_open_) json_.close();
  }

  void open_own() {
    if (!own_open_) json_.open_object("additionalModelRequestFields");
    own_open_ = true;
  }
  template <class T>
  void own_field(std::string_view key, const T& value) {
    open_own();
    json_.member(key, value);
  }

  void write_claude() {
    if (settled_.disabled || settled_.thinks()) {
      open_own();
      json_.open_object("thinking");
      json_.member("type", settled_.disabled ? "disabled" : settled_.adaptive ? "adaptive" : "enabled");
      json_.member("budget_tokens", settled_.budget);
      json_.close();
    }
    if (!settled_.effort.empty()) {
      open_own();
      json_.open_object("output_config");
      json_.member("effort", settled_.effort);
      json_.close();
    }
    if (!request_.top_k) return;
    if (target_.fixed_sampling)
      lose(Loss::Kind::dropped, "top_k",
           target_.why("the model takes no word on how it samples", "for one that takes no word on how it samples"));
    else if (settled_.thinks())
      lose(Loss::Kind::dropped, "top_k", "Claude takes none while it thinks");
    else
      own_field("top_k", *request_.top_k);
  }

  // The nearest of three words; nothing where the model is not to think.
  std::optional<std::string_view> level(const chat::Thinking& asked) {
    constexpr auto words = std::to_array<EffortWord>({{Effort::minimal, "low"},
                                                      {Effort::low, "low"},
                                                      {Effort::medium, "medium"},
                                                      {Effort::high, "high"},
                                                      {Effort::xhigh, "high"},
                                                      {Effort::max, "high"}});
    if (asked.budget) lose(Loss::Kind::changed, "thinking", "the model thinks by a word, not by a budget");
    const Effort effort = asked.effort.value_or(Effort::medium);
    const auto row = std::ranges::find(words, effort, &EffortWord::effort);
    if (row == words.end()) {
      if (target_.always_thinks) lose(Loss::Kind::dropped, "thinking", "the model cannot be told not to think");
      return std::nullopt;
    }
    if (chat::word(effort) != row->word)
      lose(Loss::Kind::changed, "thinking", fmt::format("the nearest word of the model is {}", row->word));
    return row->word;
  }

  void write_nova(const chat::Thinking& asked) {
    const auto word = level(asked);
    open_own();
    json_.open_object("reasoningConfig");
    json_.member("type", word ? "enabled" : "disabled");
    if (word) json_.member("maxReasoningEffort", *word);
    json_.close();
  }

  void write_tier() {
    if (!request_.service_tier || *request_.service_tier == "auto") return;
    constexpr auto words = std::to_array<std::string_view>({"default", "flex", "priority"});
    if (std::ranges::find(words, *request_.service_tier) == words.end())
      return lose(Loss::Kind::dropped, "service_tier", "Bedrock has no such tier");
    json_.open_object("serviceTier");
    json_.member("type", *request_.service_tier);
    json_.close();
  }

  const chat::Request& request_;
  const TargetTraits& target_;
  WrittenRequest& out_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;

  Settled settled_;
  bool own_open_ = false;
  std::optional<Error> error_;
};

}  // namespace

Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest out;
  if (auto written = Writer(request, target, out, losses).write(); !written) return std::unexpected(written.error());
  return out;
}

}  // namespace apigw::dialects::bedrock
