// The turns of the hub, written as the input of a request in the Responses dialect.
//
// What a turn holds becomes items in its order: results and calls one each, thoughts that the dialect made itself,
// and what stands between them as a message. A system prompt of one text that begins the conversation is
// `instructions`.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/media.h"
#include "dialects/openai_chat_request.h"
#include "dialects/openai_responses_request.h"

namespace apigw::dialects::responses {

namespace {

using chat::Loss;
using chat::Media;
using chat::Message;
using chat::Part;
using chat::Role;

template <class T>
const T* as(const Part& part) {
  return std::get_if<T>(&part.content);
}

class Items {
 public:
  Items(std::string& out, const chat::Request& request, const TargetTraits& target, ToolNames& names,
        chat::Losses& losses)
      : json_(out), request_(request), target_(target), names_(names), losses_(losses) {}

  // From the message `first` on. Returns how many items there are.
  Result<std::size_t> write(std::size_t first) {
    json_.open_array();
    for (std::size_t i = first; i < request_.messages.size() && !error_; ++i) {
      const Message& message = request_.messages[i];
      message_ = &message;
      place_ = chat::place_of(message, i);
      if (!message.name.empty())
        losses_.add(Loss::Kind::dropped, inside(place_, "name"), fmt::format("{} has no name of a speaker", speaker));
      turn(message);
    }
    json_.close();
    if (error_) return std::unexpected(*error_);
    return items_;
  }

 private:
  void lose(const Part& part, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, place_of(part), std::string(why));
  }
  // Of the message at work, or what stands within one of its results.
  [[nodiscard]] std::string place_of(const Part& part) const {
    const std::less<> before;
    const Part* const begin = message_->parts.data();
    const bool own = !before(&part, begin) && before(&part, begin + message_->parts.size());
    if (own) return chat::place_of(*message_, part, place_);
    return part.place.empty() ? place_ : part.place;
  }
  void refuse(std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place_, what)};
  }

  void turn(const Message& message) {
    std::vector<const Part*> said;  // what goes into one message
    for (const Part& part : message.parts) {
      if (sayable(message.role, part)) {
        said.push_back(&part);
        continue;
      }
      flush(message.role, said);
      if (const auto* result = as<chat::ToolResult>(part); result && message.role == Role::user)
        output(part, *result);
      else if (const auto* call = as<chat::ToolCall>(part); call && message.role == Role::assistant)
        function(*call);
      else if (const auto* thought = as<chat::Reasoning>(part); thought && message.role == Role::assistant)
        reasoning(part, *thought);
      else
        lose(part, fmt::format("such a turn of {} has no place for it", speaker));
    }
    if (message.parts.empty() && message.role != Role::assistant) said.push_back(&nothing_);
    flush(message.role, said);
  }

  static bool sayable(Role role, const Part& part) {
    if (as<chat::Text>(part)) return true;
    return role == Role::user ? as<Media>(part) != nullptr : role == Role::assistant && as<chat::RefusalText>(part);
  }

  void open_item(std::string_view type) {
    ++items_;
    json_.open_object();
    json_.member("type", type);
  }

  void flush(Role role, std::vector<const Part*>& said) {
    if (said.empty()) return;
    constexpr auto words = std::to_array<std::string_view>({"system", "user", "assistant"});
    open_item("message");
    json_.member("role", words[static_cast<std::size_t>(role)]);
    content("content", said, role == Role::assistant);
    json_.close();
    said.clear();
  }

  void output(const Part& part, const chat::ToolResult& result) {
    if (result.failed) lose(part, fmt::format("{} does not mark a result as failed", speaker));
    if (part.cache) losses_.add(Loss::Kind::dropped, mark_of(part), "a tool's result takes no cache mark");
    std::vector<const Part*> said;
    for (const Part& inner : result.content) said.push_back(&inner);
    open_item("function_call_output");
    json_.member("call_id", result.call_id);
    content("output", said, false);
    json_.close();
  }

  void function(const chat::ToolCall& call) {
    open_item("function_call");
    json_.member("call_id", call.id);
    json_.member("name", names_.sent(call.name));
    json_.member("arguments", call.arguments.text);
    json_.close();
  }

  void reasoning(const Part& part, const chat::Reasoning& thought) {
    const std::string proof = thought.origin == own_word ? written_proof(thought) : std::string();
    if (proof.empty()) return lose(part, "only thoughts with the provider's own proof go back to it");
    open_item("reasoning");
    json_.open_array("summary");
    if (!thought.text.empty()) {
      json_.open_object();
      json_.member("type", "summary_text");
      json_.member("text", thought.text);
      json_.close();
    }
    json_.close();
    json_.member("encrypted_content", proof);
    json_.close();
  }

  [[nodiscard]] std::string mark_of(const Part& part) const { return inside(place_of(part), "cache_control"); }

  // One text is a string, anything else an array of parts.
  void content(std::string_view key, const std::vector<const Part*>& parts, bool answer) {
    const bool takes_marks = target_.cache_marks != TargetTraits::CacheMarks::none;
    const auto* text = parts.size() == 1 ? as<chat::Text>(*parts[0]) : nullptr;
    if (parts.empty() || (text != nullptr && !(parts[0]->cache && takes_marks))) {
      if (text != nullptr && parts[0]->cache)
        losses_.add(Loss::Kind::dropped, mark_of(*parts[0]), "the target takes no cache marks");
      json_.member(key, text == nullptr ? std::string_view() : std::string_view(text->text));
      return;
    }
    json_.open_array(key);
    for (const Part* part : parts) {
      json_.open_object();
      write_part(*part, answer);
      if (part->cache) openai::write_cache_mark(json_, part->cache, target_, mark_of(*part), losses_);
      json_.close();
    }
    json_.close();
  }

  void write_part(const Part& part, bool answer) {
    if (const auto* text = as<chat::Text>(part)) {
      json_.member("type", answer ? "output_text" : "input_text");
      json_.member("text", text->text);
    } else if (const auto* refusal = as<chat::RefusalText>(part)) {
      json_.member("type", "refusal");
      json_.member("refusal", refusal->text);
    } else if (const auto* media = as<Media>(part)) {
      write_media(part, *media);
    }
  }

  void write_media(const Part& part, const Media& media) {
    const chat::Source& source = media.source;
    if (!source.file_id.empty() && !openai::of_openai(request_.native))
      return refuse("holds a file that is stored with another provider; send its data instead");
    if (!source.text.empty()) {
      lose(part, "a plain-text document goes as text", Loss::Kind::changed);
      json_.member("type", "input_text");
      json_.member("text", media.name.empty() ? source.text : media.name + "\n\n" + source.text);
    } else if (media.kind == Media::Kind::audio) {
      if (source.base64.empty()) return refuse("holds a sound that is not given as data");
      (void)openai::write_media(json_, media);  // data can always be said
    } else if (media.kind == Media::Kind::image) {
      json_.member("type", "input_image");
      json_.filled("detail", media.detail);
      json_.filled("file_id", source.file_id);
      if (!source.base64.empty())
        json_.member("image_url", data_uri(source));
      else
        json_.filled("image_url", source.url);
    } else {
      json_.member("type", "input_file");
      json_.filled("filename", media.name);
      json_.filled("file_id", source.file_id);
      if (!source.base64.empty()) json_.member("file_data", data_uri(source));
      json_.filled("file_url", source.url);
    }
  }

  JsonWriter json_;
  const chat::Request& request_;
  const TargetTraits& target_;
  ToolNames& names_;
  chat::Losses& losses_;
  std::optional<Error> error_;
  std::size_t items_ = 0;
  const Message* message_ = nullptr;      // the one at work
  std::string place_;                     // of it
  const Part nothing_{chat::Text{}, {}};  // stands for a turn that holds nothing
};

