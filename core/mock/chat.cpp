#include "mock/chat.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mock/embedding.h"
#include "mock/instance.h"
#include "mock/judge.h"
#include "mock/skills.h"
#include "mock/tokens.h"
#include "mock/words.h"

namespace apigw::mock {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_parallel_calls = 8;
constexpr std::size_t overhead_of_a_message = 3;  // tokens, as providers count role and separators
constexpr std::size_t most_results = 16;          // of tools that are told again
// Bytes that the skills read of a text's beginning, and as many of its end: each reads it word by word, several
// times.
constexpr std::size_t read_at_an_end = 8 << 10;

std::string string_at(const Json& object, const char* key) {
  const Json* value = present(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The text of a message's content: a string, or the text parts of a list.
std::string text_of(const Json& message) {
  const Json* content = present(message, "content");
  if (content == nullptr) return {};
  if (content->is_string()) return content->get<std::string>();
  std::string text;
  for (const Json& part : content->is_array() ? *content : Json::array()) {
    const std::string one = string_at(part, "text");
    if (!one.empty()) text.append(text.empty() ? "" : "\n").append(one);
  }
  return text;
}

std::string_view role_of(const Json& message) {
  const Json* role = present(message, "role");
  return role != nullptr && role->is_string() ? std::string_view(role->get_ref<const std::string&>())
                                              : std::string_view();
}

// The beginning and the end of a long text, cut between characters.
std::string ends_of(std::string text) {
  if (text.size() <= 2 * read_at_an_end) return text;
  const auto inside = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  std::size_t head = read_at_an_end, tail = text.size() - read_at_an_end;
  while (head > 0 && inside(head)) --head;
  while (tail < text.size() && inside(tail)) ++tail;
  return text.replace(head, tail - head, " ");
}

struct Conversation {
  std::string system, user;
  std::vector<std::string> results;  // of the tools, when they spoke last: "name: what it said"
  std::size_t tokens = 0;
  std::optional<std::string> canned;  // what to say, whatever else it knows
};

// A tool's result in words: the members of an object one by one, anything else as it came.
std::string told(const std::string& content) {
  if (content.size() > read_at_an_end) return content;
  const Json value = Json::parse(content, nullptr, false);
  if (!value.is_object() || value.empty()) return content;
  std::string text;
  for (const auto& [key, inner] : value.items()) {
    text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", key,
                        inner.is_string() ? inner.get<std::string>() : written(inner));
  }
  return text;
}

std::string name_of_call(const Json& messages, const std::string& id) {
  for (const Json& message : messages) {
    const Json* calls = present(message, "tool_calls");
    for (const Json& call : calls != nullptr && calls->is_array() ? *calls : Json::array()) {
      const Json* function = present(call, "function");
      if (string_at(call, "id") == id && function != nullptr) return string_at(*function, "name");
    }
  }
  return "the tool";
}

// What tools said at the end of the conversation, nothing when somebody else spoke last.
std::vector<std::string> last_results(const Json& messages) {
  std::vector<std::string> results;
  for (std::size_t i = messages.size(); i > 0 && results.size() < most_results; --i) {
    const Json& message = messages[i - 1];
    if (role_of(message) != "tool") break;
    const std::string name = name_of_call(messages, string_at(message, "tool_call_id"));
    results.push_back(fmt::format("{} said {}", name, ends_of(told(text_of(message)))));
  }
  std::ranges::reverse(results);
  return results;
}

Conversation read(const Json& messages) {
  Conversation out;
  for (const Json& message : messages) {
    const std::string_view role = role_of(message);
    std::string text = text_of(message);
    out.tokens += count_tokens(text) + overhead_of_a_message;
    if (const Json* calls = present(message, "tool_calls")) out.tokens += count_tokens(written(*calls));
    if (role == "system" || role == "developer") out.system.append(out.system.empty() ? "" : "\n").append(text);
    if (role == "user") out.user = ends_of(std::move(text));
  }
  out.system = ends_of(std::move(out.system));
  out.results = last_results(messages);
  return out;
}

std::optional<std::string> by_heart(const Json& messages, const Canned& canned) {
  Canned::Turns turns;
  for (const Json& message : messages) {
    const std::string_view role = role_of(message);
    turns.emplace_back(role == "developer" ? "system" : role, text_of(message));
  }
  const auto answer = canned.find(turns);
  return answer ? std::optional<std::string>(*answer) : std::nullopt;
}

/* --------------------------------- tools -------------------------------- */

// Words of a tool's name that tell it from others.
std::vector<std::string> telling_words(const std::string& name) {
  constexpr auto common =
      std::to_array<std::string_view>({"get", "set", "the", "tool", "call", "run", "find", "for", "list"});
  std::string spaced = name;
  std::ranges::replace_if(spaced, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
  std::vector<std::string> words = words_of(spaced);
  std::erase_if(words, [&](const std::string& word) {
    return word.size() < 3 || std::ranges::find(common, word) != common.end();
  });
  return words;
}

// `spaced`: the user's words.
bool spoken_of(const Json& function, std::string_view spaced) {
  return std::ranges::any_of(telling_words(string_at(function, "name")),
                             [&](const std::string& word) { return stands_in(spaced, word); });
}

std::vector<const Json*> functions_of(const Json& request) {
  std::vector<const Json*> functions;
  const Json* tools = present(request, "tools");
  if (tools == nullptr || !tools->is_array()) return functions;
  for (const Json& tool : *tools) {
    const Json* function = present(tool, "function");
    if (function != nullptr && !string_at(*function, "name").empty()) functions.push_back(function);
  }
  return functions;
}

// The functions to call now: the forced one, all that the text speaks of, or the first.
std::vector<const Json*> chosen(const Json& request, const Conversation& talk, bool user_spoke_last) {
  std::vector<const Json*> functions = functions_of(request);
  const Json* choice = present(request, "tool_choice");
  const std::string word = choice != nullptr && choice->is_string() ? choice->get<std::string>() : "";
  const Json* named = choice != nullptr && choice->is_object() ? present(*choice, "function") : nullptr;
  if (functions.empty() || word == "none" || (named == nullptr && word != "required" && !user_spoke_last)) return {};
  if (named != nullptr) {
    const std::string name = string_at(*named, "name");
    std::erase_if(functions, [&](const Json* function) { return string_at(*function, "name") != name; });
    return functions;
  }
  std::vector<const Json*> meant = functions;
  const std::string spaced = spaced_words(talk.user);
  std::erase_if(meant, [&](const Json* function) { return !spoken_of(*function, spaced); });
  if (meant.empty()) return {functions.front()};
  const Json* parallel = present(request, "parallel_tool_calls");
  const bool one = parallel != nullptr && parallel->is_boolean() && !parallel->get<bool>();
  meant.resize(std::min(meant.size(), one ? 1 : most_parallel_calls));
  return meant;
}

std::vector<ToolCall> calls_of(const std::vector<const Json*>& functions, const Conversation& talk,
                               std::uint64_t hash) {
  std::vector<ToolCall> calls;
  for (const Json* function : functions) {
    const Json* parameters = present(*function, "parameters");
    Json arguments = parameters != nullptr ? instance_of(*parameters, talk.user, talk.user) : Json::object();
    if (!arguments.is_object()) arguments = Json::object();
    calls.push_back({.id = fmt::format("call_mock_{:016x}_{}", hash, calls.size()),
                     .name = string_at(*function, "name"),
                     .arguments = written(arguments)});
  }
  return calls;
}

/* --------------------------------- text --------------------------------- */

std::string text_for(const Json& request, const Conversation& talk, std::uint64_t seed,
                     std::chrono::system_clock::time_point now) {
  if (talk.canned) return *talk.canned;
  const std::string plain = plain_answer({.system = talk.system, .user = talk.user, .seed = seed, .now = now});
  const Json* format = present(request, "response_format");
  const std::string type = format != nullptr ? string_at(*format, "type") : "";
  if (type == "json_schema") {
    const Json* described = present(*format, "json_schema");
    const Json* schema = described != nullptr ? present(*described, "schema") : nullptr;
    return written(instance_of(schema != nullptr ? *schema : Json::object(), talk.user, plain));
  }
  if (type == "json_object") return written(Json{{"answer", plain}});
  if (talk.results.empty()) return plain;
  std::string answer = "Here is what I found: ";
  for (const std::string& result : talk.results)
    answer.append(&result == talk.results.data() ? "" : "; ").append(result);
  return answer + (answer.ends_with('.') ? "" : ".");
}

// Cuts at the first stop string; those that stand in the text never come out.
void apply_stop(const Json& request, std::string& text) {
  const Json* stop = present(request, "stop");
  if (stop == nullptr) return;
  for (const Json& one : stop->is_array() ? *stop : Json::array({*stop})) {
    if (!one.is_string() || one.get_ref<const std::string&>().empty()) continue;
    text.resize(std::min(text.find(one.get_ref<const std::string&>()), text.size()));
  }
}

// The limit on tokens; nothing when there is none.
std::optional<std::size_t> limit_of(const Json& request) {
  for (const char* key : {"max_completion_tokens", "max_tokens"}) {
    const Json* limit = present(request, key);
    if (limit != nullptr && limit->is_number_integer() && limit->get<long long>() > 0)
      return limit->get<std::size_t>();
  }
  return std::nullopt;
}

Choice choice_of(const Json& request, const Conversation& talk, std::uint64_t seed,
                 std::chrono::system_clock::time_point now) {
  Choice choice;
  std::string text = text_for(request, talk, seed, now);
  apply_stop(request, text);
  choice.tokens = tokens(text);
  if (const auto limit = limit_of(request); limit && choice.tokens.size() > *limit) {
    choice.tokens.resize(*limit);
    choice.finish = "length";
  }
  return choice;
}

}  // namespace

const Json* present(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::expected<ChatAnswer, Reply> answer_chat(const Json& request, std::uint64_t hash,
                                             std::chrono::system_clock::time_point now, const Canned* canned) {
  if (auto refused = refuse_chat(request)) return std::unexpected(*std::move(refused));
  const Json& messages = request.at("messages");
  Conversation talk = read(messages);
  if (canned != nullptr) talk.canned = by_heart(messages, *canned);
  const std::vector<const Json*> functions = chosen(request, talk, role_of(messages.back()) == "user");
  ChatAnswer answer{.choices = {}, .prompt_tokens = talk.tokens};
  if (const Json* tools = present(request, "tools")) answer.prompt_tokens += count_tokens(written(*tools));
  const Json* seed = present(request, "seed");
  const std::uint64_t first =
      seed != nullptr && seed->is_number_integer() ? static_cast<std::uint64_t>(seed->get<long long>()) : hash;
  const Json* n = present(request, "n");
  const long long count = n != nullptr ? n->get<long long>() : 1;
  for (long long i = 0; i < count; ++i) {
    Choice choice;
    if (functions.empty())
      choice = choice_of(request, talk, first + static_cast<std::uint64_t>(i), now);
    else
      choice = {.tokens = {},
                .calls = calls_of(functions, talk, hash + static_cast<std::uint64_t>(i)),
                .finish = "tool_calls"};
    answer.completion_tokens += choice.tokens.size();
    for (const ToolCall& call : choice.calls) answer.completion_tokens += 1 + count_tokens(call.arguments);
    answer.choices.push_back(std::move(choice));
  }
  return answer;
}

}  // namespace apigw::mock
