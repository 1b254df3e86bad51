#include "service_log.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "run/lines.h"

namespace apigw::cli {
namespace {

constexpr std::array<std::string_view, 6> colours = {"36", "33", "35", "32", "34", "31"};

std::string last_lines(std::span<const std::string> tail) {
  if (tail.empty()) return "  it wrote nothing\n";
  std::string text;
  for (const std::string& line : tail) text += "  | " + run::showable(line, false) + "\n";
  return text;
}

// How to see the same thing by hand.
std::string by_hand(const run::Launch* launch) {
  if (launch == nullptr) return {};
  const std::string enter = launch->directory.empty() ? "" : "cd " + launch->directory + " && ";
  return fmt::format("try it by hand: {}PORT={} {}", enter, launch->port, launch->command);
}

std::string advice(const run::Note& note, const run::Launch* launch) {
  if (note.status.signal == 0 && note.status.code == 127)
    return "the shell found no such command: is it installed, and does 'run:' spell it as in 'dir:'?";
  if (note.status.signal == 0 && note.status.code == 126) return "check 'dir:', and that the command may be executed";
  return by_hand(launch);
}

std::string died_early(const run::Note& note, const run::Launch* launch, std::span<const std::string> tail) {
  return fmt::format("error: service '{}' ended with {} before it was healthy; its last lines:\n{} help: {}\n",
                     note.service, note.status.text(), last_lines(tail), advice(note, launch));
}

std::string late(const run::Note& note, const run::Launch* launch, std::span<const std::string> tail) {
  const std::string asked = launch == nullptr ? "its port"
                            : launch->health_path.empty()
                                ? fmt::format("a connection on port {}", launch->port)
                                : fmt::format("GET {} on port {}", launch->health_path, launch->port);
  return fmt::format(
      "warning: service '{}' runs but is not healthy yet; its last lines:\n{} help: it must answer {}: does it "
      "listen "
      "on 127.0.0.1 and the port that PORT names?\n",
      note.service, last_lines(tail), asked);
}

}  // namespace

std::string prefixed(std::string_view service, std::string_view line, std::size_t width, std::size_t index,
                     bool color) {
  const std::string name = fmt::format("{:<{}} |", service, width);
  const std::string shown = run::showable(line, color);
  if (!color) return fmt::format("{} {}\n", name, shown);
  return fmt::format("\x1b[{}m{}\x1b[0m {}\n", colours[index % colours.size()], name, shown);
}

std::string sentence(const run::Note& note, const run::Launch* launch, std::span<const std::string> tail) {
  switch (note.kind) {
    case run::Note::Kind::started:
      return {};
    case run::Note::Kind::healthy:
      return fmt::format("service '{}' is healthy{}\n", note.service,
                         launch == nullptr ? "" : fmt::format(" on port {}", launch->port));
    case run::Note::Kind::late:
      return late(note, launch, tail);
    case run::Note::Kind::died_early:
      return died_early(note, launch, tail);
    case run::Note::Kind::exited:
      return fmt::format("warning: service '{}' ended with {}; it starts again in {:.1f} s\n", note.service,
                         note.status.text(), static_cast<double>(note.pause.count()) / 1000);
    case run::Note::Kind::stopped:
      return fmt::format("service '{}' stopped\n", note.service);
  }
  return {};
}

}  // namespace apigw::cli
