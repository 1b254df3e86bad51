// An event stream as its fixtures write it: a message a line, its type, a blank and its payload. A type behind '!' is
// that of an exception, one behind '!!' the code of an error, whose payload is its message. Lines that begin with '#'
// are comments.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "wire/event_stream.h"

namespace apigw::test {

inline std::string event_stream_of(std::string_view lines) {
  using Header = std::pair<std::string_view, std::string_view>;
  std::string out;
  for (std::string_view line : text::split(lines, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto blank = std::min(line.find(' '), line.size());
    const std::string_view type = line.substr(0, blank), payload = line.substr(std::min(blank + 1, line.size()));
    if (type.starts_with("!!"))
      out += wire::event_stream_message(
          std::array<Header, 3>{
              {{":message-type", "error"}, {":error-code", type.substr(2)}, {":error-message", payload}}},
          "");
    else if (type.starts_with('!'))
      out += wire::event_stream_message(std::array<Header, 3>{{{":exception-type", type.substr(1)},
                                                               {":content-type", "application/json"},
                                                               {":message-type", "exception"}}},
                                        payload);
    else
      out += wire::event_stream_message(
          std::array<Header, 3>{
              {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}}},
          payload);
  }
  return out;
}

}  // namespace apigw::test
