// Units of random Plans, by systemd's own reader of them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "emit/bundle.h"
#include "scaffold/service.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

// A random Plan whose services are commands, as the config reads it where its units run.
RandomPlan commanded(unsigned seed) {
  static constexpr const char* commands[] = {"./serve", "python3 app.py --mode \"100% 'new'\"",
                                             "A=$B node x.js; true", "exec 3<&1 \\\n  ./two-lines",
                                             "./caf\u00e9 %n ${HOME}"};
  static constexpr const char* folders[] = {".", "services/a b", "shop/services/x", "/srv/100%", "../beside"};
  RandomPlan made(seed);
  unsigned n = seed;
  for (model::Service& service : made.plan.services) {
    if (service.container.image.empty()) continue;  // elsewhere
    service.run = model::RunSpec{commands[n % std::size(commands)], folders[n % std::size(folders)]};
    service.instances = {{false, "127.0.0.1", service.port.value_or(0)}};
    ++n;
  }
  made.options.sets = emitter_of("systemd").sets(made.plan);
  for (const auto& [field, value] : made.options.sets) {
    for (model::Service& service : made.plan.services)
      if (field == "services." + service.name + ".url")
        service.instances.front().port =
            static_cast<std::uint16_t>(*text::parse_number(std::string_view(value).substr(value.rfind(':') + 1)));
    const model::SecretRef handed{model::SecretRef::Kind::file, value.substr(value.find(':') + 1), {}, {}};
    for (model::Provider& provider : made.plan.providers)
      if (field == "providers." + provider.name + ".key") provider.key = handed;
    for (model::Consumer& consumer : made.plan.consumers)
      if (field == "consumers." + consumer.name + ".key") consumer.key = handed;
    if (field == "pepper") made.plan.pepper = handed;
  }
  return made;
}

// A copy with every `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// The words of an ExecStart= line, as systemd reads them: quotes and escapes, `%%` and `$$` for one of each.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out{""};
  bool quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"')
      quotes = !quotes;
    else if (c == ' ' && !quotes)
      out.emplace_back();
    else if (line.substr(i, 4) == "\\x0a")
      out.back() += '\n', i += 3;
    else if (c == '\\' || c == '%' || c == '$')
      out.back() += line[++i];
    else
      out.back() += c;
  }
  return out;
}

struct Started {
  std::string command;
  std::string last;     // what the shell started last: its program and arguments
  std::string builder;  // that the loss names; empty: there is none
};

// A unit of a service with that command.
std::string unit_of(const std::string& command, diag::Report& report) {
  model::Plan plan;
  plan.services.push_back({.name = "orders", .run = model::RunSpec{command, "."}});
  plan.services.back().instances = {{false, "127.0.0.1", 9101}};
  Options options;
  options.sets = {{"services.orders.url", "http://127.0.0.1:9101"}};
  return emitter_of("systemd").emit(plan, options, report).at("apigw-orders.service").content;
}

}  // namespace

