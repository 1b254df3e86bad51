#include "chat_answer.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "door.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_event = 1 << 20;
constexpr std::size_t most_tools = 20;  // that are named

const ordered_json* member(const ordered_json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string string_at(const ordered_json& object, const char* name) {
  const ordered_json* found = member(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

ChatAnswer::ChatAnswer(Say say) : say_(std::move(say)), splitter_(most_event) {}

bool ChatAnswer::take(std::string_view bytes) {
  splitter_.feed(bytes);
  for (;;) {
    const auto frame = splitter_.next();
    if (!frame) {
      failure_ = fmt::format("an event of the answer has more than {} bytes", most_event);
      return false;
    }
    if (!*frame) return true;
    hear_frame((*frame)->data);
  }
}

void ChatAnswer::hear_frame(std::string_view data) {
  const auto document = ordered_json::parse(data, nullptr, false);
  if (member(document, "error") != nullptr) {
    failure_ = refusal_text({.status = 502, .body = std::string(data)});
    return;
  }
  const ordered_json* choices = member(document, "choices");
  if (choices != nullptr && choices->is_array() && !choices->empty()) hear(choices->front(), "delta");
}

void ChatAnswer::read(const ordered_json& reply) {
  const ordered_json* choices = member(reply, "choices");
  if (choices != nullptr && choices->is_array() && !choices->empty()) hear(choices->front(), "message");
}

void ChatAnswer::hear(const ordered_json& choice, const char* name) {
  if (auto finish = string_at(choice, "finish_reason"); !finish.empty()) finish_ = std::move(finish);
  const ordered_json* said = member(choice, name);
  if (said == nullptr) return;
  for (const auto& [key, whole] : {std::pair{"content", &text_}, {"refusal", &refusal_}}) {
    const std::string words = string_at(*said, key);
    *whole += words;
    if (say_ && !words.empty()) say_(words);
  }
  const ordered_json* calls = member(*said, "tool_calls");
  if (calls == nullptr || !calls->is_array()) return;
  for (const ordered_json& call : *calls) {
    const ordered_json* function = member(call, "function");
    if (function == nullptr || tools_.size() == most_tools) continue;
    if (auto tool = string_at(*function, "name"); !tool.empty()) tools_.push_back(std::move(tool));
  }
}

std::string ChatAnswer::note() const {
  if (!refusal_.empty()) return "the model refused";
  if (finish_ == "content_filter") return "the provider's filter ended the answer";
  if (finish_ == "length") return "the answer is cut: the model reached its most tokens";
  if (!text_.empty()) return {};
  if (!tools_.empty())
    return fmt::format("the answer only calls tools, which chat has none of: {}",
                       text::printable(fmt::format("{}", fmt::join(tools_, ", "))));
  return "the answer is empty";
}

bool ChatAnswer::given() const {
  return refusal_.empty() && finish_ != "content_filter" && !text_.empty();
}

}  // namespace apigw::cli
