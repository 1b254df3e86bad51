// The contents of a request in the Gemini dialect, read into turns of the hub.
//
// Members are read under both of their names. Calls and results find each other by their ids, where those are left
// out by name and order. A thought that came in pieces is one again: what a provider proved is the whole of it.
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/gemini_request.h"
#include "dialects/media.h"
#include "dialects/proof.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Message;
using chat::Part;
using chat::Role;

class Contents {
 public:
  Contents(Reading& in, std::vector<Message>& messages) : in_(in), messages_(messages) {}

  void read(json::Slice slice, std::string path) {
    Fields content(in_, slice, std::move(path));
    const std::string role = content.string("role").value_or("user");
    if (in_.error) return;
    // "function" is what results were said by before they were the user's.
    if (role != "user" && role != "model" && role != "function")
      return content.refuse("role", "must be user or model");
    Message message{
        .role = role == "model" ? Role::assistant : Role::user, .parts = {}, .name = {}, .place = content.path()};
    const bool goes_on = !messages_.empty() && messages_.back().role == Role::assistant;  // a turn in pieces
    if (message.role == Role::assistant && !goes_on) open_.clear();
    const auto list = content.take("parts");
    if (!list) return content.refuse("parts", "must be given and be an array");
    const auto elements = in_.elements(*list, content.path("parts"));
    for (std::size_t i = 0; i < elements.size() && !in_.error; ++i)
      part(elements[i], element(content.path("parts"), i), message);
    content.keep_rest();
    if (!message.parts.empty()) messages_.push_back(std::move(message));
  }

 private:
  struct Call {
    std::string id, name;
  };
  // Of the model's turn at work that have no result yet.
  std::vector<Call> open_;

  void part(json::Slice slice, std::string path, Message& message) {
    Fields fields(in_, slice, std::move(path));
    if (in_.error) return;
    const bool model = message.role == Role::assistant;
    const std::string signed_by = named(fields, "thoughtSignature");
    const bool thought = model && boolean(fields, "thought");
    const std::string proof = model ? fields.string(signed_by).value_or(std::string()) : std::string();
    if (thought) {
      think(fields, proof, message);
    } else {
      const std::size_t before = message.parts.size();
      if (!said(fields, message, model, !proof.empty())) return;
      // It stands before what it led to.
      if (!proof.empty())
        message.parts.insert(message.parts.begin() + static_cast<std::ptrdiff_t>(before),
                             {read_signature(proof), {}, fields.path(signed_by)});
    }
    fields.keep_rest();
  }

  // `false` says nothing.
  bool boolean(Fields& fields, std::string_view key) const {
    const auto value = fields.peek(key);
    if (!value) return false;
    const bool on = json::boolean_at(in_.text, *value).value_or(false);
    if (on) (void)fields.take(key);
    return on;
  }

  void think(Fields& fields, const std::string& proof, Message& message) {
    chat::Reasoning thought;
    if (!proof.empty()) thought = read_signature(proof);
    if (thought.origin.empty()) thought.origin = own_word;
    std::string text = fields.string("text").value_or(std::string());
    if (chat::Reasoning* before = unproven(message)) {
      text.insert(0, before->text);
      *before = std::move(thought);
      before->text = std::move(text);
      return;
    }
    thought.text = std::move(text);
    message.parts.push_back({std::move(thought), {}, fields.path()});
  }

  // The thought that goes on here: the last thing that the model said, in this turn or the one before.
  chat::Reasoning* unproven(Message& message) {
    Message* last = message.parts.empty() && !messages_.empty() ? &messages_.back() : &message;
    if (last->role != Role::assistant || last->parts.empty()) return nullptr;
    auto* thought = std::get_if<chat::Reasoning>(&last->parts.back().content);
    return thought == nullptr || carries_proof(*thought) ? nullptr : thought;
  }

  struct Kind {
    std::string_view key;
    void (Contents::*read)(Fields& part, Fields& inner, json::Slice object, Message& message);
    bool user, model;  // whose turn it may stand in
  };
  static const std::array<Kind, 4> kinds;

  // False: nothing here that the hub knows; it rides in native.
  bool said(Fields& fields, Message& message, bool model, bool proven) {
    if (fields.peek("text")) {
      std::string text = fields.required("text");
      if (!proven || !text.empty()) message.parts.push_back({chat::Text{std::move(text)}, {}, fields.path()});
      return true;
    }
    for (const Kind& kind : kinds) {
      const std::string key = named(fields, kind.key);
      const auto object = fields.peek(key);
      if (!object || !(model ? kind.model : kind.user)) continue;
      (void)fields.take(key);
      Fields inner(in_, *object, fields.path(key));
      (this->*kind.read)(fields, inner, *object, message);
      inner.keep_rest();
      return true;
    }
    fields.keep_rest();
    return false;
  }

  void inline_data(Fields& part, Fields& inner, json::Slice object, Message& message) {
    chat::Source source;
    source.media_type = inner.required(named(inner, "mimeType"));
    auto data = base64(inner.required("data"));
    if (in_.error) return;
    if (!data) return inner.refuse("data", "must be base64");
    source.base64 = std::move(*data);
    add_media(part, inner, object, std::move(source), message);
  }

  void file_data(Fields& part, Fields& inner, json::Slice object, Message& message) {
    chat::Source source;
    source.media_type = inner.string(named(inner, "mimeType")).value_or(std::string());
    std::string address = inner.required(named(inner, "fileUri"));
    if (source.media_type.empty()) source.media_type = type_at(address);
    (is_stored(address) ? source.file_id : source.url) = std::move(address);
    add_media(part, inner, object, std::move(source), message);
  }

