// A whole reply of the Responses dialect, both ways.
//
// Providers are read tolerantly. A response repeats what its request asked; that is no part of the answer, and a
// response that is written for an answer of another dialect does not invent it.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_responses.h"
#include "dialects/proof.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::responses {

namespace {

using chat::Answer;
using chat::Part;

// What of a response tells how the call was asked and served.
constexpr auto asides = std::to_array<std::string_view>({"background",
                                                         "billing",
                                                         "completed_at",
                                                         "conversation",
                                                         "frequency_penalty",
                                                         "instructions",
                                                         "max_output_tokens",
                                                         "max_tool_calls",
                                                         "metadata",
                                                         "parallel_tool_calls",
                                                         "presence_penalty",
                                                         "previous_response_id",
                                                         "prompt",
                                                         "prompt_cache_key",
                                                         "prompt_cache_retention",
                                                         "reasoning",
                                                         "safety_identifier",
                                                         "service_tier",
                                                         "store",
                                                         "temperature",
                                                         "text",
                                                         "tool_choice",
                                                         "tools",
                                                         "top_logprobs",
                                                         "top_p",
                                                         "truncation",
                                                         "user"});

/* --------------------------------- reading ------------------------------ */

class Output {
 public:
  Output(Reading& in, const WayBack& way_back, const std::string& response, Answer& answer)
      : in_(in), way_back_(way_back), response_(response), answer_(answer) {}

  void read(json::Slice slice, std::string path) {
    if (slice.type != json::Type::object) return in_.keep(std::move(path), slice);
    Fields item(in_, slice, std::move(path));
    const std::string type = item.string("type").value_or("message");
    if (type == "message")
      message(item);
    else if (type == "reasoning")
      reasoning(item);
    else if (type == "function_call")
      call(item);
    else
      return in_.keep(item.path(), slice);  // of a tool that the provider runs
    for (const std::string_view own : {"id", "status"}) (void)item.take(own);
    item.keep_rest();
  }

  [[nodiscard]] bool called() const { return called_; }
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  void message(Fields& item) {
    (void)item.take("role");
    const auto list = item.take("content", json::Type::array);
    if (!list) return;
    const auto elements = in_.elements(*list, item.path("content"));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string path = element(item.path("content"), i);
      Fields part(in_, elements[i], path);
      const std::string type = part.string("type").value_or(std::string());
      if (auto text = type == "output_text" ? part.string("text") : std::nullopt) {
        answer_.parts.push_back({chat::Text{std::move(*text)}, {}, path});
      } else if (auto words = type == "refusal" ? part.string("refusal") : std::nullopt) {
        answer_.parts.push_back({chat::RefusalText{std::move(*words)}, {}, path});
        refused_ = true;
      } else {
        in_.keep(path, elements[i]);
        continue;
      }
      pass_over_empty(in_, part);
      part.keep_rest();
    }
  }

  void reasoning(Fields& item) {
    chat::Reasoning thought = read_thought(in_, item);
    if (!thought.text.empty() || carries_proof(thought))
      answer_.parts.push_back({std::move(thought), {}, item.path()});
  }

  void call(Fields& item) {
    std::string id = item.string("call_id").value_or(std::string());
    if (id.empty()) id = fmt::format("call_{}_{}", response_, answer_.parts.size());
    chat::ToolCall made{.id = std::move(id), .name = original_name(way_back_, item.string("name").value_or(""))};
    auto text = item.string("arguments").value_or(std::string());
    if (text.find_first_not_of(" \t\r\n") != std::string::npos) made.arguments.text = std::move(text);
    answer_.parts.push_back({std::move(made), {}, item.path()});
    called_ = true;
  }

  Reading& in_;
  const WayBack& way_back_;
  const std::string& response_;
  Answer& answer_;
  bool called_ = false, refused_ = false;
};

std::string reason_in(Reading& in, Fields& fields) {
  const auto object = fields.take("incomplete_details", json::Type::object);
  if (!object) return {};
  Fields details(in, *object, "incomplete_details");
  auto reason = details.string("reason").value_or(std::string());
  details.keep_rest();
  return reason;
}

