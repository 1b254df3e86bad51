// The turns of the hub, written as messages of Ollama's dialect.
//
// A message is one text with a list of pictures beside it. The result of a tool is a message of its own, so a turn
// may become several: results first, then what else the turn holds. Thoughts go back that nobody signed, or that came
// from a server of this dialect.
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/ollama_request.h"
#include "dialects/proof.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Loss;
using chat::Media;
using chat::Message;
using chat::Part;

template <class T>
const T* as(const Part& part) {
  return std::get_if<T>(&part.content);
}

// What one message says.
struct Said {
  std::string text, thoughts;
  std::vector<const chat::Source*> pictures;

  // Texts that were parts of their own stay apart by a line's end.
  static void add(std::string& to, std::string_view more) {
    if (!to.empty() && !more.empty()) to += '\n';
    to += more;
  }
};

class Messages {
 public:
  Messages(JsonWriter& json, const chat::Request& request, chat::Losses& losses)
      : json_(json), request_(request), losses_(losses), own_(request.native.dialect == own_word) {}

  Result<void> write() {
    json_.open_array("messages");
    for (std::size_t i = 0; i < request_.messages.size() && !error_; ++i) {
      message_ = &request_.messages[i];
      place_ = chat::place_of(*message_, i);
      if (!message_->name.empty()) lose(inside(place_, "name"), "Ollama has no name of a speaker");
      if (message_->role == chat::Role::user)
        user();
      else if (message_->role == chat::Role::system)
        system();
      else
        assistant();
    }
    json_.close();
    prefill();
    if (error_) return std::unexpected(std::move(*error_));
    return {};
  }