  // With the provider, which alone can read it there.
  static bool is_stored(std::string_view address) {
    return address.starts_with("https://generativelanguage.googleapis.com/") || address.starts_with("gs://");
  }

  void add_media(Fields& part, Fields& inner, json::Slice object, chat::Source source, Message& message) {
    std::string name = inner.string(named(inner, "displayName")).value_or(std::string());
    if (in_.error) return;
    auto media = read_media(source, std::move(name));
    if (!media && source.media_type.empty())  // of which nobody says what it is
      media = chat::Media{.kind = chat::Media::Kind::document, .source = std::move(source), .name = {}, .detail = {}};
    if (!media) return in_.keep(inner.path(), object);
    media->detail = read_detail(part);
    message.parts.push_back({std::move(*media), {}, part.path()});
  }

  // How closely to look: {"level":"MEDIA_RESOLUTION_HIGH"}. Other levels have no word elsewhere.
  [[nodiscard]] std::string read_detail(Fields& part) const {
    const std::string key = named(part, "mediaResolution");
    const auto object = part.peek(key);
    if (!object || object->type != json::Type::object) return {};
    const json::Document fields = json::members(in_.text, *object);
    const json::Member* level = fields.find("level");
    if (level == nullptr || fields.members.size() != 1) return {};
    const std::string word = json::string_at(in_.text, level->value).value_or(std::string());
    const std::string_view detail = word == "MEDIA_RESOLUTION_LOW"    ? "low"
                                    : word == "MEDIA_RESOLUTION_HIGH" ? "high"
                                                                      : "";
    if (!detail.empty()) (void)part.take(key);
    return std::string(detail);
  }

  void call(Fields& part, Fields& inner, json::Slice /*object*/, Message& message) {
    chat::ToolCall made{.id = inner.string("id").value_or(std::string()), .name = inner.required("name")};
    if (const auto args = inner.take("args", json::Type::object)) made.arguments.text = json::at(in_.text, *args);
    if (made.id.empty()) made.id = fmt::format("{}{}", made_id, made_++);
    open_.push_back({made.id, made.name});
    message.parts.push_back({std::move(made), {}, part.path()});
  }

  void result(Fields& part, Fields& inner, json::Slice /*object*/, Message& message) {
    chat::ToolResult result{.call_id = inner.string("id").value_or(std::string())};
    const std::string name = inner.required("name");
    result.call_id = answered(std::move(result.call_id), name);
    const auto response = inner.take("response", json::Type::object);
    if (!response && !in_.error) return inner.refuse("response", "must be given and be an object");
    if (response) read_response(*response, inner.path("response"), result);
    message.parts.push_back({std::move(result), {}, part.path()});
  }

  // The call that a result is of: by its id, else the first one of the name, else the first.
  std::string answered(std::string id, const std::string& name) {
    auto found = std::ranges::find(open_, id, &Call::id);
    if (id.empty()) found = std::ranges::find(open_, name, &Call::name);
    if (id.empty() && found == open_.end()) found = open_.begin();
    if (found == open_.end()) return id.empty() ? fmt::format("{}{}", made_id, made_++) : id;
    id = found->id;
    open_.erase(found);
    return id;
  }

  // {"output":"…"} and {"error":"…"} are texts, any other object is the text that it is.
  void read_response(json::Slice response, std::string place, chat::ToolResult& result) const {
    const json::Document object = json::members(in_.text, response);
    json::Slice said = response;
    if (object.members.size() == 1) {
      const json::Member& only = object.members.front();
      result.failed = only.key == "error";
      const bool text = only.value.type == json::Type::string;
      if (result.failed || (only.key == "output" && text)) said = only.value;
    }
    auto text = json::string_at(in_.text, said);
    result.content.push_back(
        {chat::Text{text ? std::move(*text) : std::string(json::at(in_.text, said))}, {}, std::move(place)});
  }

  Reading& in_;
  std::vector<Message>& messages_;
  std::size_t made_ = 0;  // ids
};

const std::array<Contents::Kind, 4> Contents::kinds = {{
    {"inlineData", &Contents::inline_data, true, true},
    {"fileData", &Contents::file_data, true, true},
    {"functionCall", &Contents::call, false, true},
    {"functionResponse", &Contents::result, true, false},
}};

}  // namespace

void read_contents(Reading& in, Fields& request, std::vector<Message>& messages) {
  const auto list = request.take("contents");
  if (!list) return request.refuse("contents", "must be given and be an array");
  std::vector<json::Slice> elements;
  if (list->type == json::Type::array)
    elements = in.elements(*list, "contents");
  else
    request.refuse("contents", "must be an array");
  if (elements.empty()) request.refuse("contents", "must hold at least one turn");
  Contents reader(in, messages);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) reader.read(elements[i], element("contents", i));
}

void read_system(Reading& in, Fields& request, std::vector<Message>& messages) {
  const std::string key = named(request, "systemInstruction");
  const auto object = request.take(key);
  if (!object) return;
  Fields content(in, *object, key);
  (void)content.take("role");  // says nothing here
  Message message{.role = Role::system, .parts = {}, .name = {}, .place = key};
  const auto list = content.take("parts");
  const auto elements = list ? in.elements(*list, content.path("parts")) : std::vector<json::Slice>();
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    Fields part(in, elements[i], element(content.path("parts"), i));
    auto text = part.string("text");
    if (text) message.parts.push_back({chat::Text{std::move(*text)}, {}, part.path()});
    part.keep_rest();
  }
  content.keep_rest();
  if (!message.parts.empty()) messages.push_back(std::move(message));
}

}  // namespace apigw::dialects::gemini
