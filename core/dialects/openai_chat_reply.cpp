// A whole reply of the OpenAI dialect, both ways.
//
// Providers are read tolerantly: what has an unexpected type counts as unknown, and arguments that are no JSON stay
// the text that they are. Written, an answer has every member that the dialect demands, null where nothing is said.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/media.h"
#include "dialects/native.h"
#include "dialects/openai_chat.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::openai {

namespace {

using chat::Answer;
using chat::Part;

/* --------------------------------- reading ------------------------------ */

json::Raw arguments_of(const Reading& in, Fields& function) {
  const auto place = function.take("arguments");
  if (!place) return {"{}"};
  auto text = json::string_at(in.text, *place);
  if (!text) return {std::string(json::at(in.text, *place))};
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) return {"{}"};
  return {std::move(*text)};
}

void read_call(Reading& in, Fields& function, std::string id, const WayBack& way_back, Answer& answer) {
  chat::ToolCall call{.id = std::move(id), .name = original_name(way_back, function.string("name").value_or(""))};
  call.arguments = arguments_of(in, function);
  function.keep_rest();
  answer.parts.push_back({std::move(call), {}, function.path()});
}

// Returns whether there was one.
bool read_calls(Reading& in, Fields& message, const chat::Reply& reply, const WayBack& way_back, Answer& answer) {
  const std::size_t before = answer.parts.size();
  const auto made_id = [&] { return fmt::format("call_{}_{}", reply.id, answer.parts.size()); };
  if (const auto list = message.take("tool_calls", json::Type::array)) {
    const std::string path = message.path("tool_calls");
    const auto elements = in.elements(*list, path);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Fields entry(in, elements[i], element(path, i));
      const auto inner = entry.take("function", json::Type::object);
      if (!inner) {
        in.keep(element(path, i), elements[i]);
        continue;
      }
      for (const std::string_view known : {"type", "index"}) (void)entry.take(known);
      std::string id = entry.string("id").value_or(std::string());
      Fields function(in, *inner, entry.path("function"));
      read_call(in, function, id.empty() ? made_id() : std::move(id), way_back, answer);
      entry.keep_rest();
    }
  }
  if (const auto legacy = message.take("function_call", json::Type::object)) {
    Fields function(in, *legacy, message.path("function_call"));
    read_call(in, function, made_id(), way_back, answer);
  }
  return answer.parts.size() != before;
}

void read_images(Reading& in, Fields& message, Answer& answer) {
  const auto list = message.take("images", json::Type::array);
  if (!list) return;
  const std::size_t before = answer.parts.size();
  read_content(in, *list, message.path("images"), Allowed::anything, answer.parts);
  for (std::size_t i = before; i < answer.parts.size(); ++i) {
    if (answer.parts[i].place.empty()) answer.parts[i].place = message.path("images");
  }
}

void read_message(Reading& in, Fields& message, const chat::Reply& reply, const WayBack& way_back, Answer& answer,
                  bool& called) {
  (void)message.take("role");
  for (chat::Reasoning& thought : read_thoughts(in, message)) {
    answer.parts.push_back({std::move(thought), {}, message.path(thoughts_key(message))});
  }
  const auto content = message.take("content");
  if (content && json::at(in.text, *content) != R"("")") {
    read_content(in, *content, message.path("content"), Allowed::answer, answer.parts);
  }
  if (auto refusal = message.string("refusal"); refusal && !refusal->empty()) {
    answer.parts.push_back({chat::RefusalText{std::move(*refusal)}, {}, message.path("refusal")});
  }
  read_images(in, message, answer);
  called = read_calls(in, message, reply, way_back, answer);
  message.keep_rest();
}

void read_choice(Reading& in, json::Slice slice, const std::string& path, const WayBack& way_back, bool texts,
                 chat::Reply& reply) {
  Fields choice(in, slice, path);
  (void)choice.take("index");
  Answer answer;
  bool called = false;
  const auto object = texts ? choice.take("text", json::Type::string) : choice.take("message", json::Type::object);
  if (!object) {
    in.error = Error{ErrorKind::protocol, fmt::format("{} holds no {}", path, texts ? "text" : "message")};
    return;
  }
  if (texts) {
    auto text = json::string_at(in.text, *object).value_or(std::string());
    if (!text.empty()) answer.parts.push_back({chat::Text{std::move(text)}, {}, choice.path("text")});
  } else {
    Fields message(in, *object, choice.path("message"));
    read_message(in, message, reply, way_back, answer, called);
  }
  const auto native = choice.string("native_finish_reason");
  answer.stop = stop_of(choice.string("finish_reason").value_or(std::string()), called);
  if (native) answer.stop.native = *native;
  if (answer.stop.stop == chat::Stop::other) answer.stop.place = choice.path("finish_reason");
  if (const auto met = choice.peek("stop_reason"); met && met->type == json::Type::string) {  // as vLLM tells it
    answer.stop.sequence = *choice.string("stop_reason");
    if (answer.stop.stop == chat::Stop::end) answer.stop.stop = chat::Stop::stop_sequence;
  }
  choice.keep_rest();
  reply.answers.push_back(std::move(answer));
}