TEST_CASE("a unit starts the service that its command starts, and says what it cannot build") {
  // Every tool is here under its name: it says with what it was called, and leaves the programs that it would build.
  const fs::path folder = fs::temp_directory_path() / ("apigw-emit-start-" + std::to_string(getpid()));
  fs::create_directories(folder / "tools");
  const auto tool = folder / "tools/tool";
  std::ofstream(tool) << "#!/bin/sh\n"
                         "echo \"$PORT ${0##*/} $*\" >>\"$LOG\"\n"
                         "mkdir -p bin build .venv/bin\n"
                         "for made in bin/service build/service .venv/bin/pip .venv/bin/python; do\n"
                         "  test -e \"$made\" || ln -s \"$TOOLS/tool\" \"$made\"\n"
                         "done\n";
  fs::permissions(tool, fs::perms::owner_all);
  for (const char* name : {"python3", "go", "node", "java", "javac", "cmake", "cargo", "npm", "mvn"})
    fs::create_symlink(tool, folder / "tools" / name);
  std::map<std::string, Started> rows = {
      {"python", {"", "python3 main.py", ""}},
      {"go", {"", "service ", "go build"}},
      {"node", {"", "node main.js", ""}},
      {"java", {"", "java -cp build/main service.Main", "javac"}},
      {"cpp", {"", "service ", "cmake"}},
      {"rust", {"", "cargo run --quiet --offline", "cargo run"}},
      {"fastapi", {"", "python main.py", "pip install"}},
      {"fastify", {"", "node main.js", "npm ci"}},
      {"axum", {"", "cargo run --quiet --locked", "cargo run"}},
      {"spring", {"", "java -jar target/service.jar", "mvn"}},
      {"plain", {"python3 make.py", "python3 make.py", ""}},
      {"a variable before", {"SERVER_PORT=$PORT exec java -jar makefile", "java -jar makefile", ""}},
      {"two lines", {"cd . &&\n  exec node 'a b.js' \"100%\"", "node a b.js 100%", ""}},
  };
  for (const auto& all : {scaffold::languages(), scaffold::frameworks()})
    for (const scaffold::Language& row : all) {
      REQUIRE_MESSAGE(rows.contains(std::string(row.word)), row.word);
      rows.at(std::string(row.word)).command = row.run;
    }
  for (const auto& [name, row] : rows) {
    CAPTURE(name);
    diag::Report report;
    const std::string unit = unit_of(row.command, report);
    const auto at = unit.find("\nExecStart=") + 11;
    const auto words = words_of(std::string_view(unit).substr(at, unit.find('\n', at) - at));
    REQUIRE(words.size() == 3);
    CHECK(words[0] == "/bin/sh");
    CHECK(words[1] == "-c");
    const fs::path here = folder / "service";
    fs::create_directories(here);
    std::ofstream(folder / "command") << words[2];
    int status = -1;
    const std::string out =
        shell(fmt::format("cd {0}/service && command=$(cat {0}/command) && LOG={0}/log "
                          "TOOLS={0}/tools PORT=9101 PATH={0}/tools:$PATH /bin/sh -c \"$command\"",
                          folder.string()),
              status);
    CHECK_MESSAGE((status == 0 && out.empty()), out);
    std::ifstream log(folder / "log");
    std::string line, last;
    while (std::getline(log, line)) last = line;
    CHECK(last == "9101 " + row.last);
    const bool lost = std::ranges::any_of(report.all(), [&](const diag::Diagnostic& finding) {
      return finding.code == 711 && finding.message.contains(fmt::format("builds with '{}', ", row.builder));
    });
    const bool any = std::ranges::any_of(report.all(), [](const auto& finding) { return finding.code == 711; });
    CHECK(lost == !row.builder.empty());
    CHECK(any == lost);
    fs::remove_all(here);
    fs::remove(folder / "log");
  }
  fs::remove_all(folder);
}

TEST_CASE("random plans are units that systemd takes, closed as far as theirs can be") {
  if (!apigw::test::has_program("systemd-analyze")) APIGW_SKIP("needs systemd-analyze");
  const fs::path folder = fs::temp_directory_path() / ("apigw-emit-systemd-" + std::to_string(getpid()));
  fs::create_directories(folder);
  const unsigned count = plans("systemd", 40);
  std::size_t units = 0;
  for (unsigned seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    const RandomPlan made = commanded(seed);
    diag::Report report;
    const auto tree = emitter_of("systemd").emit(made.plan, made.options, report);
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    // One call of systemd-analyze reads all: names of their own, and a command that is here.
    for (const auto& [path, file] : tree) {
      if (!path.ends_with(".service")) continue;
      std::string unit = replaced(file.content, "ExecStart=apigw ", "ExecStart=/bin/true ");
      for (const auto& [other, ignored] : tree)
        if (other.ends_with(".service")) unit = replaced(unit, " " + other, fmt::format(" p{}-{}", seed, other));
      std::ofstream(folder / fmt::format("p{}-{}", seed, path), std::ios::binary) << unit;
      ++units;
    }
  }
  CHECK(units > count);
  int status = -1;
  // Some at a time: what one call reads, it compares with all that it read before.
  std::string out = shell(fmt::format("cd {} && printf '%s\\0' ./*.service | "
                                      "xargs -0 -n 100 -P 2 systemd-analyze verify --man=no",
                                      folder.string()),
                          status);
  CHECK_MESSAGE((status == 0 && out.empty()), out.substr(0, 6000));
  out = shell(fmt::format("cd {} && systemd-analyze security --offline=yes --no-pager --threshold=25 ./*.service",
                          folder.string()),
              status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(folder);
}
