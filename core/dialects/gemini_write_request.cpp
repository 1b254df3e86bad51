// A request of the hub, written in the Gemini dialect: everything but its contents and tools. Model and operation go
// into the path.
//
// How much a model thinks is said in the way of its generation: by a word (thinkingLevel), or by a budget of tokens.
#include <algorithm>
#include <array>
#include <deque>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/gemini_request.h"
#include "dialects/native.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Effort;
using chat::Loss;
using chat::Number;
using chat::Request;

constexpr NameRules tool_rules{.most_bytes = 64, .more = ".:", .word_first = true};
constexpr std::size_t most_stops = 5;
constexpr std::uint64_t least_budget = 128;  // tokens, of a model that cannot be told not to think

struct EffortRow {
  Effort effort;
  std::string_view level;
  std::uint64_t budget;  // tokens
};
constexpr auto efforts = std::to_array<EffortRow>({
    {Effort::none, "minimal", 0},
    {Effort::minimal, "minimal", 1024},
    {Effort::low, "low", 1024},
    {Effort::medium, "medium", 2048},
    {Effort::high, "high", 4096},
    {Effort::xhigh, "high", 8192},
    {Effort::max, "high", 16384},
});

class Writer {
 public:
  Writer(const Request& request, const TargetTraits& target, WrittenRequest& written, chat::Losses& losses)
      : request_(request),
        target_(target),
        losses_(losses),
        json_(written.body),
        names_(tool_rules, written.way_back),
        own_(request.native.dialect == own_word),
        native_(request.native) {}

  Result<void> write() {
    for (const chat::Tool& tool : request_.tools) names_.reserve(tool.name);
    const Writing writing{request_, target_, names_, losses_, own_};
    json_.open_object();
    if (auto contents = write_contents(json_, writing); !contents) return contents;
    write_tools(json_, writing, native_);
    write_config();
    write_tier();
    if (request_.user) lose("user", "Gemini has no word for who asks");
    write_native(json_, native_, own_word, speaker, asks_nothing, losses_);
    json_.close();
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  void lose(std::string_view path, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, std::string(path), std::string(why));
  }

  void write_config() {
    json::Raw config{{}};
    JsonWriter json(config.text);
    json.open_object();
    write_limit(json);
    write_sampling(json);
    write_stops(json);
    write_format(json);
    write_thinking(json);
    write_below(json, "generationConfig.");
    json.close();
    if (config.text.size() > 2) json_.member("generationConfig", config);
  }

  // What only the dialect itself says directly within one of its objects.
  void write_below(JsonWriter& json, std::string_view prefix) {
    if (!own_) return;
    std::erase_if(native_.fields, [&](const chat::NativeField& field) {
      const std::string_view path = field.path;
      if (!path.starts_with(prefix) || path.find_first_of(".[", prefix.size()) != path.npos) return false;
      names_below_.emplace_back(path.substr(prefix.size()));
      json.member(names_below_.back(), field.value);
      return true;
    });
  }

  void write_limit(JsonWriter& json) {
    auto most = request_.max_output;
    if (most && target_.max_output && *most > *target_.max_output && target_.clamp) {
      most = target_.max_output;
      lose("max_tokens", fmt::format("the model gives at most {} tokens", *most), Loss::Kind::changed);
    }
    json.member("maxOutputTokens", most);
    json.member("candidateCount", request_.answers);
  }

  void write_sampling(JsonWriter& json) {
    number(json, "temperature", "temperature", request_.temperature, 2);
    number(json, "topP", "top_p", request_.top_p, 1);
    json.member("topK", request_.top_k);
    json.member("presencePenalty", request_.presence_penalty);
    json.member("frequencyPenalty", request_.frequency_penalty);
    using Most = std::numeric_limits<std::int32_t>;
    if (request_.seed && (*request_.seed > Most::max() || *request_.seed < Most::min()))
      lose("seed", "Gemini takes a number of 32 bits");
    else
      json.member("seed", request_.seed);
  }

  void number(JsonWriter& json, std::string_view key, std::string_view place, const std::optional<Number>& given,
              double most) {
    if (!given) return;
    const double value = std::clamp(given->value, 0.0, most);
    if (value == given->value) return json.member(key, *given);
    if (!target_.clamp) {
      if (!error_)
        error_ = Error{ErrorKind::invalid, fmt::format("'{}' must be between 0 and {} for this model", place, most)};
      return;
    }
    lose(place, fmt::format("Gemini takes 0 to {}", most), Loss::Kind::changed);
    json.member(key, json::Raw{fmt::format("{}", value)});
  }

  void write_stops(JsonWriter& json) {
    std::vector<std::string_view> stops;
    for (std::size_t i = 0; i < request_.stop.size(); ++i) {
      const std::string& stop = request_.stop[i];
      if (stop.empty()) continue;
      if (stops.size() == most_stops)
        lose(element("stop", i), "Gemini takes five of them");
      else
        stops.push_back(stop);
    }
    if (stops.empty()) return;
    json.open_array("stopSequences");
    for (const std::string_view stop : stops) json.element(stop);
    json.close();
  }

