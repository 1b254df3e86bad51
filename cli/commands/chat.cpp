// apigw chat [MODEL] [MESSAGE…]: one question, or a conversation on a terminal.
//
// The answer is printed as it comes. The conversation is held here and sent whole each time; nothing is stored.
#include <istream>
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/on_screen.h"
#include "base/text.h"
#include "chat_answer.h"
#include "command.h"
#include "door.h"
#include "model_names.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds usual_timeout{600'000};
constexpr std::size_t most_input = 1 << 20;

struct Flags {
  std::string first;               // a model, or the message's first word
  std::vector<std::string> words;  // of the message behind it
  std::string system;
};

// What the first word says of itself where it is none of these. In front of others it is a mistake where it is
// written like provider/model, or nearly like a model's name and not in letters alone; any other word may well belong
// to the message, which `asked` gets.
std::expected<void, Complaint> check_first(Env& env, const Globals& globals, const model::Plan& plan,
                                           const std::vector<std::string>& words, const std::string& asked) {
  const std::string& first = words.front();
  if (first.contains(' ')) return {};
  if (is_pattern(plan, first)) return std::unexpected(no_model(plan, first));
  auto near = near_model(plan, first);
  if (!near && first.contains('/')) near = near_direct(plan, first);
  const auto letter = [](char c) { return text::lower(c) >= 'a' && text::lower(c) <= 'z'; };
  const bool word = std::ranges::all_of(first, letter);  // "what" is near "chat"
  if (words.size() > 1 && ((near && !word) || first.contains('/')))
    return std::unexpected(Complaint{
        fmt::format("there is no model '{}'", text::printable(first)),
        near ? fmt::format("did you mean '{}'? Quote a message that begins with that word", text::printable(*near))
             : "'apigw models' lists them; quote a message that begins with that word"});
  if (globals.quiet) return {};
  if (near)
    env.err << fmt::format("note: '{}' is taken as text; did you mean the model '{}'?\n", text::printable(first),
                           text::printable(*near));
  else if (words.size() > 1 && !asked.empty())
    env.err << fmt::format("note: '{}' is no model, so it is part of what '{}' is asked\n", text::printable(first),
                           text::printable(asked));
  return {};
}

std::string first_model(const model::Plan& plan) {
  for (const model::Model& model : plan.models)
    if (!model.pattern) return model.name;
  for (const model::Provider& provider : plan.providers)
    if (!provider.mock && provider.off.empty()) return {};
  return "mock/assistant";
}

ordered_json turn(std::string_view role, std::string_view text) {
  return {{"role", role}, {"content", text}};
}

std::string request_text(const std::string& model, const ordered_json& messages, bool stream) {
  return ordered_json{{"model", model}, {"messages", messages}, {"stream", stream}}.dump(
      -1, ' ', false, ordered_json::error_handler_t::replace);
}

class Chat {
 public:
  Chat(Env& env, const Globals& globals, const Door& door, std::string model)
      : env_(env), globals_(globals), door_(door), model_(std::move(model)) {}

  void add(std::string_view role, std::string_view text) { messages_.push_back(turn(role, text)); }

  // Asks with what was said so far, and remembers the answer. Exit no: there is one, but not what was asked for.
  Exit ask() {
    ChatAnswer answer([&](std::string_view words) {
      env_.out << (env_.terminal.out ? text::on_screen(words) : std::string(words));
    });
    const auto reply = door_.ask("/v1/chat/completions", request_text(model_, messages_, true),
                                 globals_.timeout.value_or(usual_timeout), [&](std::string_view bytes) {
                                   const bool goes_on = answer.take(bytes);
                                   env_.out << std::flush;
                                   return goes_on && env_.out.good();
                                 });
    const std::string said = answer.text() + answer.refusal();
    if (!said.empty() && !said.ends_with('\n')) env_.out << '\n' << std::flush;
    if (!answer.failure().empty()) return complain(env_, Exit::world, answer.failure());
    if (!reply && reply.error().kind == ErrorKind::cancelled) return Exit::done;  // stdout's reader left
    if (!reply) return complain(env_, Exit::world, reply.error().what);
    if (reply->status >= 300) return complain(env_, exit_of_reply(*reply), refusal_text(*reply));
    add("assistant", said);
    return judged(answer);
  }

