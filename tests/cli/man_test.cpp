#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"
#include "support/process.h"
#include "support/skip.h"

using namespace apigw;
using apigw::testing::run;

TEST_CASE("the manual page has every command, flag and exit code") {
  const auto ran = run({"man"});
  CHECK(ran.exit == 0);
  CHECK(ran.out.starts_with(".\\\""));
  for (const cli::RosterRow& row : cli::roster())
    CHECK((ran.out.find(fmt::format(".SS \"apigw {}\"\n", row.command->name)) != std::string::npos) !=
          row.command->hidden);
  for (const std::string_view part : {"\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIFORMAT\\fR\n",
                                      "\\fB\\-\\-fail\\-on\\fR", ".SH \"EXIT STATUS\"\n", "\\fB130\\fR\n"}) {
    CAPTURE(part);
    CHECK(ran.out.find(part) != std::string::npos);
  }
}

TEST_CASE("no line of the manual page is a request by accident") {
  const std::string page = run({"man"}).out;
  for (const std::string_view line : text::split(page, '\n')) {
    CAPTURE(line);
    const bool request = line.starts_with('.') || line.starts_with('\'');
    static constexpr std::string_view known[] = {".\\\"", ".TH ", ".SH ", ".SS ", ".TP", ".PP", ".nf", ".fi"};
    CHECK((!request || std::ranges::any_of(known, [&](std::string_view word) { return line.starts_with(word); })));
  }
}

TEST_CASE("groff has no complaint about the manual page") {
  if (::access("/usr/bin/groff", X_OK) != 0) APIGW_SKIP("needs groff");
  support::Process groff({"/usr/bin/groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"}, {.input = run({"man"}).out});
  CHECK(groff.wait().code == 0);
  CHECK(groff.err().empty());
}
