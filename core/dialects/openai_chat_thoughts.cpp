// Thoughts of a model in the extension fields of the OpenAI dialect, which itself has none, both ways.
//
// reasoning_content and reasoning carry plain text; thinking_blocks and reasoning_details carry the signatures too,
// without which a provider refuses its own thoughts on the next turn. Entries of a list carry an index, because
// clients that put the deltas of a stream together ask for one.
#include <algorithm>
#include <array>

#include "dialects/openai_chat.h"
#include "dialects/proof.h"

namespace apigw::dialects::openai {

namespace {

using chat::Reasoning;

void read_block(Reading&, Fields& fields, std::vector<Reasoning>& thoughts) {
  Reasoning thought{.origin = "anthropic"};  // the blocks are that dialect's own
  (void)fields.take("index");
  (void)fields.take("type");
  thought.text = fields.string("thinking").value_or(std::string());
  thought.signature = fields.string("signature").value_or(std::string());
  thought.sealed = fields.string("data").value_or(std::string());
  thoughts.push_back(std::move(thought));
}

struct Format {
  std::string_view begin, origin;
};
constexpr auto formats = std::to_array<Format>({
    {"anthropic-claude-", "anthropic"},
    {"google-gemini-", "gemini"},
    {"openai-responses-", "openai-responses"},
    {"mistral-", "mistral"},
});

void read_detail(Reading&, Fields& fields, std::vector<Reasoning>& thoughts) {
  Reasoning thought;
  for (const std::string_view known : {"index", "id", "type"}) (void)fields.take(known);
  const std::string format = fields.string("format").value_or(std::string());
  const auto begins = [&](const Format& row) { return format.starts_with(row.begin); };
  const auto origin = std::ranges::find_if(formats, begins);
  if (origin != formats.end()) thought.origin = origin->origin;
  thought.text = fields.string("text").value_or(fields.string("summary").value_or(std::string()));
  thought.signature = fields.string("signature").value_or(std::string());
  thought.sealed = fields.string("data").value_or(std::string());
  thoughts.push_back(std::move(thought));
}

void read_list(Reading& in, Fields& message, std::string_view key,
               void (*read)(Reading&, Fields&, std::vector<Reasoning>&), std::vector<Reasoning>& thoughts) {
  const auto list = message.take(key, json::Type::array);
  if (!list) return;
  const auto elements = in.elements(*list, message.path(key));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Fields fields(in, elements[i], element(message.path(key), i));
    read(in, fields, thoughts);
    fields.keep_rest();
  }
}

// thinking_blocks is Anthropic's form; what another provider signed goes by its format.
bool is_block(const Reasoning& thought) {
  return thought.origin.empty() || thought.origin == "anthropic";
}

void write_block(JsonWriter& json, const Reasoning& thought, std::size_t index) {
  json.open_object();
  json.member("index", index);
  json.member("type", thought.sealed.empty() ? "thinking" : "redacted_thinking");
  if (thought.sealed.empty()) json.member("thinking", thought.text);
  json.filled("signature", thought.signature);
  json.filled("data", thought.sealed);
  json.close();
}

void write_detail(JsonWriter& json, const Reasoning& thought, std::size_t index) {
  json.open_object();
  json.member("index", index);
  json.member("type", thought.sealed.empty() ? "reasoning.text" : "reasoning.encrypted");
  const auto format = std::ranges::find(formats, std::string_view(thought.origin), &Format::origin);
  if (format != formats.end()) json.member("format", std::string(format->begin) + "v1");
  if (thought.sealed.empty()) json.member("text", thought.text);
  json.filled("signature", thought.signature);
  json.filled("data", thought.sealed);
  json.close();
}

}  // namespace

void write_thinking(JsonWriter& json, const Reasoning& thought) {
  json.member("type", "thinking");
  json.open_array("thinking");
  json.open_object();
  json.member("type", "text");
  json.member("text", thought.text);
  json.close();
  json.close();
  json.filled("signature", written_proof(thought, mistral_word));
}

std::vector<Reasoning> read_thoughts(Reading& in, Fields& message) {
  std::vector<Reasoning> thoughts;
  read_list(in, message, "thinking_blocks", read_block, thoughts);
  if (thoughts.empty()) read_list(in, message, "reasoning_details", read_detail, thoughts);
  // The plain forms say again what the lists say.
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    const auto place = message.peek(key);
    if (!place || place->type != json::Type::string) continue;
    std::string text = *message.string(key);
    if (thoughts.empty() && !text.empty()) thoughts.push_back({.text = std::move(text)});
  }
  return thoughts;
}

std::string_view thoughts_key(const Fields& message) {
  for (const std::string_view key : {"thinking_blocks", "reasoning_details", "reasoning_content"}) {
    if (message.peek(key)) return key;
  }
  return "reasoning";
}

void write_thoughts(JsonWriter& json, std::span<const Reasoning> thoughts, TargetTraits::Thoughts form,
                    std::size_t index) {
  using How = TargetTraits::Thoughts;
  if (thoughts.empty() || form == How::none) return;
  std::string text;
  for (const Reasoning& thought : thoughts) text += thought.text;
  json.filled(form == How::details ? "reasoning" : "reasoning_content", text);
  if (form == How::text_only || (form == How::as_signed && std::ranges::none_of(thoughts, &carries_proof))) return;
  const bool blocks = form != How::details && std::ranges::all_of(thoughts, is_block);
  json.open_array(blocks ? "thinking_blocks" : "reasoning_details");
  for (const Reasoning& thought : thoughts) (blocks ? write_block : write_detail)(json, thought, index++);
  json.close();
}

}  // namespace apigw::dialects::openai
