#include "help.h"

#include "base/text.h"
#include "globals.h"

namespace apigw::cli {
namespace {

struct JobRow {
  Job job;
  std::string_view title;
};
constexpr JobRow jobs[] = {{Job::start, "Start a project"},
                           {Job::run, "Run it"},
                           {Job::call, "Call and test it"},
                           {Job::check, "Check and ship it"},
                           {Job::more, "More"}};

std::string heading(std::string_view title, bool color) {
  return fmt::format(fmt::runtime(color ? "\x1b[1m{}\x1b[0m\n" : "{}\n"), title);
}

constexpr std::size_t line_width = 80;  // columns of a terminal that nobody made wider

// It in lines of `width`, the later ones indented; a longer word stays whole.
std::string wrapped(std::string_view written, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  for (const std::string_view word : text::split(written, ' ')) {
    const bool fits = used == 0 || used + 1 + word.size() <= width;
    if (!fits) out += '\n' + std::string(indent, ' ');
    if (fits && used > 0) out += ' ';
    out += word;
    used = fits && used > 0 ? used + 1 + word.size() : word.size();
  }
  return out;
}

// Its lines filled anew up to those that end a sentence; what is indented keeps its lines.
std::string filled(std::string_view written) {
  std::string out, paragraph;
  const auto flush = [&] {
    if (!paragraph.empty()) out += wrapped(paragraph, 0, line_width) + '\n';
    paragraph.clear();
  };
  for (const std::string_view line : text::split(written, '\n')) {
    if (line.empty() || line.starts_with(' ')) {
      flush();
      out += fmt::format("{}\n", line);
      continue;
    }
    paragraph += fmt::format("{}{}", paragraph.empty() ? "" : " ", line);
    if (line.ends_with(':') || line.ends_with('.')) flush();
  }
  flush();
  return out;
}

// Two columns; the second begins at the same place in all rows of a list.
std::string columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [left, right] : rows) width = std::max(width, left.size());
  std::string out;
  for (const auto& [left, right] : rows)
    out += fmt::format("  {:<{}}  {}\n", left, width,
                       wrapped(right, width + 4, line_width - std::min(width + 4, line_width / 2)));
  return out;
}

std::string left_of(const Options::Declared& option) {
  if (option.positional()) return std::string{option.row.names};
  const std::string names = option.brief.empty() ? "    " + option.flag : option.brief + ", " + option.flag;
  return option.row.value.empty() ? names : fmt::format("{} {}", names, option.row.value);
}

std::string right_of(const Options::Declared& option) {
  std::string out{option.row.doc};
  if (option.row.choices.empty()) return out;
  out += ": ";
  for (const std::string_view choice : option.row.choices)
    out += fmt::format("{}{}", choice == option.row.choices.front() ? "" : "|", choice);
  return out;
}

std::string section(std::string_view title, const Options& options, bool color, auto&& belongs,
                    std::vector<std::pair<std::string, std::string>> rows = {}) {
  for (const Options::Declared& option : options.declared())
    if (belongs(option)) rows.emplace_back(left_of(option), right_of(option));
  return rows.empty() ? std::string{} : "\n" + heading(title, color) + columns(rows);
}

std::string global_section(const Options& options, bool color) {
  return section("Global flags", options, color, [](const auto& option) { return option.global; },
                 {{"-h, --help", "show this text"}});
}

std::string globals_alone(bool color) {
  Options options;
  GlobalPlaces places;
  declare_globals(options, places);
  return global_section(options, color);
}

// The line behind "Example:" or "Examples:"; every command has one.
std::string_view first_example(std::string_view details) {
  const auto at = details.find('\n', details.find("Example"));
  if (at == std::string_view::npos) return {};
  const std::string_view rest = details.substr(at + 1);
  return text::trim(rest.substr(0, rest.find('\n')));
}

}  // namespace

std::string program_help(bool color) {
  std::string out =
      "apigw: microservices and AI behind one local gateway\n\n"
      "Usage: apigw COMMAND [ARGUMENTS] [FLAGS]\n";
  for (const JobRow& row : jobs) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const RosterRow& entry : roster())
      if (entry.command->job == row.job && !entry.command->hidden)
        rows.emplace_back(entry.command->name, entry.command->summary);
    if (!rows.empty()) out += "\n" + heading(row.title, color) + columns(rows);
  }
  out += globals_alone(color);
  out += "\n" + heading("First steps", color) +
         "  apigw init shop && cd shop && apigw run\n"
         "  apigw call hello\n"
         "  apigw COMMAND --help\n";
  return out;
}

std::string group_help(std::string_view word, bool color) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::string examples;
  for (const RosterRow& row : roster()) {
    const Command& command = *row.command;
    if (command.hidden || !command.name.starts_with(fmt::format("{} ", word))) continue;
    rows.emplace_back(command.name, command.summary);
    examples += fmt::format("  {}\n", first_example(command.details));
  }
  return fmt::format("Usage: apigw {} COMMAND [ARGUMENTS] [FLAGS]\n\n{}{}\n{}{}{}", word, heading("Commands", color),
                     columns(rows), heading("Examples", color), examples, globals_alone(color));
}

std::string synopsis(const Command& command, const Options& options) {
  std::string out = fmt::format("apigw {}", command.name);
  for (const Options::Declared& option : options.declared()) {
    if (!option.positional()) continue;
    const std::string name = fmt::format("{}{}", option.row.names, option.repeats() ? "…" : "");
    out += fmt::format(fmt::runtime(option.row.required ? " {}" : " [{}]"), name);
  }
  return out + " [FLAGS]";
}

std::string command_help(const Command& command, const Options& options, bool color) {
  std::string out =
      fmt::format("apigw {}: {}\n\nUsage: {}\n", command.name, command.summary, synopsis(command, options));
  out += section("Arguments", options, color, [](const auto& option) { return option.positional(); });
  out += section("Flags", options, color, [](const auto& option) { return !option.positional() && !option.global; });
  out += "\n" + filled(command.details);
  if (command.table != nullptr) out += "\n" + command.table();
  return out + global_section(options, color);
}

}  // namespace apigw::cli