  void write_format(JsonWriter& json) {
    using Kind = chat::AnswerFormat::Kind;
    if (!request_.format) return;
    const chat::AnswerFormat& format = *request_.format;
    json.member("responseMimeType", format.kind == Kind::text ? "text/plain" : "application/json");
    if (format.kind != Kind::schema) return;
    const auto place = [](const std::string& given) { return given.empty() ? "response_format" : given; };
    if (target_.native_schema)
      json.member("responseJsonSchema", format.schema);
    else
      json.member("responseSchema", own_schema(format.schema, place(format.schema_place), losses_));
    if (!format.description.empty())
      lose(inside(place(format.place), "description"), "Gemini has none for the form of an answer");
  }

  void write_thinking(JsonWriter& json) {
    constexpr std::string_view of_thinking = "generationConfig.thinkingConfig.";
    const auto below = std::ranges::any_of(
        native_.fields, [&](const chat::NativeField& field) { return own_ && field.path.starts_with(of_thinking); });
    if (request_.thinking && !target_.thinks) return lose("thinking", "the model does not think before it answers");
    if (!request_.thinking && !below) return;
    json.open_object("thinkingConfig");
    if (request_.thinking) target_.thinks_by_effort ? write_level(json, *request_.thinking) : write_budget(json);
    write_below(json, of_thinking);
    json.close();
  }

  // What was thought is shown where the client asked for thinking, unless it says itself whether it is.
  void show(JsonWriter& json) {
    const bool said = own_ && std::ranges::any_of(native_.fields, [](const chat::NativeField& field) {
                        return field.path == "generationConfig.thinkingConfig.includeThoughts";
                      });
    if (!said) json.member("includeThoughts", true);
  }

  void write_level(JsonWriter& json, const chat::Thinking& asked) {
    if (!asked.effort && !asked.budget) return show(json);  // the model decides
    Effort effort = asked.effort.value_or(Effort::low);
    if (!asked.effort) {
      for (const EffortRow& row : efforts) {
        if (row.effort > Effort::low && row.budget <= *asked.budget && row.effort <= Effort::high)
          effort = row.effort;
      }
      lose("thinking",
           target_.why("the model thinks by a level, not by a budget",
                       "for one that thinks by a level, not by a budget"),
           Loss::Kind::changed);
    } else if (asked.budget) {
      lose("thinking.budget_tokens", target_.why("the model thinks by a level", "for one that thinks by a level"));
    }
    std::string_view level = std::ranges::find(efforts, effort, &EffortRow::effort)->level;
    const std::string_view meant = level;
    if (target_.always_thinks && level == "minimal") level = "low";
    if (target_.two_efforts && level == "medium") level = "high";
    if (level != meant || effort == Effort::none)
      lose("reasoning_effort", fmt::format("the nearest level of the model is {}", level), Loss::Kind::changed);
    json.member("thinkingLevel", level);
    if (effort > Effort::minimal) show(json);
  }

  void write_budget(JsonWriter& json) {
    const chat::Thinking& asked = *request_.thinking;
    if (asked.budget) {
      json.member("thinkingBudget", *asked.budget);
    } else if (!asked.effort) {
      json.member("thinkingBudget", -1);
    } else if (*asked.effort == Effort::none && target_.always_thinks) {
      lose("reasoning_effort", "the model cannot be told not to think; it does as little as it can",
           Loss::Kind::changed);
      json.member("thinkingBudget", least_budget);
    } else {
      json.member("thinkingBudget", std::ranges::find(efforts, *asked.effort, &EffortRow::effort)->budget);
    }
    if (asked.budget || asked.effort != Effort::none) show(json);
  }

  void write_tier() {
    if (!request_.service_tier) return;
    const std::string& tier = *request_.service_tier;
    if (own_ || tier == "flex" || tier == "priority")
      json_.member("serviceTier", tier);
    else if (tier == "default" || tier == "standard_only")
      json_.member("serviceTier", "standard");
    else if (tier != "auto")
      lose("service_tier", "Gemini has no such tier");
  }

  const Request& request_;
  const TargetTraits& target_;
  chat::Losses& losses_;
  JsonWriter json_;
  ToolNames names_;
  const bool own_;       // the client speaks the dialect itself
  chat::Native native_;  // what of it is not written yet
  std::deque<std::string> names_below_;
  std::optional<Error> error_;
};

}  // namespace

Result<WrittenRequest> write_request(const Request& request, const TargetTraits& target, chat::Losses& losses) {
  WrittenRequest written;
  if (auto done = Writer(request, target, written, losses).write(); !done) return std::unexpected(done.error());
  return written;
}

}  // namespace apigw::dialects::gemini
