#include "man_page.h"

#include "base/text.h"
#include "command.h"
#include "globals.h"
#include "help.h"

namespace apigw::cli {
namespace {

// Text that roff prints as it stands: no escapes, no requests, hyphens that can be copied.
std::string plain(std::string_view line) {
  std::string out = line.starts_with('.') || line.starts_with('\'') ? "\\&" : "";
  for (const char c : line) out += c == '\\' ? "\\(rs" : c == '-' ? "\\-" : std::string(1, c);
  return out;
}

std::string bold(std::string_view word) {
  return "\\fB" + plain(word) + "\\fR";
}

std::string value_of(const Options::Declared& option) {
  return option.row.value.empty() ? std::string{} : " \\fI" + plain(option.row.value) + "\\fR";
}

// "-X, --request METHOD" and what it is for.
std::string entry(const Options::Declared& option) {
  std::string names = option.positional() ? "\\fI" + plain(option.row.names) + "\\fR" : bold(option.flag);
  if (!option.brief.empty()) names = bold(option.brief) + ", " + names;
  std::string doc = plain(option.row.doc);
  for (const std::string_view choice : option.row.choices)
    doc += (choice == option.row.choices.front() ? ": " : ", ") + bold(choice);
  return fmt::format(".TP\n{}{}\n{}\n", names, value_of(option), doc);
}

// Indented lines keep their layout, the others are filled into paragraphs.
std::string prose(std::string_view text) {
  std::string out;
  bool literal = false;
  for (const std::string_view line : text::split(text, '\n')) {
    if (const bool indented = line.starts_with("  "); indented != literal && !line.empty()) {
      out += indented ? ".PP\n.nf\n" : ".fi\n.PP\n";
      literal = indented;
    }
    if (line.empty()) {
      if (!literal) out += ".PP\n";
    } else {
      out += (line.ends_with(':') && !literal ? ".PP\n" : "") + plain(line) + "\n";
    }
  }
  return out + (literal ? ".fi\n" : "");
}

std::string command_section(const Command& command) {
  Options options;
  GlobalPlaces places;
  declare_globals(options, places);
  const auto body = command.declare(options);
  std::string out = fmt::format(".SS \"apigw {}\"\n{}\n.PP\n{}\n", command.name, plain(command.summary),
                                bold(synopsis(command, options)));
  for (const Options::Declared& option : options.declared())
    if (!option.global) out += entry(option);
  out += ".PP\n" + prose(command.details);
  if (command.table != nullptr) out += ".PP\n.nf\n" + prose(command.table()) + ".fi\n";
  return out;
}

std::string global_flags() {
  Options options;
  GlobalPlaces places;
  declare_globals(options, places);
  std::string out;
  for (const Options::Declared& option : options.declared()) out += entry(option);
  return out;
}

std::string exit_status() {
  std::string out;
  for (const ExitRow& row : exit_codes())
    out += fmt::format(".TP\n{}\n{}\n", bold(std::to_string(static_cast<int>(row.exit))), plain(row.meaning));
  return out;
}

constexpr std::string_view environment =
    "Each flag has a variable, \\fBAPIGW_\\fR and its name in capitals (\\fB\\-\\-no\\-input\\fR:\n"
    "\\fBAPIGW_NO_INPUT\\fR); the flag itself wins.\n"
    "\\fBapigw help environment\\fR lists them all.\n";

constexpr std::string_view files =
    ".TP\n\\fIapigw.yaml\\fR\nthe config of a project\n"
    ".TP\n\\fI.env\\fR\nvariables beside it, read by commands of development and never by \\fBapigw serve\\fR\n"
    ".TP\n\\fI$XDG_RUNTIME_DIR/apigw/\\fR\nwhere a gateway of \\fBapigw run\\fR is found\n"
    ".TP\n\\fI$XDG_DATA_HOME/apigw/models.txt\\fR\nthe table that \\fBapigw models update\\fR took\n";

}  // namespace

std::string man_page() {
  std::string out = fmt::format(
      ".\\\" Made by `apigw man` from the program's own tables.\n"
      ".TH APIGW 1 \"\" \"apigw {}\" \"User Commands\"\n.SH NAME\napigw \\- microservices and AI behind one local "
      "gateway\n.SH SYNOPSIS\n{} \\fICOMMAND\\fR [\\fIARGUMENTS\\fR] [\\fIFLAGS\\fR]\n.SH COMMANDS\n",
      APIGW_VERSION, bold("apigw"));
  for (const RosterRow& row : roster())
    if (!row.command->hidden) out += command_section(*row.command);
  out += ".SH \"GLOBAL FLAGS\"\n" + global_flags();
  out += ".SH \"EXIT STATUS\"\n" + exit_status();
  out += fmt::format(".SH ENVIRONMENT\n{}.SH FILES\n{}", environment, files);
  return out;
}

}  // namespace apigw::cli
