// The words of the hub's small vocabularies, and the bound on what is kept of losses.
#include <algorithm>
#include <array>
#include <utility>

#include "chat/loss.h"
#include "chat/reply.h"
#include "chat/request.h"

namespace apigw::chat {

namespace {

constexpr auto efforts =
    std::to_array<std::string_view>({"none", "minimal", "low", "medium", "high", "xhigh", "max"});

}  // namespace

std::string_view word(Effort effort) {
  return efforts[static_cast<std::size_t>(effort)];
}

std::optional<Effort> effort_of(std::string_view word) {
  const auto found = std::ranges::find(efforts, word);
  if (found == efforts.end()) return std::nullopt;
  return static_cast<Effort>(found - efforts.begin());
}

bool ToolChoice::leaves(std::string_view tool) const {
  if (mode == Mode::named) return tool == name;
  return allowed.empty() || std::ranges::find(allowed, tool) != allowed.end();
}

std::string place_of(const Message& message, std::size_t index) {
  return message.place.empty() ? "messages[" + std::to_string(index) + "]" : message.place;
}

std::string place_of(const Message& message, const Part& part, std::string_view place) {
  if (!part.place.empty()) return part.place;
  const auto number = std::to_string(&part - message.parts.data());
  return std::string(place) + (place == "system" ? "[" : ".content[") + number + "]";
}

std::string_view word(Stop stop) {
  switch (stop) {
    case Stop::end:
      return "end";
    case Stop::stop_sequence:
      return "stop_sequence";
    case Stop::length:
      return "length";
    case Stop::tool_calls:
      return "tool_calls";
    case Stop::refusal:
      return "refusal";
    case Stop::other:
      break;
  }
  return "other";
}

// Who speaks, a part that is still empty, what the input cost: none of it is part of the answer.
bool says_something(const Event& event) {
  if (const auto* began = std::get_if<PartBegan>(&event)) {
    if (const auto* text = std::get_if<Text>(&began->content)) return !text->text.empty();
    if (const auto* text = std::get_if<RefusalText>(&began->content)) return !text->text.empty();
    if (const auto* thought = std::get_if<Reasoning>(&began->content)) {
      return !thought->text.empty() || !thought->sealed.empty();
    }
    return true;
  }
  if (const auto* grew = std::get_if<PartGrew>(&event)) return !grew->text.empty();
  return std::holds_alternative<PartSigned>(event) || std::holds_alternative<Stopped>(event);
}

std::size_t said_bytes(const Event& event) {
  if (const auto* grew = std::get_if<PartGrew>(&event)) return grew->text.size();
  const auto* began = std::get_if<PartBegan>(&event);
  if (began == nullptr) return 0;
  if (const auto* text = std::get_if<Text>(&began->content)) return text->text.size();
  if (const auto* thought = std::get_if<Reasoning>(&began->content)) return thought->text.size();
  const auto* call = std::get_if<ToolCall>(&began->content);
  return call == nullptr ? 0 : call->name.size();
}

std::string_view word(Loss::Kind kind) {
  constexpr auto words = std::to_array<std::string_view>({"dropped", "changed", "defaulted"});
  return words[static_cast<std::size_t>(kind)];
}

const Loss* first_lost(const Losses& losses) {
  const auto found =
      std::ranges::find_if(losses.list(), [](const Loss& l) { return l.kind != Loss::Kind::defaulted; });
  return found == losses.list().end() ? nullptr : &*found;
}

std::string text_of(std::span<const Part> parts) {
  std::string text;
  for (const Part& part : parts)
    if (const auto* said = std::get_if<Text>(&part.content)) text += said->text;
  return text;
}

void Losses::add(Loss::Kind kind, std::string path, std::string why) {
  if (++count_ <= kept) list_.push_back({kind, std::move(path), std::move(why)});
}

void Losses::rename(std::string_view hub, std::string_view own) {
  for (Loss& loss : list_) {
    if (!loss.path.starts_with(hub)) continue;
    if (loss.path.size() == hub.size() || loss.path[hub.size()] == '.' || loss.path[hub.size()] == '[')
      loss.path.replace(0, hub.size(), own);
  }
}

}  // namespace apigw::chat
