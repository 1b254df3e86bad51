// A whole reply of Bedrock's Converse, read into the hub.
//
// It is read tolerantly and says neither an id nor the model's name: the model is the one that was asked. What a
// block holds beside the kinds that the hub knows rides in `native` whole.
#include <algorithm>

#include "dialects/bedrock.h"
#include "dialects/media.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::bedrock {

namespace {

using chat::Answer;
using json::Type;

class Reader {
 public:
  Reader(Reading& in, const WayBack& way_back, Answer& answer) : in_(in), way_back_(way_back), answer_(answer) {}

  void content(json::Slice list, const std::string& path) {
    const auto blocks = in_.elements(list, path);
    for (std::size_t i = 0; i < blocks.size(); ++i) block(blocks[i], element(path, i), i);
  }

  [[nodiscard]] bool called() const { return called_; }
  [[nodiscard]] bool answered() const { return answered_; }

 private:
  void add(chat::Content content, std::string place) {
    answer_.parts.push_back({std::move(content), {}, std::move(place)});
  }

  void block(json::Slice slice, std::string path, std::size_t number) {
    if (slice.type != Type::object) return in_.keep(std::move(path), slice);
    Fields fields(in_, slice, std::move(path));
    if (auto text = fields.string("text")) {
      add(chat::Text{std::move(*text)}, fields.path());
    } else if (const auto call = fields.take("toolUse", Type::object)) {
      tool_use(*call, fields.path("toolUse"), number);
    } else if (const auto thought = fields.take("reasoningContent", Type::object)) {
      reasoning(*thought, fields.path("reasoningContent"));
    } else if (const auto image = fields.take("image", Type::object)) {
      picture(*image, fields.path("image"));
    } else if (const auto cited = fields.take("citationsContent", Type::object)) {
      citations(*cited, fields.path("citationsContent"));
    }
    fields.keep_rest();
  }

  void tool_use(json::Slice slice, std::string path, std::size_t number) {
    Fields fields(in_, slice, std::move(path));
    chat::ToolCall call{.id = fields.string("toolUseId").value_or(std::string()),
                        .name = fields.string("name").value_or(std::string())};
    (void)fields.take("type");
    if (const auto input = fields.take("input", Type::object)) call.arguments.text = json::at(in_.text, *input);
    const std::string place = fields.path();
    fields.keep_rest();
    if (way_back_.answer_in_tool && call.name == anthropic::answer_tool) {
      answered_ = true;
      return add(chat::Text{std::move(call.arguments.text)}, place);
    }
    called_ = true;
    if (call.id.empty()) call.id = "tooluse_" + std::to_string(number);
    call.name = original_name(way_back_, call.name);
    add(std::move(call), place);
  }

  void reasoning(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    chat::Reasoning thought{.origin = std::string(own_word)};
    if (const auto object = fields.take("reasoningText", Type::object)) {
      Fields said(in_, *object, fields.path("reasoningText"));
      thought.text = said.string("text").value_or(std::string());
      thought.signature = said.string("signature").value_or(std::string());
      said.keep_rest();
    }
    thought.sealed = fields.string("redactedContent").value_or(std::string());
    const std::string place = fields.path();
    fields.keep_rest();
    add(std::move(thought), place);
  }

  void picture(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    chat::Media media{.kind = chat::Media::Kind::image, .source = {}, .name = {}, .detail = {}};
    media.source.media_type = "image/" + fields.string("format").value_or(std::string("png"));
    if (const auto object = fields.take("source", Type::object)) {
      Fields source(in_, *object, fields.path("source"));
      media.source.base64 = base64(source.string("bytes").value_or(std::string())).value_or(std::string());
      source.keep_rest();
    }
    const std::string place = fields.path();
    fields.keep_rest();
    if (!media.source.base64.empty()) add(std::move(media), place);
  }

  // The text that sources stand behind; the sources are kept.
  void citations(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    if (const auto list = fields.take("content", Type::array)) {
      const std::string place = fields.path("content");
      const auto elements = in_.elements(*list, place);
      for (std::size_t i = 0; i < elements.size(); ++i) {
        if (elements[i].type != Type::object) {
          in_.keep(element(place, i), elements[i]);
          continue;
        }
        Fields one(in_, elements[i], element(place, i));
        if (auto text = one.string("text")) add(chat::Text{std::move(*text)}, one.path());
        one.keep_rest();
      }
    }
    fields.keep_rest();
  }

  Reading& in_;
  const WayBack& way_back_;
  Answer& answer_;
  bool called_ = false;    // a tool of the client's
  bool answered_ = false;  // in the tool that stands in for a form
};

}  // namespace

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(std::move(root.error()));
  if (root->root.type != Type::object) return other_reply();
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto object = fields.take("output", Type::object);
  if (!object) return other_reply();
  Fields output(in, *object, "output");
  const auto inner = output.take("message", Type::object);
  output.keep_rest();
  if (!inner) return other_reply();
  Fields message(in, *inner, "output.message");
  (void)message.take("role");
  const auto content = message.take("content", Type::array);
  if (!content) return other_reply();
  chat::Reply reply{.model = way_back.model};
  Answer& answer = reply.answers.emplace_back();
  Reader reader(in, way_back, answer);
  reader.content(*content, message.path("content"));
  message.keep_rest();
  answer.stop = stop_of(fields.string("stopReason").value_or(std::string()), reader.called(), reader.answered());
  Counted counted;
  take_usage(in, fields, "usage", counters, [&](json::Slice usage) { counted.read(body, usage); });
  reply.usage = counted.disjoint();
  for (const std::string_view key : aside) (void)fields.take(key);
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

}  // namespace apigw::dialects::bedrock
