// Units of random Plans, by systemd's own reader of them.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "emit/bundle.h"
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

}  // namespace

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
      std::string unit = replaced(file.content, "ExecStart=/usr/bin/apigw ", "ExecStart=/bin/true ");
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