  // The answer as a document, whole.
  Exit ask_once() {
    const auto reply = door_.ask("/v1/chat/completions", request_text(model_, messages_, false),
                                 globals_.timeout.value_or(usual_timeout));
    if (!reply) return complain(env_, Exit::world, reply.error().what);
    if (reply->status >= 300) return complain(env_, exit_of_reply(*reply), refusal_text(*reply));
    const auto document = ordered_json::parse(reply->body, nullptr, false);
    ChatAnswer answer;
    answer.read(document);
    const auto or_null = [](const std::string& s) { return s.empty() ? ordered_json() : ordered_json(s); };
    const ordered_json body{
        {"model", model_},
        {"message", document.is_object() ? document.value("/choices/0/message/content"_json_pointer, ordered_json())
                                         : ordered_json()},
        {"refusal", or_null(answer.refusal())},
        {"finish_reason", or_null(answer.finish())},
        {"usage", document.is_object() ? document.value("usage", ordered_json()) : ordered_json()},
        {"cost", reply->cost ? ordered_json(*reply->cost) : ordered_json()}};
    const Exit written = write_document(
        env_, globals_, "chat-answer", body,
        [&](bool) {
          const std::string said = answer.text() + answer.refusal();
          return said.empty() ? said : said + "\n";
        },
        Words::of_model);
    return written == Exit::done ? judged(answer) : written;
  }

  // Line by line until the input ends; a failure is told and the conversation goes on.
  Exit talk() {
    if (!globals_.quiet) env_.err << fmt::format("{}; an empty line or Ctrl-D ends it\n", model_);
    for (std::string line; env_.err << "> " << std::flush, std::getline(env_.in, line) && !line.empty();) {
      add("user", line);
      if (const Exit exit = ask(); exit != Exit::done && exit != Exit::no) messages_.erase(messages_.size() - 1);
    }
    return Exit::done;
  }

 private:
  Exit judged(const ChatAnswer& answer) {
    if (const std::string note = answer.note(); !note.empty() && !globals_.quiet)
      env_.err << fmt::format("note: {}\n", note);
    return answer.given() ? Exit::done : Exit::no;
  }

  Env& env_;
  const Globals& globals_;
  const Door& door_;
  const std::string model_;
  ordered_json messages_ = ordered_json::array();
};

Exit chat(Env& env, const Globals& globals, const Flags& flags) {
  if (const auto formats = destinations(globals, document_formats); !formats)
    return complain(env, Exit::input, formats.error());
  const auto door = Door::open(env, globals, {});
  if (!door) return door.error();
  std::vector<std::string> words;
  if (!flags.first.empty()) words.push_back(flags.first);
  std::ranges::copy(flags.words, std::back_inserter(words));
  std::string model = first_model((*door)->plan());
  if (!words.empty() && !words.front().contains(' ') && is_callable((*door)->plan(), words.front())) {
    model = words.front();
    words.erase(words.begin());
  } else if (!words.empty()) {
    const auto checked = check_first(env, globals, (*door)->plan(), words, model);
    if (!checked) return complain(env, Exit::input, checked.error());
  }
  if (model.empty()) return complain(env, Exit::input, "which model?", "name one: apigw chat openai/gpt-5-mini");
  std::string message = text::join(words, " ");
  if (message.empty() && !env.terminal.in) {
    auto piped = read_stdin_text(env, most_input, "give the message as an argument: apigw chat 'What is an API?'");
    if (!piped) return piped.error();
    message = std::move(*piped);
    while (message.ends_with('\n')) message.pop_back();
    if (message.empty()) return complain(env, Exit::input, "nothing to say", "apigw chat 'What is an API?'");
  }
  Chat talk(env, globals, **door, model);
  if (!flags.system.empty()) talk.add("system", flags.system);
  if (message.empty()) return talk.talk();
  talk.add("user", message);
  return globals.output.empty() ? talk.ask() : talk.ask_once();
}

}  // namespace

extern const Command command_chat;
const Command command_chat = {
    .name = "chat",
    .summary = "talk to a model, or ask it one thing",
    .details =
        "MODEL is one of the config's models, or provider/model; the config's first when left out. With a message,\n"
        "or with something piped in, one answer is printed as it comes; else the conversation is line by line.\n"
        "The project's running gateway is asked; when none runs, the same gateway starts in this process.\n"
        "Exit code: 1 when the model refused or said nothing; an answer that was cut is noted on stderr.\n\n"
        "Examples:\n"
        "  apigw chat\n"
        "  apigw chat 'What is an API?'\n"
        "  apigw chat mock/assistant 'Say hello' -o json\n"
        "  git diff | apigw chat chat --system 'Review this change.'",
    .job = Job::call,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "MODEL", .doc = "which model; may be left out", .completes = "models"}, &flags->first);
      options.add({.names = "MESSAGE", .doc = "what to ask it; its words need no quotes"}, &flags->words);
      options.add({.names = "--system", .doc = "what the model is told beforehand", .value = "TEXT"}, &flags->system);
      return [flags](Env& env, const Globals& globals) { return chat(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
