// One JSON object a line, with the ids of the call that is being answered. Safe for many threads.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace runtime {

enum class Level { debug, info, warning, error };
std::string_view word_of(Level level);

// What a line says beside its message.
using Field = std::pair<std::string_view, std::variant<std::int64_t, double, std::string>>;

class Log {
 public:
  using Sink = std::function<void(const std::string& line)>;  // a line with its end; one call at a time

  explicit Log(Level least, Sink sink = to_stdout);

  void debug(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::debug, message, fields); }
  void info(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::info, message, fields); }
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::warning, message, fields);
  }
  void error(std::string_view message, std::initializer_list<Field> fields = {}) { write(Level::error, message, fields); }
  void write(Level level, std::string_view message, std::initializer_list<Field> fields);

 private:
  static void to_stdout(const std::string& line);

  Level least_;
  Sink sink_;
  std::mutex mutex_;
};

}  // namespace runtime
