// The turns of the hub, written as messages of the OpenAI dialect or of one that grew out of it.
//
// A result of a tool is a message of its own, so a turn may become several: results first, then what else the turn
// holds. Results hold text alone, plain-text documents among it; their pictures go into the user's message behind the
// last result. Thoughts go only to a target that takes them back, and never as plain text of the answer.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "dialects/openai_chat_request.h"
#include "dialects/proof.h"

namespace apigw::dialects::openai {

namespace {

using chat::Loss;
using chat::Media;
using chat::Message;
using chat::Part;

template <class T>
const T* as(const Part& part) {
  return std::get_if<T>(&part.content);
}

class Messages {
 public:
  Messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target, const Form& form,
           ToolNames& names, chat::Losses& losses)
      : json_(json), request_(request), target_(target), form_(form), names_(names), losses_(losses) {}

  Result<void> write() {
    json_.open_array("messages");
    for (std::size_t i = 0; i < request_.messages.size() && !error_; ++i) {
      const Message& message = request_.messages[i];
      place_ = chat::place_of(message, i);
      message_ = &message;
      if (message.role == chat::Role::user)
        user(message);
      else if (message.role == chat::Role::system)
        system(message);
      else
        assistant(message);
    }
    flush_pictures();
    json_.close();
    prefill();
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  [[nodiscard]] std::string place_of(const Message& message, const Part& part) const {
    return chat::place_of(message, part, place_);
  }
  void lose(const Message& message, const Part& part, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, place_of(message, part), std::string(why));
  }
  void refuse(std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place_, what)};
  }

  void open(std::string_view role, const Message& message) {
    json_.open_object();
    json_.member("role", role);
    if (form_.names)
      json_.filled("name", message.name);
    else if (!message.name.empty())
      losses_.add(Loss::Kind::dropped, inside(place_, "name"),
                  fmt::format("{} has no name of a speaker", form_.speaker));
  }

  void system(const Message& message) {
    flush_pictures();
    std::vector<const Part*> said;
    for (const Part& part : message.parts) {
      if (as<chat::Text>(part) != nullptr)
        said.push_back(&part);
      else
        lose(message, part, fmt::format("a system message of {} holds text alone", form_.speaker));
    }
    open("system", message);
    content(said);
    json_.close();
  }

  void user(const Message& message) {
    std::vector<const Part*> said;
    for (const Part& part : message.parts) {
      if (const auto* result = as<chat::ToolResult>(part))
        tool(message, part, *result);
      else if (as<chat::Text>(part) != nullptr || as<Media>(part) != nullptr)
        said.push_back(&part);
      else
        lose(message, part, fmt::format("a user's message of {} has no place for it", form_.speaker));
    }
    if (said.empty() && (message.parts.empty() || !results_only(message))) said.push_back(&nothing_);
    if (said.empty()) return;
    said.insert(said.begin(), pictures_.begin(), pictures_.end());
    pictures_.clear();
    open("user", message);
    content(said);
    json_.close();
  }

  static bool results_only(const Message& message) {
    return std::ranges::all_of(message.parts, [](const Part& part) { return as<chat::ToolResult>(part) != nullptr; });
  }

  void tool(const Message& message, const Part& part, const chat::ToolResult& result) {
    std::vector<const Part*> said;
    for (const Part& inner : result.content) {
      const auto* media = as<Media>(inner);
      if (media == nullptr || !media->source.text.empty())
        said.push_back(&inner);
      else
        pictures_.push_back(&inner);
    }
    if (said.size() != result.content.size()) {
      lose(message, part, "a tool's pictures and documents go in a user's message behind its result",
           Loss::Kind::changed);
    }
    if (result.failed) lose(message, part, fmt::format("{} does not mark a result as failed", form_.speaker));
    json_.open_object();
    json_.member("role", "tool");
    json_.member("tool_call_id", id_of(result.call_id));
    content(said, &part);
    json_.close();
  }

  // Between a result and the next message of somebody else.
  void flush_pictures() {
    if (pictures_.empty()) return;
    const Message nobody;
    open("user", nobody);
    content(pictures_);
    json_.close();
    pictures_.clear();
  }

  void assistant(const Message& message) {
    flush_pictures();
    std::vector<const Part*> said;
    std::vector<chat::Reasoning> thoughts;
    bool called = false;
    for (const Part& part : message.parts) {
      const auto* thought = as<chat::Reasoning>(part);
      if (as<chat::Text>(part) != nullptr || as<chat::RefusalText>(part) != nullptr || takes_back(thought))
        said.push_back(&part);
      else if (thought != nullptr && keeps(*thought))
        thoughts.push_back(*thought);
      else if (as<chat::ToolCall>(part) != nullptr)
        called = true;
      else
        lose(message, part,
             thought != nullptr ? "the target does not take thoughts back"
                                : fmt::format("an answer of {} has no place for it", form_.speaker));
    }
    open("assistant", message);
    if (!said.empty() || !called) content(said);
    write_thoughts(json_, thoughts, target_.thoughts);
    if (called) calls(message);
    if (form_.goes_on && &message == &request_.messages.back()) json_.member("prefix", true);
    json_.close();
  }

  // Within the content: its own, and those that nobody signed.
  [[nodiscard]] bool takes_back(const chat::Reasoning* thought) const {
    return form_.thoughts_in_content && thought != nullptr && !thought->text.empty() &&
           (thought->origin == form_.word || !carries_proof(*thought));
  }
  [[nodiscard]] std::string id_of(const std::string& id) const { return form_.call_id ? form_.call_id(id) : id; }

  [[nodiscard]] bool keeps(const chat::Reasoning& thought) const {
    using enum TargetTraits::Thoughts;
    return !form_.thoughts_in_content && target_.thoughts != none &&
           (target_.thoughts != text_only || !thought.text.empty());
  }

  void calls(const Message& message) {
    json_.open_array("tool_calls");
    for (const Part& part : message.parts) {
      const auto* call = as<chat::ToolCall>(part);
      if (call == nullptr) continue;
      write_call(json_, id_of(call->id), names_.sent(call->name), call->arguments.text);
    }
    json_.close();
  }

  // A text alone is a string, anything else an array of parts. The mark of `whole` is one of all of it; null: it has
  // none.
  void content(const std::vector<const Part*>& parts, const Part* whole = nullptr) {
    const auto* text = parts.size() == 1 ? as<chat::Text>(*parts[0]) : nullptr;
    const bool outer = whole != nullptr && whole->cache;
    const bool marked = outer || (text != nullptr && parts[0]->cache);
    const bool takes_marks = target_.cache_marks != TargetTraits::CacheMarks::none;
    if (parts.empty() || (text != nullptr && !(marked && takes_marks))) {
      if (marked)
        losses_.add(Loss::Kind::dropped, mark_of(outer ? *whole : *parts[0]), "the target takes no cache marks");
      json_.member("content", text == nullptr ? std::string_view() : std::string_view(text->text));
      return;
    }
    json_.open_array("content");
    for (const Part* part : parts) write_part(*part, part == parts.back() && outer ? *whole : *part);
    json_.close();
  }

  // Of the message at work, or what stands within one of its results.
  [[nodiscard]] std::string place_of(const Part& part) const {
    const std::less<> before;
    const Part* const begin = message_->parts.data();
    const bool own = !before(&part, begin) && before(&part, begin + message_->parts.size());
    if (own) return chat::place_of(*message_, part, place_);
    return part.place.empty() ? place_ : part.place;
  }
  [[nodiscard]] std::string mark_of(const Part& part) const { return inside(place_of(part), "cache_control"); }

  // With its own mark, else that of `marked`.
  void write_part(const Part& part, const Part& marked) {
    json_.open_object();
    if (const auto* text = as<chat::Text>(part)) {
      json_.member("type", "text");
      json_.member("text", text->text);
    } else if (const auto* refusal = as<chat::RefusalText>(part)) {
      json_.member("type", form_.refusals ? "refusal" : "text");
      json_.member(form_.refusals ? "refusal" : "text", refusal->text);
    } else if (const auto* thought = as<chat::Reasoning>(part)) {
      write_thinking(json_, *thought);
    } else if (const auto* media = as<Media>(part)) {
      write_one_media(part, *media);
    }
    const Part& mark = part.cache ? part : marked;
    if (mark.cache) write_cache_mark(json_, mark.cache, target_, mark_of(mark), losses_);
    json_.close();
  }

  void write_one_media(const Part& part, const Media& media) {
    if (!media.source.file_id.empty() && !of_family())
      return refuse("holds a file that is stored with another provider; send its data instead");
    if (!media.source.text.empty())
      losses_.add(Loss::Kind::changed, place_of(part), "a plain-text document goes as text");
    const std::string_view wrong = form_.write_media(json_, media);
    if (!wrong.empty()) refuse(wrong);
  }

  // Other dialects go on with an answer that is begun; in OpenAI's it stands as one that was given.
  void prefill() {
    if (request_.messages.empty() || of_openai(request_.native) != form_.goes_on) return;
    const Message& last = request_.messages.back();
    if (last.role != chat::Role::assistant) return;
    losses_.add(Loss::Kind::changed, chat::place_of(last, request_.messages.size() - 1),
                fmt::format("{} {}", form_.speaker,
                            form_.goes_on ? "goes on with it instead of answering after it"
                                          : "answers after it instead of going on with it"));
  }

  // Whether files that the request names are stored where it goes.
  [[nodiscard]] bool of_family() const {
    return form_.word == own_word ? of_openai(request_.native) : request_.native.dialect == form_.word;
  }

  JsonWriter& json_;
  const chat::Request& request_;
  const TargetTraits& target_;
  const Form& form_;
  ToolNames& names_;
  chat::Losses& losses_;
  std::optional<Error> error_;
  const Message* message_ = nullptr;      // the one at work
  std::string place_;                     // of it
  std::vector<const Part*> pictures_;     // of results, not written yet
  const Part nothing_{chat::Text{}, {}};  // stands for a turn of which nothing is left
};

}  // namespace

Result<void> write_messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                            const Form& form, ToolNames& names, chat::Losses& losses) {
  return Messages(json, request, target, form, names, losses).write();
}

}  // namespace apigw::dialects::openai