/* --------------------------------- writing ------------------------------ */

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply),
        facts_(facts),
        id_(reply.id.empty() ? facts.id : std::string_view(reply.id)),
        json_(out),
        losses_(losses) {}

  void write() {
    const Answer nothing;
    const Answer& answer = reply_.answers.empty() ? nothing : reply_.answers.front();
    if (reply_.answers.size() > 1) lose_answer(reply_.list, 1, losses_);
    const bool refused = std::ranges::any_of(
        answer.parts, [](const Part& part) { return std::holds_alternative<chat::RefusalText>(part.content); });
    const Ending ending = ending_of(answer.stop, refused, losses_);
    json_.open_object();
    json_.member("id", id_);
    json_.member("object", "response");
    json_.member("created_at", reply_.created != 0 ? reply_.created : facts_.now);
    json_.member("status", ending.status);
    write_no_error(json_, ending.reason);
    json_.member("model", reply_.model);
    for (const Part& part : answer.parts) std::visit([&](const auto& content) { item(part, content); }, part.content);
    flush();
    json_.open_array("output");
    for (const WrittenItem& item : items_)  // what was cut is the last one
      write_item(json_, {}, item, &item == &items_.back() ? ending.status : "completed");
    json_.close();
    write_usage(json_, reply_.usage);
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    write_demanded(json_);
    json_.close();
  }

 private:
  using Kind = WrittenItem::Kind;

  void item(const Part&, const chat::Text& text) { said_.push_back(text_part(text.text)); }
  void item(const Part&, const chat::RefusalText& text) { said_.push_back(refusal_part(text.text)); }
  void item(const Part&, const chat::Reasoning& thought) {
    write({.kind = Kind::reasoning, .text = thought.text, .proof = written_proof(thought)});
  }
  void item(const Part&, const chat::ToolCall& call) {
    write({.kind = Kind::call, .call_id = call.id, .name = call.name, .text = call.arguments.text});
  }
  template <class Other>
  void item(const Part& part, const Other&) {
    losses_.add(chat::Loss::Kind::dropped, part.place.empty() ? element("answers", 0) : part.place,
                fmt::format("an answer of {} holds no such part", speaker));
  }

  // What was said up to here is one message.
  void flush() {
    if (said_.empty()) return;
    WrittenItem message{.kind = Kind::message, .content = std::move(said_)};
    said_.clear();
    put(std::move(message));
  }
  void write(WrittenItem item) {
    flush();
    put(std::move(item));
  }
  void put(WrittenItem item) {
    item.id = item_id(item.kind, id_, items_.size());
    items_.push_back(std::move(item));
  }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  const std::string_view id_;
  JsonWriter json_;
  chat::Losses& losses_;
  std::vector<std::string> said_;  // parts of the message that is not an item yet
  std::vector<WrittenItem> items_;
};

}  // namespace

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto output = fields.take("output", json::Type::array);
  if (!output) return other_reply();
  chat::Reply reply;
  (void)fields.take("object");
  reply.id = fields.string("id").value_or(std::string());
  reply.model = fields.string("model").value_or(std::string());
  if (const auto at = fields.number("created_at"))
    reply.created = static_cast<std::int64_t>(std::clamp(at->value, 0.0, 1e15));
  Answer& answer = reply.answers.emplace_back();
  Output reader(in, way_back, reply.id, answer);
  const auto elements = in.elements(*output, "output");
  for (std::size_t i = 0; i < elements.size(); ++i) reader.read(elements[i], element("output", i));
  const auto status = fields.string("status").value_or(std::string());
  answer.stop = stop_of(status, reason_in(in, fields), reader.called(), reader.refused());
  take_usage(in, fields, "usage", counters, [&](json::Slice usage) {
    openai::Counted counted;
    read_usage(body, usage, counted);
    reply.usage = counted.disjoint();
  });
  for (const std::string_view key : asides) {
    const auto value = fields.take(key);
    if (value && !tells_nothing(body, *value) && json::at(body, *value) != demanded(key))
      in.native.fields.push_back({std::string(key), {std::string(json::at(body, *value))}, true});
  }
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::responses
