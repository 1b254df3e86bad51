// The turns of the hub, written as messages of Cohere's dialect.
//
// System messages stand first. The result of a tool is a message of its own, so a turn may become several: results
// first, then what else the turn holds. A turn that calls tools has no content: what it thought and said before is
// its plan. Thoughts go back that nobody signed, or that Cohere gave, to a model that thinks.
#include <fmt/format.h>

#include "base/text.h"
#include "dialects/cohere_request.h"
#include "dialects/media.h"
#include "dialects/proof.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Loss;
using chat::Media;
using chat::Message;
using chat::Part;

template <class T>
const T* as(const Part& part) {
  return std::get_if<T>(&part.content);
}

// What the content of a message holds, in order.
struct Piece {
  enum class Kind : std::uint8_t { text, thought, picture } kind = Kind::text;
  std::string text;
  const Media* picture = nullptr;
};

class Messages {
 public:
  Messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target, ToolNames& names,
           chat::Losses& losses)
      : json_(json),
        request_(request),
        names_(names),
        losses_(losses),
        own_(request.native.dialect == own_word),
        thinks_(target.thinks && !(request.thinking && request.thinking->effort == chat::Effort::none)) {}

  Result<void> write() {
    json_.open_array("messages");
    each(true);
    each(false);
    json_.close();
    prefill();
    if (error_) return std::unexpected(std::move(*error_));
    return {};
  }

 private:
  // Those of the system, or all others.
  void each(bool systems) {
    bool conversation = false;
    for (std::size_t i = 0; i < request_.messages.size() && !error_; ++i) {
      message_ = &request_.messages[i];
      place_ = chat::place_of(*message_, i);
      const bool of_system = message_->role == chat::Role::system;
      conversation = conversation || !of_system;
      if (of_system != systems) continue;
      if (!message_->name.empty()) lose(inside(place_, "name"), "Cohere has no name of a speaker");
      if (of_system && conversation)
        lose(place_, "Cohere takes what the system says before the conversation", Loss::Kind::changed);
      if (of_system)
        system();
      else if (message_->role == chat::Role::user)
        user();
      else
        assistant();
    }
  }

  void lose(std::string place, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, std::move(place), std::string(why));
  }
  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }
  [[nodiscard]] std::string place_of(const Part& part) const { return chat::place_of(*message_, part, place_); }

  void see(const Part& part) {
    if (part.cache) lose(inside(place_of(part), "cache_control"), "Cohere caches of its own accord");
  }

  /* ------------------------------- content ------------------------------ */

  static void say(const std::string& text, std::vector<Piece>& said) {
    if (!text.empty()) said.push_back({Piece::Kind::text, text, nullptr});
  }

  // A text alone is a string, anything else a list of parts.
  void content(const std::vector<Piece>& said) {
    if (said.empty()) return json_.member("content", "");
    if (said.size() == 1 && said.front().kind == Piece::Kind::text) return json_.member("content", said.front().text);
    json_.open_array("content");
    for (const Piece& piece : said) {
      json_.open_object();
      if (piece.kind == Piece::Kind::picture) {
        picture(*piece.picture);
      } else {
        const std::string_view key = piece.kind == Piece::Kind::text ? "text" : "thinking";
        json_.member("type", key);
        json_.member(key, piece.text);
      }
      json_.close();
    }
    json_.close();
  }

  void picture(const Media& media) {
    json_.member("type", "image_url");
    json_.open_object("image_url");
    json_.member("url", media.source.url.empty() ? data_uri(media.source) : media.source.url);
    json_.filled("detail", media.detail);
    json_.close();
  }

  void show(const std::string& place, const Media& media, std::vector<Piece>& said) {
    if (!media.source.text.empty()) {
      lose(place, "a plain-text document goes as text", Loss::Kind::changed);
      return say(media.name.empty() ? media.source.text : media.name + "\n\n" + media.source.text, said);
    }
    if (media.kind != Media::Kind::image) return refuse(place, "is no picture, and Cohere takes no other file");
    if (!media.source.file_id.empty())
      return refuse(place, "holds a file that is stored with another provider; send its data instead");
    said.push_back({Piece::Kind::picture, {}, &media});
  }

  /* -------------------------------- turns ------------------------------- */

  void system() {
    std::vector<Piece> said;
    for (const Part& part : message_->parts) {
      see(part);
      if (const auto* text = as<chat::Text>(part))
        say(text->text, said);
      else
        lose(place_of(part), "a system message of Cohere is text");
    }
    if (said.empty()) return;
    json_.open_object();
    json_.member("role", "system");
    content(said);
    json_.close();
  }

  void user() {
    std::vector<Piece> said;
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
        say(text->text, said);
      else if (const auto* media = as<Media>(part))
        show(place_of(part), *media, said);
      else
        lose(place_of(part), "a user's message of Cohere has no place for it");
    }
    if (results && !more && said.empty()) return;
    json_.open_object();
    json_.member("role", "user");
    content(said);
    json_.close();
  }

  // Pictures of a result go into the user's message behind it.
  void tool(const Part& part, const chat::ToolResult& result, std::vector<Piece>& behind) {
    const std::string place = place_of(part);
    std::vector<Piece> said;
    for (const Part& inner : result.content) {
      const auto* media = as<Media>(inner);
      if (const auto* text = as<chat::Text>(inner)) {
        say(text->text, said);
      } else if (media != nullptr && !media->source.text.empty()) {
        show(inner.place.empty() ? place : inner.place, *media, said);
      } else if (media != nullptr) {
        lose(place, "a tool's pictures go in the user's message behind its result", Loss::Kind::changed);
        show(place, *media, behind);
      }
    }
    if (result.failed) lose(place, "Cohere does not mark a result as failed");
    json_.open_object();
    json_.member("role", "tool");
    json_.member("tool_call_id", result.call_id);
    content(said);
    json_.close();
  }

  void assistant() {
    bool called = false;
    for (const Part& part : message_->parts) called = called || as<chat::ToolCall>(part) != nullptr;
    std::vector<Piece> said;
    for (const Part& part : message_->parts) {
      see(part);
      if (const auto* text = as<chat::Text>(part))
        spoken(part, text->text, called, said);
      else if (const auto* refusal = as<chat::RefusalText>(part))
        refused(part, *refusal, said);
      else if (const auto* thought = as<chat::Reasoning>(part))
        think(part, *thought, called, said);
      else if (as<chat::ToolCall>(part) == nullptr)
        lose(place_of(part), "an answer of Cohere has no place for it");
    }
    json_.open_object();
    json_.member("role", "assistant");
    if (called)
      calls(said);
    else
      content(said);
    json_.close();
  }

  void spoken(const Part& part, const std::string& text, bool called, std::vector<Piece>& said) {
    if (called && !text.empty())
      lose(place_of(part), "a text before calls goes as their plan, which is all that Cohere takes there",
           Loss::Kind::changed);
    say(text, said);
  }

  void refused(const Part& part, const chat::RefusalText& refusal, std::vector<Piece>& said) {
    if (refusal.text.empty()) return;
    lose(place_of(part), "Cohere has no part for a refusal; it is said as text", Loss::Kind::changed);
    say(refusal.text, said);
  }

  void think(const Part& part, const chat::Reasoning& thought, bool called, std::vector<Piece>& said) {
    if (carries_proof(thought)) return lose(place_of(part), "another provider's thoughts do not go to Cohere");
    if (thought.text.empty()) return;
    if (!called && !thinks_ && !own_) return lose(place_of(part), "thoughts go back to a model that thinks alone");
    said.push_back({Piece::Kind::thought, thought.text, nullptr});
  }

  void calls(const std::vector<Piece>& said) {
    std::string plan;
    for (const Piece& piece : said) plan.append(plan.empty() ? "" : "\n").append(piece.text);
    json_.filled("tool_plan", plan);
    json_.open_array("tool_calls");
    for (const Part& part : message_->parts) {
      const auto* call = as<chat::ToolCall>(part);
      if (call == nullptr) continue;
      const auto arguments = object_of(call->arguments);
      if (!arguments)
        return refuse(place_of(part), fmt::format("calls the tool '{}' with arguments that are no JSON object",
                                                  text::printable(call->name, 64)));
      json_.open_object();
      write_call(json_, call->id, names_.sent(call->name), arguments->text);
      json_.close();
    }
    json_.close();
  }

  void prefill() {
    if (own_ || request_.messages.empty() || request_.messages.back().role != chat::Role::assistant) return;
    lose(chat::place_of(request_.messages.back(), request_.messages.size() - 1),
         "Cohere does not say whether it goes on with it or answers after it", Loss::Kind::changed);
  }

  JsonWriter& json_;
  const chat::Request& request_;
  ToolNames& names_;
  chat::Losses& losses_;
  const bool own_;                    // the client speaks the dialect itself
  const bool thinks_;                 // the model is asked to, or may
  const Message* message_ = nullptr;  // the one at work
  std::string place_;                 // of it
  std::optional<Error> error_;
};

}  // namespace

Result<void> write_messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                            ToolNames& names, chat::Losses& losses) {
  return Messages(json, request, target, names, losses).write();
}

}  // namespace apigw::dialects::cohere
