// What a client asks of a model, free of any dialect: dialects read into it and write out of it.
//
// A field is here when two dialects can say it; what only one can say rides in `native` of that dialect and is a loss
// for every other. Absent means that the client left it to the provider: writers omit it, they never write null. JSON
// that a program made (tool arguments, schemas, numbers) travels as the bytes that carried it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace apigw::chat {

// A number with the digits that it came in: 1.0 stays 1.0.
struct Number {
  std::string text;
  double value = 0;
};

// "Remember the prompt up to here": on a part or a tool.
struct CacheMark {
  std::string ttl;  // "5m", "1h"; empty: the provider's default
};

struct Text {
  std::string text;
};

// What the model refuses to say, in its own words; assistant turns only.
struct RefusalText {
  std::string text;
};

// Where the bytes of a picture, document or sound are: exactly one member is filled.
struct Source {
  std::string media_type;  // lower case, parameters stripped: "image/png"; may be empty beside url and file_id
  std::string base64;      // standard alphabet with padding
  std::string url;
  std::string file_id;  // of the provider that stored it
  std::string text;     // a plain-text document
};

struct Media {
  enum class Kind : std::uint8_t { image, document, audio } kind = Kind::image;
  Source source;
  std::string name;    // file name or title
  std::string detail;  // low, high, auto…: how closely to look; images only
};

// The model's thoughts. With a signature or sealed data only the provider that made it accepts it back, unchanged.
struct Reasoning {
  std::string text;
  std::string signature;
  std::string sealed;  // redacted thinking: opaque, no text
  std::string origin;  // word of the dialect that made the signature; empty: unknown
};

struct ToolCall {
  std::string id;
  std::string name;
  json::Raw arguments{"{}"};  // an object; in a reply that was cut it may be no JSON at all
};

struct Part;

struct ToolResult {
  std::string call_id;
  std::vector<Part> content;  // Text and Media only
  bool failed = false;
};

using Content = std::variant<Text, RefusalText, Media, Reasoning, ToolCall, ToolResult>;

struct Part {
  Content content;
  std::optional<CacheMark> cache;
  // In what came in, for losses: "messages[3].content[1]". Empty: by its number among the parts of its message, and
  // in an answer of what is never lost.
  std::string place = {};
};

enum class Role : std::uint8_t { system, user, assistant };

// Turns stand as the client sent them: system anywhere, the same role twice, tool results in user turns. What a
// dialect wants otherwise (alternation, results first) its writer arranges.
struct Message {
  Role role = Role::user;
  std::vector<Part> parts;
  std::string name;   // of the speaker
  std::string place;  // in what came in, for losses: "messages[3]", "system"; empty: the hub's own numbering
};

struct Tool {
  std::string name;
  std::string description;
  json::Raw schema;  // of the arguments, an object; "null": none given
  std::optional<bool> strict;
  std::optional<CacheMark> cache;
  std::string place = {};  // in what came in, for losses: "tools[3]"; empty: by its number
};

struct ToolChoice {
  enum class Mode : std::uint8_t { automatic, none, required, named } mode = Mode::automatic;
  std::string name;                  // named
  std::vector<std::string> allowed;  // automatic and required: only these; empty: all

  // Whether it leaves the tool to the model: the one that it names, or one of those allowed.
  [[nodiscard]] bool leaves(std::string_view tool) const;
};

struct AnswerFormat {
  enum class Kind : std::uint8_t { text, json, schema } kind = Kind::text;
  std::string name;
  std::string description;
  json::Raw schema;  // an object, where the kind is schema
  std::optional<bool> strict;
  // In what came in, for losses: of the description, and of the schema. Empty: nobody asked for it there.
  std::string place = {}, schema_place = {};
};

enum class Effort : std::uint8_t { none, minimal, low, medium, high, xhigh, max };
[[nodiscard]] std::string_view word(Effort effort);
[[nodiscard]] std::optional<Effort> effort_of(std::string_view word);

// How much to think before the answer; at least one member is filled.
struct Thinking {
  std::optional<Effort> effort;
  std::optional<std::uint64_t> budget;  // tokens, an upper bound
  bool adaptive = false;                // the model decides
};

// A member of the request that only its own dialect can say.
struct NativeField {
  std::string path;  // as the dialect writes it: "logit_bias", "metadata.tenant"
  json::Raw value;
  bool aside = false;  // tells how a call was served and nothing of the answer: no loss where it cannot be said
};
struct Native {
  std::string dialect;  // word of the dialect that it came in
  std::vector<NativeField> fields;
};

// All text of the parts, one behind the other.
[[nodiscard]] std::string text_of(std::span<const Part> parts);
// Where the message stood: its place, else "messages[index]".
[[nodiscard]] std::string place_of(const Message& message, std::size_t index);
// Where one of its parts stood: its place, else by its number in the content of the message, which stood at `place`.
[[nodiscard]] std::string place_of(const Message& message, const Part& part, std::string_view place);

struct Request {
  std::string model;  // as the client named it
  std::vector<Message> messages;
  std::vector<Tool> tools;
  std::optional<ToolChoice> tool_choice;
  std::optional<bool> parallel_tools;
  std::optional<AnswerFormat> format;
  std::optional<Thinking> thinking;
  std::optional<std::uint64_t> max_output;  // tokens
  std::optional<Number> temperature, top_p, top_k, frequency_penalty, presence_penalty;
  std::optional<std::int64_t> seed;
  std::optional<std::uint64_t> answers;  // n
  std::vector<std::string> stop;
  std::optional<std::string> user;          // who asks, for the provider's abuse watch
  std::optional<std::string> service_tier;  // in the words of the dialect it came in
  bool stream = false;
  bool stream_usage = false;  // the client asked for the usage of its stream
  Native native;
};

}  // namespace apigw::chat
