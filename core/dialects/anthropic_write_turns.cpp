// Arranged turns, written as the system prompt and messages of the Anthropic dialect.
//
// Ids of calls keep to the charset that the provider checks: another id is sent in base64url, the same each time it
// is met, so a call and its result stay together. A last turn of the assistant is continued by the model and may not
// end in white space.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;
using chat::Role;

std::string sent_id(std::string_view id) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (!id.empty() && std::ranges::all_of(id, plain)) return std::string(id);
  return "toolu_" + text::base64url(id);
}

class Turns {
 public:
  Turns(JsonWriter& json, const Writing& writing) : json_(json), writing_(writing) {}

  void system(const std::vector<Outgoing>& parts, std::string_view instruction) {
    if (parts.empty() && instruction.empty()) return;
    if (parts.size() + (instruction.empty() ? 0 : 1) == 1 && (parts.empty() || !parts.front().mark)) {
      return json_.member("system", parts.empty() ? instruction : said(parts.front()));
    }
    json_.open_array("system");
    for (const Outgoing& out : parts) block(out);
    if (!instruction.empty()) text(instruction);
    json_.close();
  }

  void messages(const std::vector<Turn>& turns) {
    json_.open_array("messages");
    for (std::size_t i = 0; i < turns.size() && !error_; ++i) {
      prefill_ = i + 1 == turns.size() && turns[i].role == Role::assistant;
      message(turns[i]);
    }
    json_.close();
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  static std::string_view said(const Outgoing& out) {
    if (const auto* refusal = std::get_if<chat::RefusalText>(&out.part->content)) return refusal->text;
    const auto* text = std::get_if<chat::Text>(&out.part->content);
    return text == nullptr ? std::string_view() : std::string_view(text->text);
  }

  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }

  void message(const Turn& turn) {
    json_.open_object();
    json_.member("role", turn.role == Role::user ? "user" : "assistant");
    const Outgoing& first = turn.parts.front();
    const bool plain = turn.parts.size() == 1 && first.part != nullptr && !first.mark && !said(first).empty();
    if (plain) {
      json_.member("content", trimmed(first, said(first)));
    } else {
      json_.open_array("content");
      for (const Outgoing& out : turn.parts) {
        last_ = &out == &turn.parts.back();
        out.part == nullptr ? unanswered(out) : block(out);
      }
      json_.close();
    }
    json_.close();
  }

  // What the model will go on with.
  std::string_view trimmed(const Outgoing& out, std::string_view text) {
    if (!prefill_) return text;
    const std::string_view kept = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    if (kept.size() != text.size()) {
      writing_.losses.add(Loss::Kind::changed, out.place,
                          "Anthropic takes no blank at the end of what it goes on with");
    }
    return kept;
  }

  void block(const Outgoing& out) {
    std::visit([&](const auto& content) { write(out, content); }, out.part->content);
  }

  void text(std::string_view text) {
    json_.open_object();
    json_.member("type", "text");
    json_.member("text", text);
    json_.close();
  }

  void mark(const Outgoing& out) { write_mark(json_, out.mark, out.place, writing_.losses); }

  void write(const Outgoing& out, const chat::Text& text) {
    json_.open_object();
    json_.member("type", "text");
    json_.member("text", last_ ? trimmed(out, text.text) : std::string_view(text.text));
    mark(out);
    json_.close();
  }
  void write(const Outgoing& out, const chat::RefusalText& refusal) { write(out, chat::Text{refusal.text}); }

  void write(const Outgoing& out, const chat::Media& media) {
    json_.open_object();
    const bool own = writing_.request.native.dialect == own_word;
    if (const auto why = write_media(json_, media, own); !why.empty()) refuse(out.place, why);
    if (media.kind == chat::Media::Kind::document) {
      json_.filled("title", media.name);
    } else if (!media.name.empty()) {
      writing_.losses.add(Loss::Kind::dropped, inside(out.place, "name"), "Anthropic has no name of a picture");
    }
    if (!media.detail.empty() && media.detail != "auto") {
      writing_.losses.add(Loss::Kind::dropped, inside(out.place, "detail"), "Anthropic has no such choice");
    }
    mark(out);
    json_.close();
  }

  void write(const Outgoing&, const chat::Reasoning& thought) { write_thought(json_, thought); }

  void write(const Outgoing& out, const chat::ToolCall& call) {
    json_.open_object();
    json_.member("type", "tool_use");
    json_.member("id", sent_id(call.id));
    json_.member("name", writing_.names.sent(call.name));
    const auto input = object_of(call.arguments);
    if (!input) {
      refuse(out.place, fmt::format("calls the tool '{}' with arguments that are no JSON object",
                                    text::printable(call.name, 64)));
    }
    json_.member("input", input);
    mark(out);
    json_.close();
  }

  void write(const Outgoing& out, const chat::ToolResult& result) {
    json_.open_object();
    json_.member("type", "tool_result");
    json_.member("tool_use_id", sent_id(result.call_id));
    content(out, result.content);
    if (result.failed) json_.member("is_error", true);
    mark(out);
    json_.close();
  }

  void content(const Outgoing& out, const std::vector<chat::Part>& parts) {
    std::vector<Outgoing> kept;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto* text = std::get_if<chat::Text>(&parts[i].content);
      if (text != nullptr && text->text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
      kept.push_back({&parts[i], parts[i].place.empty() ? element(inside(out.place, "content"), i) : parts[i].place});
      if (!parts[i].cache) continue;
      writing_.losses.add(Loss::Kind::dropped, inside(kept.back().place, "cache_control"),
                          "the whole result is marked");
    }
    if (kept.empty()) return;
    if (kept.size() == 1 && !said(kept.front()).empty()) {
      return json_.member("content", said(kept.front()));
    }
    json_.open_array("content");
    for (const Outgoing& inner : kept) {
      last_ = false;
      block(inner);
    }
    json_.close();
  }

  void unanswered(const Outgoing& out) {
    json_.open_object();
    json_.member("type", "tool_result");
    json_.member("tool_use_id", sent_id(out.unanswered));
    json_.member("content", "no result was given");
    json_.member("is_error", true);
    json_.close();
  }

  JsonWriter& json_;
  const Writing& writing_;
  bool prefill_ = false;  // the turn at work is the assistant's and the last
  bool last_ = false;     // the block at work ends its turn
  std::optional<Error> error_;
};

}  // namespace

void write_mark(JsonWriter& json, const std::optional<chat::CacheMark>& mark, const std::string& place,
                chat::Losses& losses) {
  if (!mark) return;
  json.open_object("cache_control");
  json.member("type", "ephemeral");
  if (mark->ttl == "5m" || mark->ttl == "1h") {
    json.member("ttl", mark->ttl);
  } else if (!mark->ttl.empty()) {
    losses.add(Loss::Kind::changed, inside(place, "cache_control.ttl"), "Anthropic keeps a prompt for 5m or 1h");
  }
  json.close();
}

Result<void> write_turns(JsonWriter& json, const Writing& writing, const Arranged& arranged,
                         std::string_view instruction) {
  Turns turns(json, writing);
  turns.system(arranged.system, instruction);
  turns.messages(arranged.turns);
  if (turns.error()) return std::unexpected(*turns.error());
  return {};
}

}  // namespace apigw::dialects::anthropic
