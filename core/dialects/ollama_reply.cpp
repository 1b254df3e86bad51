// A whole reply of Ollama's dialect, both ways: of a conversation (`message`), or of one prompt (`response`).
//
// Providers are read tolerantly. A reply is whole only when it says that it is done; one that loaded a model says
// nothing else.
#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/ollama.h"
#include "dialects/proof.h"
#include "dialects/reply_reading.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Answer;
using chat::Loss;
using chat::Part;

/* --------------------------------- reading ------------------------------ */

class Reader {
 public:
  Reader(Reading& in, Answer& answer) : in_(in), answer_(answer) {}

  // `answered`: when, in the provider's words.
  void message(json::Slice object, const std::string& answered) {
    Fields message(in_, object, "message");
    (void)message.take("role");
    think(message);
    pictures(message);
    say(message, "content");
    const auto list = message.take("tool_calls", json::Type::array);
    const auto elements = list ? in_.elements(*list, message.path("tool_calls")) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size(); ++i)
      call(elements[i], element(message.path("tool_calls"), i), answered);
    message.keep_rest();
  }

  void think(Fields& fields) {
    auto text = fields.string("thinking");
    if (!text || text->empty()) return;
    answer_.parts.push_back(
        {chat::Reasoning{.text = std::move(*text), .origin = std::string(own_word)}, {}, fields.path("thinking")});
  }

  void say(Fields& fields, std::string_view key) {
    auto text = fields.string(key);
    if (text && !text->empty()) answer_.parts.push_back({chat::Text{std::move(*text)}, {}, fields.path(key)});
  }

  [[nodiscard]] bool called() const { return called_; }

 private:
  void pictures(Fields& message) {
    const auto list = message.take("images", json::Type::array);
    if (!list) return;
    const auto elements = in_.elements(*list, message.path("images"));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string place = element(message.path("images"), i);
      auto written = json::string_at(in_.text, elements[i]);
      auto picture = written ? read_picture(std::move(*written)) : std::nullopt;
      if (picture)
        answer_.parts.push_back({std::move(*picture), {}, place});
      else
        in_.keep(place, elements[i]);
    }
  }

  void call(json::Slice slice, std::string path, const std::string& answered) {
    if (slice.type != json::Type::object) return in_.keep(std::move(path), slice);
    Fields fields(in_, slice, std::move(path));
    (void)fields.take("type");
    chat::ToolCall made{.id = fields.string("id").value_or(std::string())};
    if (const auto object = fields.take("function", json::Type::object)) {
      Fields function(in_, *object, fields.path("function"));
      (void)function.take("index");  // they stand in order
      made.name = function.string("name").value_or(std::string());
      if (const auto arguments = function.take("arguments", json::Type::object))
        made.arguments.text = json::at(in_.text, *arguments);
      function.keep_rest();
    }
    fields.keep_rest();
    if (made.id.empty()) made.id = made_id(answered, answer_.parts.size(), made);
    answer_.parts.push_back({std::move(made), {}, fields.path()});
    called_ = true;
  }

  Reading& in_;
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
                  "Ollama gives one answer");
    for (const Part& part : answer.parts) collect(part);
    const bool prompted = facts_.operation == generate;
    json_.open_object();
    json_.member("model", reply_.model);
    json_.member("created_at", written_time(reply_.created != 0 ? reply_.created : facts_.now));
    if (!prompted) {
      json_.open_object("message");
      json_.member("role", "assistant");
    }
    json_.member(prompted ? "response" : "content", text_);
    json_.filled("thinking", thoughts_);
    write_pictures();
    write_calls();
    if (!prompted) json_.close();
    json_.member("done", true);
    json_.member("done_reason", done_word(answer.stop, losses_));
    write_usage(json_, reply_.usage);
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  void lose(const Part& part, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    losses_.add(kind, part.place.empty() ? element("answers", 0) : part.place, std::string(why));
  }

  void collect(const Part& part) {
    const auto* media = std::get_if<chat::Media>(&part.content);
    if (const auto* text = std::get_if<chat::Text>(&part.content)) {
      text_ += text->text;
    } else if (const auto* refusal = std::get_if<chat::RefusalText>(&part.content)) {
      if (!refusal->text.empty()) lose(part, "Ollama tells a refusal as text", Loss::Kind::changed);
      text_ += refusal->text;
    } else if (const auto* thought = std::get_if<chat::Reasoning>(&part.content)) {
      if (carries_proof(*thought)) lose(part, "Ollama has no signature of a thought", Loss::Kind::changed);
      thoughts_ += thought->text;
    } else if (media != nullptr && media->kind == chat::Media::Kind::image && !media->source.base64.empty()) {
      pictures_.push_back(media);
    } else if (std::holds_alternative<chat::ToolCall>(part.content)) {
      calls_.push_back(&part);
    } else {
      lose(part, "an answer of Ollama holds no such part");
    }
  }

  void write_pictures() {
    if (pictures_.empty()) return;
    json_.open_array("images");
    for (const chat::Media* picture : pictures_) json_.element(picture->source.base64);
    json_.close();
  }

  void write_calls() {
    if (calls_.empty()) return;
    json_.open_array("tool_calls");
    for (const Part* part : calls_) {
      const auto& call = std::get<chat::ToolCall>(part->content);
      const auto arguments = object_of(call.arguments);
      if (!arguments)
        lose(*part, "the arguments of the call are no JSON object; they were left out", Loss::Kind::changed);
      write_call(json_, call.id, call.name, arguments.value_or(json::Raw{"{}"}));
    }
    json_.close();
  }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  JsonWriter json_;
  chat::Losses& losses_;
  std::string text_, thoughts_;
  std::vector<const chat::Media*> pictures_;
  std::vector<const Part*> calls_;
};

}  // namespace

Result<chat::Reply> read_reply(std::string_view body, const WayBack& /*way_back*/, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(std::move(root.error()));
  if (root->root.type != json::Type::object) return other_reply();
  Counted counted;
  counted.read(body, *root);
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto message = fields.take("message", json::Type::object);
  const auto done = fields.take("done", json::Type::boolean);
  const bool whole = done && json::boolean_at(body, *done).value_or(false);
  if (!whole || (!message && !fields.peek("response"))) return other_reply();
  chat::Reply reply;
  reply.model = fields.string("model").value_or(std::string());
  const std::string answered = fields.string("created_at").value_or(std::string());
  reply.created = read_time(answered);
  Answer& answer = reply.answers.emplace_back();
  Reader reader(in, answer);
  if (message) {
    reader.message(*message, answered);
  } else {
    reader.think(fields);
    reader.say(fields, "response");
  }
  answer.stop = stop_of(fields.string("done_reason").value_or(std::string()), reader.called(), "done_reason");
  reply.usage = counted.disjoint();
  for (const std::string_view key : counters) (void)fields.take(key);
  // Tokens that only its own server can go on with.
  if (auto context = fields.raw("context")) in.native.fields.push_back({"context", std::move(*context), true});
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::ollama
