#include "runtime/call.h"

#include <algorithm>
#include <random>
#include <string_view>

namespace runtime {
namespace {

thread_local const Call* current = nullptr;

std::string hex(std::size_t bytes) {
  thread_local std::random_device device;  // the system's own randomness
  std::string text;
  while (text.size() < 2 * bytes) {
    const unsigned number = device();
    for (int shift = 0; shift < 32 && text.size() < 2 * bytes; shift += 4)
      text += "0123456789abcdef"[(number >> shift) & 15];
  }
  return text;
}

bool only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         only(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");
}

// 00-TRACE-SPAN-FLAGS, neither trace nor span all zeros.
bool is_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32), span = text.substr(36, 16), flags = text.substr(53);
  return std::ranges::all_of(std::initializer_list<std::string_view>{trace, span, flags},
                             [](std::string_view part) { return only(part, "0123456789abcdef"); }) &&
         !only(trace, "0") && !only(span, "0");
}

std::string value_of(const Headers& headers, const std::string& name) {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

}  // namespace

Call Call::fresh() {
  return {.request_id = hex(16), .trace_id = hex(16), .span_id = hex(8), .flags = "00", .trace_state = ""};
}

Call Call::from(const Headers& headers) {
  Call call = fresh();
  if (const std::string id = value_of(headers, "x-request-id"); is_request_id(id)) call.request_id = id;
  if (const std::string parent = value_of(headers, "traceparent"); is_traceparent(parent)) {
    call.trace_id = parent.substr(3, 32);
    call.flags = parent.substr(53);
    call.trace_state = value_of(headers, "tracestate");
  }
  return call;
}

Headers Call::headers() const {
  Headers headers{ {"x-request-id", request_id}, {"traceparent", "00-" + trace_id + "-" + span_id + "-" + flags} };
  if (!trace_state.empty()) headers["tracestate"] = trace_state;
  return headers;
}

const Call* current_call() {
  return current;
}

CallScope::CallScope(const Call& call) : before_(current) {
  current = &call;
}

CallScope::~CallScope() {
  current = before_;
}

}  // namespace runtime
