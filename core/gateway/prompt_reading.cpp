// READ of a prompt's call: the variables of either door, checked and filled in.
#include <algorithm>

#include "base/text.h"
#include "gateway/prompt_call.h"

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

std::string last_words(const chat::Request& request) {
  std::string text;
  const auto spoke = [](const chat::Message& message) { return message.role == chat::Role::user; };
  const auto last = std::ranges::find_if(request.messages.rbegin(), request.messages.rend(), spoke);
  if (last == request.messages.rend()) return text;
  for (const chat::Part& part : last->parts)
    if (const auto* said = std::get_if<chat::Text>(&part.content)) text += said->text;
  return text;
}

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

std::optional<ReadPrompt> read_prompt_model(const model::Plan& plan, std::string_view model,
                                            const dialects::Dialect& client, std::string_view body,
                                            const json::Limits& limits) {
  if (!model.starts_with(model::prompt_prefix) || !client.read_request) return std::nullopt;
  const std::string_view name = model.substr(model::prompt_prefix.size());
  const auto prompt =
      std::ranges::find_if(plan.prompts, [&](const auto& one) { return one.serve && one.name == name; });
  if (prompt == plan.prompts.end()) return std::nullopt;
  const auto asked = client.read_request(body, limits);
  if (!asked) {
    const bool large = asked.error().kind == ErrorKind::too_large;
    return policy::Refusal{large ? 413 : 400, "invalid_request", asked.error().what, {}};
  }
  auto variables = prompt::variables_of(*prompt->content, last_words(*asked));
  if (!variables) return refused(variables.error());
  auto read = filled(*prompt, *variables, asked->stream, limits);
  if (auto* call = std::get_if<PromptCall>(&read)) call->asked.stream_usage = asked->stream_usage;
  return read;
}

}  // namespace apigw::gateway