/* --------------------------------- writing ------------------------------ */

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply), facts_(facts), json_(out), losses_(losses) {}

  void write() {
    json_.open_object();
    json_.member("id", reply_.id.empty() ? facts_.id : std::string_view(reply_.id));
    json_.member("object", "chat.completion");
    json_.member("created", reply_.created != 0 ? reply_.created : facts_.now);
    json_.member("model", reply_.model);
    json_.open_array("choices");
    for (std::size_t i = 0; i < reply_.answers.size(); ++i) answer(reply_.answers[i], i);
    json_.close();
    write_usage(json_, reply_.usage);
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  void answer(const Answer& answer, std::size_t index) {
    json_.open_object();
    json_.member("index", index);
    json_.open_object("message");
    json_.member("role", "assistant");
    std::vector<chat::Reasoning> thoughts;
    for (const Part& part : answer.parts) {
      if (const auto* thought = std::get_if<chat::Reasoning>(&part.content)) thoughts.push_back(*thought);
    }
    text_or_null<chat::Text>("content", answer);
    text_or_null<chat::RefusalText>("refusal", answer);
    write_thoughts(json_, thoughts, TargetTraits::Thoughts::as_signed);
    images(answer, index);
    write_calls(json_, answer);
    json_.close();
    json_.null("logprobs");
    write_stop(json_, answer.stop, index, losses_);
    json_.close();
  }

  // What stands in the parts of one kind, as one text.
  template <class Kind>
  void text_or_null(std::string_view key, const Answer& answer) {
    const Kind* only = nullptr;
    std::string joined;
    for (const Part& part : answer.parts) {
      const auto* said = std::get_if<Kind>(&part.content);
      if (said == nullptr) continue;
      if (only != nullptr && joined.empty()) joined = only->text;
      if (only != nullptr) joined += said->text;
      only = said;
    }
    if (only == nullptr)
      json_.null(key);
    else
      json_.member(key, joined.empty() ? only->text : joined);
  }

  void images(const Answer& answer, std::size_t index) {
    bool open = false;
    for (const Part& part : answer.parts) {
      const auto* media = std::get_if<chat::Media>(&part.content);
      if (media == nullptr) continue;
      if (media->kind != chat::Media::Kind::image || !media->source.file_id.empty()) {
        losses_.add(chat::Loss::Kind::dropped, part.place.empty() ? element("answers", index) : part.place,
                    "an answer of OpenAI chat completions holds no such part");
        continue;
      }
      if (!open) json_.open_array("images");
      open = true;
      json_.open_object();
      json_.member("type", "image_url");
      json_.open_object("image_url");
      json_.member("url", media->source.url.empty() ? data_uri(media->source) : media->source.url);
      json_.close();
      json_.close();
    }
    if (open) json_.close();
  }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  JsonWriter json_;
  chat::Losses& losses_;
};

}  // namespace

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits,
                               const Form& form) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, form.word, true);
  Fields fields(in, std::move(*root));
  const auto choices = fields.take("choices", json::Type::array);
  if (!choices) return other_reply();
  chat::Reply reply{.list = "choices"};
  (void)fields.take("object");
  reply.id = fields.string("id").value_or(std::string());
  reply.model = fields.string("model").value_or(std::string());
  reply.created = fields.integer("created").value_or(0);
  const auto elements = in.elements(*choices, "choices");
  for (std::size_t i = 0; i < elements.size(); ++i)
    read_choice(in, elements[i], element("choices", i), way_back, form.texts, reply);
  take_usage(in, fields, "usage", counters, [&](json::Slice usage) {
    Counted counted;
    counted.read(body, usage);
    reply.usage = counted.disjoint();
  });
  for (const std::string_view key : served) {
    if (auto value = fields.raw(key)) in.native.fields.push_back({std::string(key), std::move(*value), true});
  }
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

void write_call(JsonWriter& json, std::string_view id, std::string_view name, std::string_view arguments,
                std::optional<std::size_t> index) {
  json.open_object();
  json.member("index", index);
  json.member("id", id);
  json.member("type", "function");
  json.open_object("function");
  json.member("name", name);
  json.member("arguments", arguments);
  json.close();
  json.close();
}

void write_calls(JsonWriter& json, const Answer& answer) {
  bool open = false;
  for (const Part& part : answer.parts) {
    const auto* call = std::get_if<chat::ToolCall>(&part.content);
    if (call == nullptr) continue;
    if (!open) json.open_array("tool_calls");
    open = true;
    write_call(json, call->id, call->name, call->arguments.text);
  }
  if (open) json.close();
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::openai
