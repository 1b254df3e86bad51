// A whole reply of Cohere's dialect, both ways.
//
// Providers are read tolerantly. One that says of its answer that it failed has given none.
#include <utility>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/native.h"
#include "dialects/proof.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Answer;
using chat::Loss;
using chat::Part;

/* --------------------------------- reading ------------------------------ */

class Reader {
 public:
  Reader(Reading& in, const WayBack& way_back, Answer& answer) : in_(in), way_back_(way_back), answer_(answer) {}

  void message(json::Slice object) {
    Fields message(in_, object, "message");
    (void)message.take("role");
    content(message);
    if (auto plan = message.string("tool_plan"); plan && !plan->empty())
      think(std::move(*plan), message.path("tool_plan"));
    const auto list = message.take("tool_calls", json::Type::array);
    const auto elements = list ? in_.elements(*list, message.path("tool_calls")) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size(); ++i) call(elements[i], element(message.path("tool_calls"), i));
    message.keep_rest();
  }

  [[nodiscard]] bool called() const { return called_; }

 private:
  void content(Fields& message) {
    const auto list = message.take("content", json::Type::array);
    const auto elements = list ? in_.elements(*list, message.path("content")) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size(); ++i) part(elements[i], element(message.path("content"), i));
    if (auto text = list ? std::nullopt : message.string("content"); text && !text->empty())
      answer_.parts.push_back({chat::Text{std::move(*text)}, {}, message.path("content")});
  }

  void part(json::Slice slice, std::string path) {
    if (slice.type != json::Type::object) return in_.keep(std::move(path), slice);
    Fields fields(in_, slice, path);
    const std::string type = fields.string("type").value_or(std::string());
    auto text = type == "text" || type == "thinking" ? fields.string(type) : std::nullopt;
    if (!text) return in_.keep(std::move(path), slice);
    fields.keep_rest();
    if (type == "thinking") return think(std::move(*text), std::move(path));
    if (!text->empty()) answer_.parts.push_back({chat::Text{std::move(*text)}, {}, std::move(path)});
  }

  void think(std::string text, std::string place) {
    if (!text.empty())
      answer_.parts.push_back(
          {chat::Reasoning{.text = std::move(text), .origin = std::string(own_word)}, {}, std::move(place)});
  }

  void call(json::Slice slice, std::string path) {
    if (slice.type != json::Type::object) return in_.keep(std::move(path), slice);
    Fields fields(in_, slice, std::move(path));
    (void)fields.take("type");
    chat::ToolCall made{.id = fields.string("id").value_or(std::string())};
    if (const auto object = fields.take("function", json::Type::object)) {
      Fields function(in_, *object, fields.path("function"));
      made.name = original_name(way_back_, function.string("name").value_or(std::string()));
      made.arguments.text = function.string("arguments").value_or("{}");
      function.keep_rest();
    }
    fields.keep_rest();
    answer_.parts.push_back({std::move(made), {}, fields.path()});
    called_ = true;
  }

  Reading& in_;
  const WayBack& way_back_;
  Answer& answer_;
  bool called_ = false;
};

/* --------------------------------- writing ------------------------------ */

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply), facts_(facts), json_(out), losses_(losses) {}

  void write() {
    static const Answer nothing;
    const Answer& answer = reply_.answers.empty() ? nothing : reply_.answers.front();
    if (reply_.answers.size() > 1)
      losses_.add(Loss::Kind::dropped, element(reply_.list.empty() ? "answers" : reply_.list, 1),
                  "Cohere gives one answer");
    json_.open_object();
    json_.member("id", reply_.id.empty() ? facts_.id : std::string_view(reply_.id));
    json_.open_object("message");
    json_.member("role", "assistant");
    json_.open_array("content");
    for (const Part& part : answer.parts) write_part(part);
    json_.close();
    write_calls(answer);
    json_.close();
    json_.member("finish_reason", finish_word(answer.stop, losses_));
    write_usage(json_, reply_.usage);
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  void lose(const Part& part, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, part.place.empty() ? element("answers", 0) : part.place, std::string(why));
  }

  void write_part(const Part& part) {
    if (const auto* text = std::get_if<chat::Text>(&part.content)) {
      say("text", text->text);
    } else if (const auto* refusal = std::get_if<chat::RefusalText>(&part.content)) {
      if (!refusal->text.empty()) lose(part, "Cohere tells a refusal as text", Loss::Kind::changed);
      say("text", refusal->text);
    } else if (const auto* thought = std::get_if<chat::Reasoning>(&part.content)) {
      if (carries_proof(*thought)) lose(part, "Cohere has no signature of a thought", Loss::Kind::changed);
      say("thinking", thought->text);
    } else if (!std::holds_alternative<chat::ToolCall>(part.content)) {
      lose(part, "an answer of Cohere holds no such part");
    }
  }

  void say(std::string_view type, std::string_view text) {
    if (text.empty()) return;
    json_.open_object();
    json_.member("type", type);
    json_.member(type, text);
    json_.close();
  }

  void write_calls(const Answer& answer) {
    bool open = false;
    for (const Part& part : answer.parts) {
      const auto* call = std::get_if<chat::ToolCall>(&part.content);
      if (call == nullptr) continue;
      if (!std::exchange(open, true)) json_.open_array("tool_calls");
      json_.open_object();
      write_call(json_, call->id, call->name, call->arguments.text);
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

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(std::move(root.error()));
  if (root->root.type != json::Type::object) return other_reply();
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto message = fields.take("message", json::Type::object);
  if (!message) return other_reply();
  std::string finish = fields.string("finish_reason").value_or(std::string());
  if (failure_of(finish) != 0) return fail(ErrorKind::protocol, "the provider ended its answer with an error");
  chat::Reply reply;
  reply.id = fields.string("id").value_or(std::string());
  reply.model = way_back.model;
  Answer& answer = reply.answers.emplace_back();
  Reader reader(in, way_back, answer);
  reader.message(*message);
  answer.stop = stop_of(std::move(finish), reader.called(), "finish_reason");
  Counted counted;
  take_usage(in, fields, counted);
  reply.usage = counted.disjoint();
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::cohere
