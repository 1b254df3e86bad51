// The prompt of OpenAI's older completions, both ways.
#include <fmt/format.h>

#include "dialects/openai_completions.h"

namespace apigw::dialects::completions {

namespace {

using chat::Loss;
using chat::Role;

constexpr std::string_view between = "\n\n";

std::string_view who(Role role) {
  return role == Role::user ? "User: " : role == Role::assistant ? "Assistant: " : "";
}

// The words of a request's turns, and what is lost of them.
class Words {
 public:
  explicit Words(chat::Losses& losses) : losses_(losses) {}

  Result<std::string> of(const chat::Message& message, std::size_t index) {
    const std::string place = chat::place_of(message, index);
    if (!message.name.empty()) lose(inside(place, "name"), "has no name of a speaker");
    std::string words;
    for (const chat::Part& part : message.parts) {
      const std::string at = chat::place_of(message, part, place);
      if (part.cache) lose(inside(at, "cache_control"), "has no cache marks");
      if (const auto* text = std::get_if<chat::Text>(&part.content)) {
        words += text->text;
      } else if (const auto* refusal = std::get_if<chat::RefusalText>(&part.content)) {
        words += refusal->text;
      } else if (std::holds_alternative<chat::Reasoning>(part.content)) {
        lose(at, "takes no thoughts back");
      } else {
        return fail(ErrorKind::invalid, fmt::format("'{}' is no text, and {} takes text alone", at, speaker));
      }
    }
    return words;
  }

 private:
  void lose(std::string place, std::string_view why) {
    losses_.add(Loss::Kind::dropped, std::move(place), fmt::format("{} {}", speaker, why));
  }

  chat::Losses& losses_;
};

// What only a chat has.
void lose_settings(const chat::Request& request, chat::Losses& losses) {
  const auto lose = [&](std::string_view path, std::string_view why) {
    losses.add(Loss::Kind::dropped, std::string(path), fmt::format("{} {}", speaker, why));
  };
  for (std::size_t i = 0; i < request.tools.size(); ++i)
    lose(request.tools[i].place.empty() ? element("tools", i) : request.tools[i].place, "calls no tools");
  if (request.tool_choice) lose("tool_choice", "calls no tools");
  if (request.parallel_tools) lose("parallel_tool_calls", "calls no tools");
  if (request.format && request.format->kind != chat::AnswerFormat::Kind::text)
    lose(request.format->place.empty() ? "response_format" : request.format->place, "gives no form to an answer");
  if (request.thinking) lose(request.thinking->effort ? "reasoning_effort" : "thinking", "has no thoughts");
}

}  // namespace

void read_prompt(Reading& in, Fields& fields, chat::Request& request) {
  const auto prompt = fields.take("prompt");
  if (!prompt) return fields.refuse("prompt", "must be given");
  json::Slice said = *prompt;
  std::string place = "prompt";
  if (prompt->type == json::Type::array) {
    const auto elements = in.elements(*prompt, place);
    if (!elements.empty() && elements.front().type != json::Type::string)
      return fields.refuse("prompt", "must be a text for a provider of another dialect: tokens are of one model's");
    if (elements.size() != 1)
      return fields.refuse("prompt", "must be one text for a provider of another dialect; make a call of each");
    said = elements.front();
    place = element(place, 0);
  }
  auto text = json::string_at(in.text, said);
  if (!text) return in.refuse(place, "must be a text for a provider of another dialect");
  request.messages.push_back({.role = Role::user,
                              .parts = {{chat::Text{std::move(*text)}, {}, place}},
                              .name = {},
                              .place = std::move(place)});
  // As much as the default says: one answer of one try, and its prompt not once more.
  const auto best = fields.peek("best_of");
  if (best && json::at(in.text, *best) == "1") (void)fields.take("best_of");
  const auto echo = fields.peek("echo");
  if (echo && json::at(in.text, *echo) == "false") (void)fields.take("echo");
}

Result<void> write_prompt(JsonWriter& json, const chat::Request& request, chat::Losses& losses) {
  lose_settings(request, losses);
  Words words(losses);
  const bool alone = request.messages.size() == 1 && request.messages.front().role == Role::user;
  std::string prompt;
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    auto said = words.of(request.messages[i], i);
    if (!said) return std::unexpected(std::move(said.error()));
    if (i != 0) prompt += between;
    if (!alone) prompt += who(request.messages[i].role);
    prompt += *said;
  }
  if (!alone) {
    losses.add(Loss::Kind::changed, "messages", fmt::format("{} has no turns; they are told as one text", speaker));
    if (request.messages.empty() || request.messages.back().role != Role::assistant) prompt += "\n\nAssistant:";
  }
  json.member("prompt", prompt);
  return {};
}

}  // namespace apigw::dialects::completions
