// The call that is being answered: its ids go into the log and along with calls to other services.
//
// A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
// span is this service's own part of it.
#pragma once
#include <map>
#include <string>

namespace runtime {

using Headers = std::map<std::string, std::string>;  // names in lower case

struct Call {
  std::string request_id, trace_id, span_id, flags = "00", trace_state;

  static Call fresh();  // for work that no request began
  static Call from(const Headers& headers);
  Headers headers() const;  // what a call to another service carries
};

// nullptr: this thread answers none.
const Call* current_call();

// Makes the ids known to logs and clients of this thread, for as long as it lives. Work that is handed to another
// thread takes a copy of the call along and a scope of its own.
class CallScope {
 public:
  explicit CallScope(const Call& call);  // which outlives it
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  const Call* before_;
};

}  // namespace runtime
