// Arranged turns, written as the system prompt and messages of Bedrock's Converse.
//
// Pictures and documents go as bytes: Bedrock fetches no address. A document must have a name, of few characters, and
// no other document of the request the same.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/bedrock.h"
#include "dialects/media.h"

namespace apigw::dialects::bedrock {

namespace {

using anthropic::Outgoing;
using anthropic::Turn;
using chat::Loss;
using chat::Media;
using chat::Role;

struct Format {
  std::string_view type, word;
};
constexpr auto pictures = std::to_array<Format>(
    {{"image/png", "png"}, {"image/jpeg", "jpeg"}, {"image/gif", "gif"}, {"image/webp", "webp"}});
constexpr auto documents = std::to_array<Format>({
    {"application/pdf", "pdf"},
    {"text/csv", "csv"},
    {"application/msword", "doc"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"text/html", "html"},
    {"text/markdown", "md"},
    {"text/plain", "txt"},
});
// What the first bytes of base64 tell of data that came without a type.
constexpr auto beginnings = std::to_array<Format>({{"iVBORw0KGgo", "image/png"},
                                                   {"/9j/", "image/jpeg"},
                                                   {"R0lGOD", "image/gif"},
                                                   {"UklGR", "image/webp"},
                                                   {"JVBERi", "application/pdf"}});

std::string_view word_of(std::span<const Format> formats, std::string_view type) {
  const auto found = std::ranges::find(formats, type, &Format::type);
  return found == formats.end() ? std::string_view() : found->word;
}

std::string_view type_of(const chat::Source& source) {
  if (!source.media_type.empty()) return source.media_type;
  const auto fits = [&](const Format& row) { return source.base64.starts_with(row.type); };
  const auto found = std::ranges::find_if(beginnings, fits);
  return found == beginnings.end() ? std::string_view() : found->word;
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

class Turns {
 public:
  Turns(JsonWriter& json, const Writing& writing) : json_(json), writing_(writing) {}

  void system(const std::vector<Outgoing>& parts, std::string_view instruction) {
    if (parts.empty() && instruction.empty()) return;
    json_.open_array("system");
    for (const Outgoing& out : parts) block(out);
    if (!instruction.empty()) text(instruction);
    json_.close();
  }

  void messages(const std::vector<Turn>& turns) {
    json_.open_array("messages");
    for (std::size_t i = 0; i < turns.size() && !error_; ++i) {
      prefill_ = i + 1 == turns.size() && turns[i].role == Role::assistant;
      json_.open_object();
      json_.member("role", turns[i].role == Role::user ? "user" : "assistant");
      json_.open_array("content");
      for (const Outgoing& out : turns[i].parts) {
        last_ = prefill_ && &out == &turns[i].parts.back();
        out.part == nullptr ? unanswered(out) : block(out);
      }
      json_.close();
      json_.close();
    }
    json_.close();
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    writing_.losses.add(kind, std::move(place), std::string(why));
  }

  void block(const Outgoing& out) {
    std::visit([&](const auto& content) { write(out, content); }, out.part->content);
    if (!out.mark) return;
    if (of_anthropic(writing_.target) || of_amazon(writing_.target))
      write_cache_point(json_, *out.mark, out.place, writing_.losses);
    else
      lose(Loss::Kind::dropped, inside(out.place, "cache_control"), "Bedrock marks no prompt of this model");
  }

  void text(std::string_view text) {
    json_.open_object();
    json_.member("text", text);
    json_.close();
  }

  void write(const Outgoing& out, const chat::Text& said) {
    std::string_view kept = said.text;
    if (last_) kept = kept.substr(0, kept.find_last_not_of(" \t\r\n") + 1);
    if (kept.size() != said.text.size())
      lose(Loss::Kind::changed, out.place, "Bedrock takes no blank at the end of what the model goes on with");
    text(kept);
  }
  void write(const Outgoing& out, const chat::RefusalText& refusal) { write(out, chat::Text{refusal.text}); }

  void write(const Outgoing&, const chat::Reasoning& thought) {
    json_.open_object();
    json_.open_object("reasoningContent");
    if (!thought.sealed.empty()) {
      json_.member("redactedContent", thought.sealed);
    } else {
      json_.open_object("reasoningText");
      json_.member("text", thought.text);
      json_.member("signature", thought.signature);
      json_.close();
    }
    json_.close();
    json_.close();
  }

  /* -------------------------- pictures, documents ----------------------- */

  void write(const Outgoing& out, const Media& media) {
    if (!media.detail.empty() && media.detail != "auto")
      lose(Loss::Kind::dropped, inside(out.place, "detail"), "Bedrock has no such choice");
    const chat::Source& source = media.source;
    const std::string_view type = type_of(source);
    if (media.kind == Media::Kind::audio) return refuse(out.place, "is a sound, which Bedrock does not take");
    if (!source.url.empty())
      return refuse(out.place, "is an address, which Bedrock does not fetch; send the file itself");
    if (!source.file_id.empty())
      return refuse(out.place, "names a file that another provider keeps; send the file itself");
    if (!source.text.empty()) return document(media, "txt", encoded(source.text));
    if (source.base64.empty()) return refuse(out.place, "holds no data");
    if (const std::string_view word = word_of(pictures, type); !word.empty()) return picture(out, media, word);
    if (const std::string_view word = word_of(documents, type); !word.empty())
      return document(media, word, source.base64);
    if (type.starts_with("text/") || type == "application/json" || type == "application/xml")
      return document(media, "txt", source.base64);
    refuse(out.place,
           "is of a type that Bedrock does not take (JPEG, PNG, GIF, WebP, PDF, Office, HTML and text are)");
  }

  void picture(const Outgoing& out, const Media& media, std::string_view format) {
    if (!media.name.empty()) lose(Loss::Kind::dropped, inside(out.place, "name"), "Bedrock has no name of a picture");
    json_.open_object();
    json_.open_object("image");
    json_.member("format", format);
    write_bytes(media.source.base64);
    json_.close();
    json_.close();
  }

  void document(const Media& media, std::string_view format, std::string_view base64) {
    json_.open_object();
    json_.open_object("document");
    json_.member("format", format);
    json_.member("name", name_for(media.name));
    write_bytes(base64);
    json_.close();
    json_.close();
  }

  void write_bytes(std::string_view base64) {
    json_.open_object("source");
    json_.member("bytes", base64);
    json_.close();
  }

  // Letters, digits, single blanks, and - ( ) [ ]; another number behind each that was there before.
  std::string name_for(std::string_view given) {
    constexpr std::size_t most = 180;
    std::string name;
    for (const char c : given.substr(0, most)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         std::string_view("-()[] ").contains(c);
      const char kept = plain ? c : '-';
      if (kept != ' ' || (!name.empty() && name.back() != ' ')) name += kept;
    }
    while (name.ends_with(' ')) name.pop_back();
    if (name.empty()) name = "document";
    std::string free = name;
    for (std::size_t number = 2; !named_.insert(free).second; ++number) free = fmt::format("{} {}", name, number);
    return free;
  }

  /* --------------------------------- tools ------------------------------ */

  void write(const Outgoing& out, const chat::ToolCall& call) {
    const auto input = object_of(call.arguments);
    if (!input)
      return refuse(out.place, fmt::format("calls the tool '{}' with arguments that are no JSON object",
                                           text::printable(call.name, 64)));
    json_.open_object();
    json_.open_object("toolUse");
    json_.member("toolUseId", sent_id(call.id));
    json_.member("name", writing_.names.sent(call.name));
    json_.member("input", *input);
    json_.close();
    json_.close();
  }

  void write(const Outgoing& out, const chat::ToolResult& result) {
    open_result(result.call_id);
    for (std::size_t i = 0; i < result.content.size(); ++i) {
      const chat::Part& part = result.content[i];
      const Outgoing inner{&part, part.place.empty() ? element(inside(out.place, "content"), i) : part.place};
      const auto* said = std::get_if<chat::Text>(&part.content);
      if (said != nullptr && blank(said->text)) continue;
      if (part.cache) lose(Loss::Kind::dropped, inside(inner.place, "cache_control"), "the whole result is marked");
      last_ = false;
      block(inner);
    }
    close_result(result.failed);
  }

  void unanswered(const Outgoing& out) {
    open_result(out.unanswered);
    text("no result was given");
    close_result(true);
  }

  void open_result(std::string_view call_id) {
    json_.open_object();
    json_.open_object("toolResult");
    json_.member("toolUseId", sent_id(call_id));
    json_.open_array("content");
  }
  void close_result(bool failed) {
    json_.close();
    if (failed) json_.member("status", "error");
    json_.close();
    json_.close();
  }

  JsonWriter& json_;
  const Writing& writing_;
  std::set<std::string> named_;  // documents
  bool prefill_ = false;         // the turn at work is the assistant's and the last
  bool last_ = false;            // the block at work ends it
  std::optional<Error> error_;
};

}  // namespace

void write_cache_point(JsonWriter& json, const chat::CacheMark& mark, const std::string& place,
                       chat::Losses& losses) {
  json.open_object();
  json.open_object("cachePoint");
  json.member("type", "default");
  if (mark.ttl == "1h")
    json.member("ttl", mark.ttl);
  else if (!mark.ttl.empty() && mark.ttl != "5m")
    losses.add(Loss::Kind::changed, inside(place, "cache_control.ttl"), "Bedrock keeps a prompt for 5m or 1h");
  json.close();
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

}  // namespace apigw::dialects::bedrock
