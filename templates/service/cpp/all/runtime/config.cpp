#include "runtime/config.h"

#include <charconv>
#include <cstdlib>

namespace runtime {
namespace {

std::string text_of(const Environment& environment, const std::string& variable, const std::string& usual) {
  const std::string text = environment(variable);
  return text.empty() ? usual : text;
}

std::string shown(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// False: it is no such number, or something stands behind it.
template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end;
}

int whole(const Environment& environment, const std::string& variable, int usual, int least, int most) {
  const std::string text = text_of(environment, variable, std::to_string(usual));
  int number = 0;
  if (parse(text, number) && number >= least && number <= most) return number;
  throw ConfigError(variable + " is \"" + text + "\": give a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most));
}

Level level_of(const Environment& environment) {
  const std::string word = text_of(environment, "LOG_LEVEL", "info");
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error})
    if (word_of(level) == word) return level;
  throw ConfigError("LOG_LEVEL is \"" + word + "\": give one of debug, info, warning, error");
}

}  // namespace

std::string process_environment(const std::string& variable) {
  const char* const text = std::getenv(variable.c_str());
  return text == nullptr ? "" : text;
}

Config Config::from(const Environment& environment) {
  Config config;
  config.host = text_of(environment, "HOST", config.host);
  config.port = whole(environment, "PORT", config.port, 0, 65535);
  config.log_level = level_of(environment);
  config.max_connections = static_cast<std::size_t>(whole(environment, "MAX_CONNECTIONS", 256, 1, 10000));
  config.drain_delay = seconds(environment, "DRAIN_DELAY_SECONDS", 1, 600);
  config.drain_timeout = seconds(environment, "DRAIN_TIMEOUT_SECONDS", 20, 3600);
  return config;
}

std::chrono::nanoseconds seconds(const Environment& environment, const std::string& variable, double usual,
                                 double most) {
  const std::string text = text_of(environment, variable, shown(usual));
  double number = 0;
  if (!parse(text, number) || !(number >= 0 && number <= most))
    throw ConfigError(variable + " is \"" + text + "\": give a number from 0 to " + shown(most));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(number));
}

std::string service_url(const Environment& environment, const std::string& variable) {
  std::string url = environment(variable);
  while (url.ends_with('/')) url.pop_back();
  if (url.empty())
    throw ConfigError(variable + " is not set: `apigw run` sets it for each of the service's `calls:`");
  for (const std::string scheme : {"http://", "https://"})
    if (url.starts_with(scheme) && url.size() > scheme.size() &&
        url.find_first_of("/?#@ \t\r\n", scheme.size()) != scheme.size())
      return url;
  throw ConfigError(variable + " is \"" + url + "\": give an address such as http://127.0.0.1:9001");
}

}  // namespace runtime
