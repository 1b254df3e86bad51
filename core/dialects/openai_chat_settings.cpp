// Settings of a request that OpenAI's dialects write alike: functions, which tools may be called, the schema
// of an answer, who asks, and how much to think.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/function_tools.h"
#include "dialects/openai_chat_request.h"

namespace apigw::dialects::openai {

namespace {

using chat::ToolChoice;

struct ChoiceWord {
  std::string_view word;
  ToolChoice::Mode mode;
};
// The first row of a mode is how it is written.
constexpr auto choice_words = std::to_array<ChoiceWord>({
    {"auto", ToolChoice::Mode::automatic},
    {"none", ToolChoice::Mode::none},
    {"required", ToolChoice::Mode::required},
    {"any", ToolChoice::Mode::required},  // as Mistral says it
});

// One field by its name in each dialect of the family; empty: there is none.
struct SharedName {
  std::string_view chat, responses, mistral, completions = {};
};
constexpr auto shared_names = std::to_array<SharedName>({
    {"logit_bias", "", "", "logit_bias"},
    {"prompt_cache_key", "prompt_cache_key", "prompt_cache_key"},
    {"prediction", "", "prediction"},
    {"prompt_cache_retention", "prompt_cache_retention", ""},
    {"safety_identifier", "safety_identifier", ""},
    {"verbosity", "text.verbosity", ""},
});

// Null: the dialect is none of the family.
std::string_view SharedName::* name_in(std::string_view dialect) {
  if (dialect == own_word) return &SharedName::chat;
  if (dialect == responses_word) return &SharedName::responses;
  if (dialect == completions_word) return &SharedName::completions;
  return dialect == mistral_word ? &SharedName::mistral : nullptr;
}

}  // namespace

void read_function(Reading& in, Fields& fields, chat::Tool& tool) {
  read_declaration(in, fields, tool);
  tool.strict = fields.boolean("strict");
}

std::optional<ToolChoice> choice_of(std::string_view word) {
  const auto found = std::ranges::find(choice_words, word, &ChoiceWord::word);
  if (found == choice_words.end()) return std::nullopt;
  return ToolChoice{.mode = found->mode};
}

std::string_view choice_word(ToolChoice::Mode mode) {
  return std::ranges::find(choice_words, mode, &ChoiceWord::mode)->word;
}

void read_allowed_tools(Reading& in, Fields& allowed, ToolChoice& into) {
  const auto mode = choice_of(allowed.string("mode").value_or("auto"));
  if (!mode) allowed.refuse("mode", "must be auto or required");
  if (mode) into.mode = mode->mode;
  const auto list = allowed.take("tools");
  if (!list) return;
  const auto elements = in.elements(*list, allowed.path("tools"));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Fields entry(in, elements[i], element(allowed.path("tools"), i));
    (void)entry.take("type");
    if (const auto inner = entry.take("function")) {
      Fields function(in, *inner, entry.path("function"));
      into.allowed.push_back(function.required("name"));
      function.keep_rest();
    } else {
      into.allowed.push_back(entry.required("name"));
    }
    entry.keep_rest();
  }
}

void read_schema(Reading& in, Fields& fields, chat::AnswerFormat& format) {
  format.name = fields.required("name");
  format.description = fields.string("description").value_or(std::string());
  const auto raw = fields.take("schema", json::Type::object);
  format.schema.text = raw ? json::at(in.text, *raw) : "{}";
  format.strict = fields.boolean("strict");
  format.place = fields.path();
  format.schema_place = fields.path("schema");
}

void write_schema(JsonWriter& json, const chat::AnswerFormat& format, const std::string& place,
                  chat::Losses& losses) {
  json.member("name", format.name.empty() ? std::string_view("answer") : std::string_view(format.name));
  if (format.name.empty()) losses.add(chat::Loss::Kind::defaulted, inside(place, "name"), "a schema has a name here");
  json.filled("description", format.description);
  if (format.schema.text != "null") json.member("schema", format.schema);
  json.member("strict", format.strict);
}

void read_user(Fields& fields, chat::Request& request) {
  request.user = fields.string("user");
  if (!request.user) request.user = fields.string("safety_identifier");
}

SharedNative shared_native(const chat::Native& native, std::string_view written) {
  SharedNative out{.own = {.dialect = std::string(written), .fields = {}},
                   .rest = {.dialect = native.dialect, .fields = {}}};
  const auto from = name_in(native.dialect), to = name_in(written);
  const bool sister = from != nullptr && native.dialect != written;
  for (const chat::NativeField& field : native.fields) {
    const auto named = [&](const SharedName& row) { return row.*from == field.path && !(row.*to).empty(); };
    const auto name = sister ? std::ranges::find_if(shared_names, named) : shared_names.end();
    if (name == shared_names.end())
      out.rest.fields.push_back(field);
    else
      out.own.fields.push_back({std::string((*name).*to), field.value, field.aside});
  }
  return out;
}

std::optional<chat::Effort> effort_for(const chat::Request& request, const TargetTraits& target,
                                       chat::Losses& losses) {
  const auto lose = [&](std::string_view path, std::string why, chat::Loss::Kind kind = chat::Loss::Kind::dropped) {
    losses.add(kind, std::string(path), std::move(why));
  };
  if (!request.thinking) return std::nullopt;
  const chat::Thinking& thinking = *request.thinking;
  const bool effort_alone =
      thinking.effort && thinking.effort != chat::Effort::none && !thinking.budget && !thinking.adaptive;
  if (!target.thinks_by_effort) {
    lose(effort_alone || of_openai(request.native) ? "reasoning_effort" : "thinking",
         target.why("the target takes no effort", "for one that takes no effort"));
    return std::nullopt;
  }
  if (thinking.effort == chat::Effort::none && !of_openai(request.native)) {
    // Models that cannot leave it refuse the word, and those that can do so of themselves.
    lose("thinking", "the model thinks as it does by default");
    return std::nullopt;
  }
  if (thinking.effort) {
    if (thinking.budget) lose("thinking.budget_tokens", "the target takes an effort and no budget");
    return thinking.effort;
  }
  const std::uint64_t budget = thinking.budget.value_or(~std::uint64_t{0});
  const auto effort = budget <= 1024 ? chat::Effort::low : budget <= 2048 ? chat::Effort::medium : chat::Effort::high;
  lose("thinking", fmt::format("said as the effort {}", chat::word(effort)), chat::Loss::Kind::changed);
  return effort;
}

std::string_view tier_for(const chat::Request& request, std::string_view who, chat::Losses& losses) {
  if (!request.service_tier) return {};
  const std::string_view tier = *request.service_tier;
  if (of_openai(request.native) || tier == "auto") return tier;
  if (tier == "standard_only") return "default";
  losses.add(chat::Loss::Kind::dropped, "service_tier", fmt::format("{} has no such tier", who));
  return {};
}

}  // namespace apigw::dialects::openai
