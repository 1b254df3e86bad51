// A model's answer whole, and the same answer as the events of a stream; free of any dialect.
//
// A stream is: Began, then parts that begin, grow and end (several may be open at once, numbered in order of their
// beginning within an answer), one Stopped an answer, and at its end exactly one Finished or Failed. Usage may be
// told more than once; the last value of each counter wins, and Finished carries it whole. Unsaid may stand anywhere
// before the end.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chat/request.h"
#include "chat/usage.h"

namespace apigw::chat {

enum class Stop : std::uint8_t { end, stop_sequence, length, tool_calls, refusal, other };
[[nodiscard]] std::string_view word(Stop stop);

struct StopReason {
  Stop stop = Stop::end;
  std::string native;      // the provider's own word
  std::string sequence;    // the stop sequence that was met, where told
  std::string place = {};  // in what came in, for losses: "choices[0].finish_reason"; of Stop::other alone
};

// What a provider says went wrong, before a client's dialect gives it its shape.
struct ProviderError {
  int status = 502;  // HTTP, as the provider sent or implied it
  std::string type;  // the dialect's word: "rate_limit_error"
  std::string code;
  std::string message;
  std::string param;
  std::optional<std::chrono::milliseconds> retry_after;
};

struct Answer {
  std::vector<Part> parts;  // Text, RefusalText, Reasoning, ToolCall, Media
  StopReason stop;
};

struct Reply {
  std::string id;
  std::string model;         // as the provider names it
  std::int64_t created = 0;  // seconds since 1970; 0: not told
  std::vector<Answer> answers;
  std::string list = {};  // of the answers in what came in, for losses: "choices"; empty: it holds one
  Usage usage;
  Native native;
};

struct Began {
  std::string id;
  std::string model;
  std::int64_t created = 0;
  std::optional<Usage> usage;  // what is known of the input at the start
  std::string list = {};       // as in Reply
};
struct PartBegan {
  unsigned answer = 0;
  unsigned part = 0;
  // What of it came with the beginning: id and name of a ToolCall, whose arguments are still empty text and not {};
  // the whole of a sealed Reasoning. The arguments have grown into an object when the part ends, unless the answer
  // was cut.
  Content content;
  std::string place = {};  // as in Part
};
// Goes behind what the part holds already: text of Text, RefusalText and Reasoning, arguments of a ToolCall.
struct PartGrew {
  unsigned answer = 0;
  unsigned part = 0;
  std::string text;
};
// The signature of a Reasoning part, whole or in pieces.
struct PartSigned {
  unsigned answer = 0;
  unsigned part = 0;
  std::string signature;
};
struct PartEnded {
  unsigned answer = 0;
  unsigned part = 0;
};
struct Stopped {
  unsigned answer = 0;
  StopReason stop;
};
// What came in the stream and has no form here: a loss wherever the stream goes. Each place once.
struct Unsaid {
  std::string path;  // in the answer that the stream puts together, as a Loss names it
};
struct Finished {
  Usage usage;
};
struct Failed {
  ProviderError error;
};

using Event = std::variant<Began, PartBegan, PartGrew, PartSigned, PartEnded, Stopped, Unsaid, Finished, Failed>;

// Whether it is part of the answer. Who speaks, a part that is still empty, what the input cost: none of it is.
[[nodiscard]] bool says_something(const Event& event);
// Bytes of the answer's text, thoughts and calls in it.
[[nodiscard]] std::size_t said_bytes(const Event& event);

}  // namespace apigw::chat