 private:
  void lose(std::string place, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, std::move(place), std::string(why));
  }
  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }
  [[nodiscard]] std::string place_of(const Part& part) const { return chat::place_of(*message_, part, place_); }

  void see(const Part& part) {
    if (part.cache) lose(inside(place_of(part), "cache_control"), "Ollama caches of its own accord");
  }

  void open(std::string_view role, const Said& said) {
    json_.open_object();
    json_.member("role", role);
    json_.member("content", said.text);
    json_.filled("thinking", said.thoughts);
    if (said.pictures.empty()) return;
    json_.open_array("images");
    for (const chat::Source* source : said.pictures) json_.element(source->base64);
    json_.close();
  }

  void system() {
    Said said;
    for (const Part& part : message_->parts) {
      see(part);
      if (const auto* text = as<chat::Text>(part))
        Said::add(said.text, text->text);
      else
        lose(place_of(part), "a system message of Ollama is text");
    }
    if (said.text.empty()) return;
    open("system", said);
    json_.close();
  }

  void user() {
    Said said;
    bool results = false, more = message_->parts.empty();
    for (const Part& part : message_->parts) {
      see(part);
      if (const auto* result = as<chat::ToolResult>(part)) {
        tool(part, *result, said);
        results = true;
      }
    }
    for (const Part& part : message_->parts) {
      if (as<chat::ToolResult>(part) != nullptr) continue;
      more = true;
      if (const auto* text = as<chat::Text>(part))
        Said::add(said.text, text->text);
      else if (const auto* media = as<Media>(part))
        show(place_of(part), *media, said);
      else
        lose(place_of(part), "a user's message of Ollama has no place for it");
    }
    if (results && !more && said.pictures.empty()) return;
    open("user", said);
    json_.close();
  }

  // What of a result is no text goes into the user's message behind it.
  void tool(const Part& part, const chat::ToolResult& result, Said& behind) {
    const std::string place = place_of(part);
    Said said;
    for (const Part& inner : result.content) {
      const auto* media = as<Media>(inner);
      if (const auto* text = as<chat::Text>(inner))
        Said::add(said.text, text->text);
      else if (media != nullptr && !media->source.text.empty())
        show(place, *media, said);
      else if (media != nullptr) {
        lose(place, "a tool's pictures go in the user's message behind its result", Loss::Kind::changed);
        show(place, *media, behind);
      }
    }
    if (result.failed) lose(place, "Ollama does not mark a result as failed");
    open("tool", said);
    const auto name = names_.find(result.call_id);
    if (name != names_.end()) json_.member("tool_name", name->second);
    if (!result.call_id.starts_with(unsent_id)) json_.filled("tool_call_id", result.call_id);
    json_.close();
  }

  void show(const std::string& place, const Media& media, Said& said) {
    const chat::Source& source = media.source;
    if (!source.text.empty()) {
      lose(place, "a plain-text document goes as text", Loss::Kind::changed);
      return Said::add(said.text, media.name.empty() ? source.text : media.name + "\n\n" + source.text);
    }
    if (media.kind != Media::Kind::image) return refuse(place, "is no picture, and Ollama takes no other file");
    if (source.base64.empty()) return refuse(place, "holds a picture without its data, which Ollama does not fetch");
    if (picture_type(source.base64).empty()) return refuse(place, "is no PNG, JPEG, GIF or WebP");
    if (!media.detail.empty() && media.detail != "auto")
      lose(inside(place, "detail"), "Ollama takes no such choice for a picture");
    if (!media.name.empty()) lose(inside(place, "name"), "Ollama takes no name of a picture");
    said.pictures.push_back(&source);
  }

  void assistant() {
    Said said;
    bool called = false;
    for (const Part& part : message_->parts) {
      see(part);
      if (const auto* text = as<chat::Text>(part))
        Said::add(said.text, text->text);
      else if (const auto* refusal = as<chat::RefusalText>(part))
        refused(part, *refusal, said);
      else if (const auto* thought = as<chat::Reasoning>(part))
        think(part, *thought, said);
      else if (as<chat::ToolCall>(part) != nullptr)
        called = true;
      else
        lose(place_of(part), "an answer of Ollama has no place for it");
    }
    open("assistant", said);
    if (called) calls();
    json_.close();
  }

  void refused(const Part& part, const chat::RefusalText& refusal, Said& said) {
    if (refusal.text.empty()) return;
    lose(place_of(part), "Ollama has no part for a refusal; it is said as text", Loss::Kind::changed);
    Said::add(said.text, refusal.text);
  }

  void think(const Part& part, const chat::Reasoning& thought, Said& said) {
    const bool foreign = !thought.origin.empty() && thought.origin != own_word;
    if (foreign && carries_proof(thought))
      return lose(place_of(part), "another provider's thoughts do not go to Ollama");
    if (carries_proof(thought)) lose(place_of(part), "Ollama has no signature of a thought", Loss::Kind::changed);
    Said::add(said.thoughts, thought.text);
  }

  void calls() {
    json_.open_array("tool_calls");
    for (const Part& part : message_->parts) {
      const auto* call = as<chat::ToolCall>(part);
      if (call == nullptr) continue;
      const auto arguments = object_of(call->arguments);
      if (!arguments)
        return refuse(place_of(part), fmt::format("calls the tool '{}' with arguments that are no JSON object",
                                                  text::printable(call->name, 64)));
      names_.insert_or_assign(call->id, call->name);
      write_call(json_, call->id.starts_with(unsent_id) ? std::string_view() : call->id, call->name, *arguments);
    }
    json_.close();
  }

  // Whether an answer that is begun is gone on with is for the template of the model to say.
  void prefill() {
    if (own_ || request_.messages.empty() || request_.messages.back().role != chat::Role::assistant) return;
    lose(chat::place_of(request_.messages.back(), request_.messages.size() - 1),
         "whether Ollama goes on with it or answers after it is for the model's template to say",
         Loss::Kind::changed);
  }

  JsonWriter& json_;
  const chat::Request& request_;
  chat::Losses& losses_;
  const bool own_;                                         // the client speaks the dialect itself
  std::map<std::string, std::string, std::less<>> names_;  // of the tools that were called, by the id of the call
  const Message* message_ = nullptr;                       // the one at work
  std::string place_;                                      // of it
  std::optional<Error> error_;
};

}  // namespace

Result<void> write_messages(JsonWriter& json, const chat::Request& request, chat::Losses& losses) {
  return Messages(json, request, losses).write();
}

}  // namespace apigw::dialects::ollama
