#include "runtime/log.h"

#include <chrono>
#include <cstdio>
#include <ctime>

#include <nlohmann/json.hpp>

#include "runtime/call.h"

namespace runtime {
namespace {

std::string now() {
  using namespace std::chrono;
  const auto since = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  const std::time_t seconds = since / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char day[32], text[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>(since % 1000));
  return text;
}

}  // namespace

std::string_view word_of(Level level) {
  constexpr std::string_view words[] = {"debug", "info", "warning", "error"};
  return words[static_cast<int>(level)];
}

Log::Log(Level least, Sink sink) : least_(least), sink_(std::move(sink)) {}

void Log::write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < least_) return;
  nlohmann::ordered_json line;
  line["time"] = now();
  line["level"] = word_of(level);
  line["message"] = message;
  if (const Call* const call = current_call()) {
    line["request_id"] = call->request_id;
    line["trace_id"] = call->trace_id;
    line["span_id"] = call->span_id;
  }
  for (const auto& [name, value] : fields)
    std::visit([&line, name = std::string(name)](const auto& one) { line[name] = one; }, value);
  // A text that is no UTF-8 is written with marks in its place.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  sink_(text);
}

void Log::to_stdout(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);  // where the log cannot be written, nobody can be told
}

}  // namespace runtime
