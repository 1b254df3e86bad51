// Requests, replies and events of the hub as text for goldens and laws: one line a thing, nothing for what is absent.
#pragma once
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "chat/loss.h"
#include "chat/reply.h"
#include "chat/request.h"

namespace chat_dump {

using namespace apigw;

inline std::string shown(std::string_view s) {
  return "\"" + text::printable(s, 400) + "\"";
}

inline std::string named(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : fmt::format(" {} {}", name, shown(value));
}

inline std::string bytes_of(std::string_view base64) {
  return base64.empty() ? std::string() : fmt::format(" data of {} \"{}\"", base64.size(), base64.substr(0, 24));
}

inline std::string content(const chat::Part& part, const std::string& indent);

struct Line {
  const std::string& indent;

  std::string operator()(const chat::Text& text) const { return "text " + shown(text.text); }
  std::string operator()(const chat::RefusalText& text) const { return "refusal " + shown(text.text); }
  std::string operator()(const chat::Media& media) const {
    static constexpr const char* kinds[] = {"image", "document", "audio"};
    const chat::Source& source = media.source;
    return kinds[static_cast<int>(media.kind)] + named("type", source.media_type) + bytes_of(source.base64) +
           named("url", source.url) + named("file", source.file_id) + named("text", source.text) +
           named("name", media.name) + named("detail", media.detail);
  }
  std::string operator()(const chat::Reasoning& thought) const {
    return "thought " + shown(thought.text) + named("signature", thought.signature) +
           named("sealed", thought.sealed) + named("origin", thought.origin);
  }
  std::string operator()(const chat::ToolCall& call) const {
    return fmt::format("call {} {} {}", shown(call.id), call.name, call.arguments.text);
  }
  std::string operator()(const chat::ToolResult& result) const {
    std::string line = fmt::format("result of {}{}", shown(result.call_id), result.failed ? " failed" : "");
    for (const chat::Part& part : result.content) line += "\n" + indent + "  " + content(part, indent + "  ");
    return line;
  }
};

inline std::string content(const chat::Part& part, const std::string& indent) {
  std::string line = std::visit(Line{indent}, part.content);
  if (part.cache) line += " cached" + (part.cache->ttl.empty() ? std::string() : " " + part.cache->ttl);
  return line;
}

inline std::string flag(std::string_view name, const std::optional<bool>& value) {
  return value ? fmt::format(" {} {}", name, *value) : std::string();
}

inline std::string tools(const chat::Request& request) {
  std::string out;
  for (const chat::Tool& tool : request.tools) {
    out += fmt::format("tool {}{}{}{} schema {}\n", tool.name, named("says", tool.description),
                       flag("strict", tool.strict), tool.cache ? " cached " + tool.cache->ttl : "", tool.schema.text);
  }
  if (const auto& choice = request.tool_choice) {
    static constexpr const char* modes[] = {"automatic", "none", "required", "named"};
    out += fmt::format("tool choice {}{}", modes[static_cast<int>(choice->mode)], named("name", choice->name));
    for (const std::string& name : choice->allowed) out += " allows " + name;
    out += "\n";
  }
  if (request.parallel_tools) out += fmt::format("parallel tools {}\n", *request.parallel_tools);
  return out;
}

inline std::string format(const chat::Request& request) {
  if (!request.format) return {};
  static constexpr const char* kinds[] = {"text", "json", "schema"};
  const chat::AnswerFormat& format = *request.format;
  std::string out = std::string("answer ") + kinds[static_cast<int>(format.kind)] + named("name", format.name) +
                    named("says", format.description) + flag("strict", format.strict);
  return out + (format.schema.text == "null" ? "" : " schema " + format.schema.text) + "\n";
}

inline std::string thinking(const chat::Request& request) {
  if (!request.thinking) return {};
  std::string out = "thinking";
  if (request.thinking->effort) out += fmt::format(" effort {}", chat::word(*request.thinking->effort));
  if (request.thinking->budget) out += fmt::format(" budget {}", *request.thinking->budget);
  return out + (request.thinking->adaptive ? " adaptive\n" : "\n");
}

template <class T>
std::string optional(std::string_view name, const std::optional<T>& value) {
  if (!value) return {};
  if constexpr (requires { value->text; })
    return fmt::format("{} {}\n", name, value->text);
  else
    return fmt::format("{} {}\n", name, *value);
}

inline std::string natives(const chat::Native& native) {
  std::string out;
  for (const chat::NativeField& field : native.fields)
    out += fmt::format("native {} {}\n", field.path, field.value.text);
  return out;
}

inline std::string settings(const chat::Request& request) {
  std::string out = optional("max output", request.max_output) + optional("temperature", request.temperature) +
                    optional("top p", request.top_p) + optional("top k", request.top_k) +
                    optional("frequency penalty", request.frequency_penalty) +
                    optional("presence penalty", request.presence_penalty) + optional("seed", request.seed) +
                    optional("answers", request.answers);
  for (const std::string& stop : request.stop) out += "stop " + shown(stop) + "\n";
  out += optional("user", request.user) + optional("service tier", request.service_tier);
  if (request.stream) out += request.stream_usage ? "stream with usage\n" : "stream\n";
  return out;
}

inline std::string of(const chat::Request& request) {
  static constexpr const char* roles[] = {"system", "user", "assistant"};
  std::string out = "model " + request.model + "\n";
  for (const chat::Message& message : request.messages) {
    out += roles[static_cast<int>(message.role)] + named("name", message.name) + "\n";
    for (const chat::Part& part : message.parts) out += "  " + content(part, "  ") + "\n";
  }
  return out + tools(request) + format(request) + thinking(request) + settings(request) + natives(request.native);
}

inline std::string of(const chat::Usage& usage) {
  if (!usage.known) return usage.partial ? "usage unknown partial" : "usage unknown";
  const std::string hour = usage.hour_writes == 0 ? "" : fmt::format(" for an hour {}", usage.hour_writes);
  return fmt::format("usage input {} read {} write {}{} output {} reasoning {}{}", usage.input, usage.cache_read,
                     usage.cache_write, hour, usage.output, usage.reasoning, usage.partial ? " partial" : "");
}

inline std::string of(const chat::StopReason& stop) {
  static constexpr const char* stops[] = {"end", "stop sequence", "length", "tool calls", "refusal", "other"};
  return std::string("stop ") + stops[static_cast<int>(stop.stop)] + named("native", stop.native) +
         named("sequence", stop.sequence);
}

inline std::string of(const chat::ProviderError& error) {
  std::string out = fmt::format("error {}{}{}{}{}", error.status, named("type", error.type),
                                named("code", error.code), named("param", error.param), named("says", error.message));
  if (error.retry_after) out += fmt::format(" retry after {} ms", error.retry_after->count());
  return out;
}

inline std::string of(const chat::Reply& reply) {
  std::string out = fmt::format("reply {} of {} at {}\n", shown(reply.id), reply.model, reply.created);
  for (const chat::Answer& answer : reply.answers) {
    out += "answer\n";
    for (const chat::Part& part : answer.parts) out += "  " + content(part, "  ") + "\n";
    out += "  " + of(answer.stop) + "\n";
  }
  return out + of(reply.usage) + "\n" + natives(reply.native);
}

struct EventLine {
  std::string operator()(const chat::Began& e) const {
    return fmt::format("began {} of {} at {}{}", shown(e.id), e.model, e.created, e.usage ? " " + of(*e.usage) : "");
  }
  std::string operator()(const chat::PartBegan& e) const {
    return fmt::format("{}.{} began {}", e.answer, e.part, content({e.content, {}}, ""));
  }
  std::string operator()(const chat::PartGrew& e) const {
    return fmt::format("{}.{} grew {}", e.answer, e.part, shown(e.text));
  }
  std::string operator()(const chat::PartSigned& e) const {
    return fmt::format("{}.{} signed {}", e.answer, e.part, shown(e.signature));
  }
  std::string operator()(const chat::PartEnded& e) const { return fmt::format("{}.{} ended", e.answer, e.part); }
  std::string operator()(const chat::Stopped& e) const { return fmt::format("{} {}", e.answer, of(e.stop)); }
  std::string operator()(const chat::Unsaid& e) const { return "unsaid " + e.path; }
  std::string operator()(const chat::Finished& e) const { return "finished " + of(e.usage); }
  std::string operator()(const chat::Failed& e) const { return "failed " + of(e.error); }
};

inline std::string of(const std::vector<chat::Event>& events) {
  std::string out;
  for (const chat::Event& event : events) out += std::visit(EventLine{}, event) + "\n";
  return out;
}

inline std::string of(const chat::Losses& losses) {
  std::string out;
  for (const chat::Loss& loss : losses.list()) {
    out += fmt::format("loss {} {}: {}\n", chat::word(loss.kind), loss.path, loss.why);
  }
  return losses.count() > losses.list().size() ? out + fmt::format("losses {} in all\n", losses.count()) : out;
}

}  // namespace chat_dump
