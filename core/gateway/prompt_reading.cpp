// READ of a prompt's call: the variables of either door, checked and filled in.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "gateway/prompt_call.h"
#include "prompt/shape.h"

namespace apigw::gateway {
namespace {

policy::Refusal refused(const prompt::Problems& problems) {
  policy::Refusal no{422, "invalid_variables", prompt::sentence(problems), {}};
  for (const prompt::Problem& problem : problems.list) {
    no.errors += fmt::format(R"({}{{"pointer":{},"detail":{}}})", no.errors.empty() ? "[" : ",",
                             json::quote(problem.pointer), json::quote(problem.message));
  }
  no.errors += ']';
  return no;
}

ReadPrompt filled(const model::Prompt& prompt, std::string_view variables, bool stream, const json::Limits& limits) {
  auto request = prompt::fill(*prompt.content, variables, limits);
  if (!request) return refused(request.error());
  request->model = prompt.model;
  request->stream = stream;
  return PromptCall{&prompt, std::move(*request)};
}

// The last message of the user, which brings the variables; null: there is none.
const chat::Message* last_turn(const chat::Request& request) {
  const auto& messages = request.messages;
  const auto last = std::ranges::find(messages.rbegin(), messages.rend(), chat::Role::user, &chat::Message::role);
  return last == messages.rend() ? nullptr : &*last;
}

// Whoever calls may limit the answer, below the limit that the prompt has.
std::optional<std::uint64_t> lesser(std::optional<std::uint64_t> one, std::optional<std::uint64_t> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

std::string words_of(const chat::Message* turn) {
  return turn ? chat::text_of(turn->parts) : std::string();
}

// Of a client's request: the variables that are not its text.
constexpr std::string_view variables_member = "variables";

// What a client says beside the variables, in its own words: a prompt has settings and turns of its own.
class Unsaid {
 public:
  // `scanned` is of `body`; `last` is null where no message brings variables.
  Unsaid(const chat::Request& asked, const chat::Message* last, std::string_view body, const json::Document& scanned)
      : asked_(asked), last_(last) {
    members(body, scanned);
    turns();
    natives();
  }

  chat::Losses losses;

 private:
  static constexpr std::string_view own_settings = "a prompt has settings of its own";
  // Those that a prompt's call takes, or of which the parts are told: in all dialects.
  static constexpr auto taken =
      std::to_array<std::string_view>({"model", "messages", "system", "stream", "stream_options", "n", "max_tokens",
                                       "max_completion_tokens", variables_member});

  static bool is_taken(std::string_view key) { return std::ranges::find(taken, key) != taken.end(); }

  void drop(std::string path, std::string_view why) {
    losses.add(chat::Loss::Kind::dropped, std::move(path), std::string(why));
  }

  void members(std::string_view body, const json::Document& document) {
    for (const json::Member& member : document.members) {
      const bool empty = member.value.type == json::Type::null ||
                         (member.value.type == json::Type::array && json::elements(body, member.value, 0).empty());
      if (empty) continue;
      if (std::string key = json::key_of(member); !is_taken(key)) drop(std::move(key), own_settings);
    }
  }

  void turns() {
    for (std::size_t i = 0; i < asked_.messages.size(); ++i) {
      const chat::Message& message = asked_.messages[i];
      const std::string place = chat::place_of(message, i);
      if (&message != last_) {
        drop(place, last_ ? "a prompt takes its variables from the last message of the user alone"
                          : "the prompt has no variables");
        continue;
      }
      last_place_ = place;
      if (!message.name.empty()) drop(place + ".name", "a prompt has turns of its own");
      for (std::size_t part = 0; part < message.parts.size(); ++part) {
        const std::string at = fmt::format("{}.content[{}]", place, part);
        if (!std::holds_alternative<chat::Text>(message.parts[part].content))
          drop(at, "the variables of a prompt are text");
        else if (message.parts[part].cache)
          drop(at + ".cache_control", own_settings);
      }
    }
  }

  // Inside of what is taken; the others are told with the member or the turn that they stand in.
  void natives() {
    for (const chat::NativeField& field : asked_.native.fields) {
      const std::string_view path = field.path;
      if (path == variables_member) continue;
      const auto deeper = path.find_first_of(".[");
      const std::string_view first = path.substr(0, deeper);
      const bool of_a_turn = deeper != std::string_view::npos && (first == "messages" || first == "system");
      const bool of_the_last =
          !last_place_.empty() && path.starts_with(last_place_) && path.substr(last_place_.size()).starts_with('.');
      if (of_a_turn ? of_the_last : is_taken(first)) drop(field.path, own_settings);
    }
  }

  const chat::Request& asked_;
  const chat::Message* const last_;
  std::string last_place_;
};

}  // namespace

ReadPrompt read_prompt_call(const model::Prompt& prompt, std::string_view body, bool wants_stream,
                            const json::Limits& limits) {
  const auto document = json::scan(body, limits);
  if (!document) {
    const bool large = document.error().kind == ErrorKind::too_large;
    return policy::Refusal{large ? 413 : 400, "invalid_request", document.error().what, {}};
  }
  const json::Member* stream = prompt::has_variable(*prompt.content, "stream") ? nullptr : document->find("stream");
  if (!stream) {
    auto read = filled(prompt, body, wants_stream, limits);
    if (auto* call = std::get_if<PromptCall>(&read)) call->bare = true;
    return read;
  }
  const auto asked = json::boolean_at(body, stream->value);
  if (!asked) return refused({{{"/stream", "must be true or false"}}, false});
  std::string variables;
  for (const json::Member& member : document->members) {
    if (&member == stream) continue;
    variables += fmt::format("{}\"{}\":{}", variables.empty() ? "{" : ",", member.key, json::at(body, member.value));
  }
  variables += variables.empty() ? "{}" : "}";
  auto read = filled(prompt, variables, *asked || wants_stream, limits);
  if (auto* call = std::get_if<PromptCall>(&read)) call->bare = true;
  return read;
}

std::optional<ReadPrompt> read_prompt_model(const model::Plan& plan, const dialects::RequestFacts& facts,
                                            const dialects::Dialect& client, std::string_view body,
                                            const json::Limits& limits) {
  if (!facts.model.starts_with(model::prompt_prefix) || !client.read_request) return std::nullopt;
  const std::string_view name = std::string_view(facts.model).substr(model::prompt_prefix.size());
  const auto prompt =
      std::ranges::find_if(plan.prompts, [&](const auto& one) { return one.serve && one.name == name; });
  if (prompt == plan.prompts.end()) return std::nullopt;
  const auto asked = dialects::read_scanned(client, body, facts);
  if (!asked) {
    const bool large = asked.error().kind == ErrorKind::too_large;
    return policy::Refusal{large ? 413 : 400, "invalid_request", asked.error().what, {}};
  }
  if (asked->answers.value_or(1) != 1)
    return policy::Refusal{400, "invalid_request", "'n' must be 1: a prompt gives one answer", {}};
  const chat::Message* last = last_turn(*asked);
  const json::Member* beside = facts.scanned.find(variables_member);
  if (beside && beside->value.type == json::Type::null) beside = nullptr;
  if (beside && beside->value.type != json::Type::object)
    return refused({{{"", "'variables' must be an object"}}, false});
  auto variables = prompt::variables_of(*prompt->content, words_of(last),
                                        beside ? json::at(body, beside->value) : std::string_view(), limits);
  if (!variables) return refused(variables.error());
  auto read = filled(*prompt, *variables, asked->stream, limits);
  if (auto* call = std::get_if<PromptCall>(&read)) {
    call->asked.stream_usage = asked->stream_usage;
    call->asked.max_output = lesser(call->asked.max_output, asked->max_output);
    const bool heard = !prompt::names_of(prompt->content->input_text).empty() || words_of(last).empty();
    call->unsaid = Unsaid(*asked, heard ? last : nullptr, body, facts.scanned).losses;
  }
  return read;
}

}  // namespace apigw::gateway