// The system prompt that may stand in `instructions`; null: none.
const chat::Text* instructions_of(const chat::Request& request) {
  if (request.messages.empty()) return nullptr;
  const Message& first = request.messages.front();
  const bool alone = first.role == Role::system && first.name.empty() && first.parts.size() == 1;
  if (!alone || first.parts.front().cache) return nullptr;
  const auto* text = as<chat::Text>(first.parts.front());
  return text == nullptr || text->text.empty() ? nullptr : text;
}

// Other dialects go on with an answer that is begun; here it stands as one that was given.
void note_prefill(const chat::Request& request, chat::Losses& losses) {
  if (openai::of_openai(request.native) || request.messages.empty()) return;
  const Message& last = request.messages.back();
  if (last.role != Role::assistant) return;
  losses.add(Loss::Kind::changed, chat::place_of(last, request.messages.size() - 1),
             fmt::format("{} answers after it instead of going on with it", speaker));
}

}  // namespace

Result<void> write_input(JsonWriter& json, const chat::Request& request, const TargetTraits& target, ToolNames& names,
                         chat::Losses& losses) {
  const chat::Text* instructions = instructions_of(request);
  if (request.messages.size() == 1) instructions = nullptr;  // it is all there is
  json::Raw input{{}};
  const auto items = Items(input.text, request, target, names, losses).write(instructions == nullptr ? 0 : 1);
  if (!items) return std::unexpected(items.error());
  if (*items == 0) return fail(ErrorKind::invalid, fmt::format("nothing is left that {} can be told", speaker));
  if (instructions != nullptr) json.member("instructions", instructions->text);
  json.member("input", input);
  note_prefill(request, losses);
  return {};
}

}  // namespace apigw::dialects::responses
