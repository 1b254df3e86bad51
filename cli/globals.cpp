#include "globals.h"

#include "base/text.h"
#include "yaml/fields.h"

namespace apigw::cli {

void declare_globals(Options& options, GlobalPlaces& places) {
  Globals& g = places.globals;
  options.add({.names = "-C,--directory", .doc = "go there first", .value = "DIR", .completes = "dirs"},
              &g.directory);
  options.add({.names = "-c,--config",
               .doc = "config file, '-' for stdin (default apigw.yaml)",
               .value = "FILE",
               .completes = "files"},
              &g.config);
  options.add(
      {.names = "-o,--output", .doc = "how to print the result, or FORMAT=FILE; may repeat", .value = "FORMAT"},
      &g.output);
  options.add({.names = "--set",
               .doc = "override a config field, as in listen=127.0.0.1:9000; may repeat",
               .value = "FIELD=VALUE"},
              &places.sets);
  options.add(
      {.names = "--profile", .doc = "apply this profile of the config", .value = "NAME", .completes = "profiles"},
      &g.profile);
  options.add({.names = "-q,--quiet", .doc = "only the result and errors"}, &g.quiet);
  options.add({.names = "-v,--verbose", .doc = "say more; may repeat"}, &g.verbose);
  options.add({.names = "--color",
               .doc = "colours on a terminal, or not",
               .value = "WHEN",
               .choices = {"auto", "always", "never"}},
              &g.color);
  options.add({.names = "--no-input", .doc = "never ask"}, &g.no_input);
  options.add({.names = "--timeout", .doc = "give up after, as in 10s or 2m", .value = "DURATION"}, &places.timeout);
  options.end_of_globals();
}

std::expected<Globals, Complaint> finish_globals(GlobalPlaces places) {
  for (const std::string& set : places.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos || equals == 0)
      return std::unexpected(Complaint{fmt::format("--set cannot be '{}'", text::printable(set)),
                                       "write --set FIELD=VALUE, for example --set listen=127.0.0.1:9000"});
    places.globals.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  if (!places.timeout.empty()) {
    places.globals.timeout = yaml::parse_duration(places.timeout);
    if (!places.globals.timeout || places.globals.timeout->count() == 0)
      return std::unexpected(Complaint{fmt::format("--timeout cannot be '{}'", text::printable(places.timeout)),
                                       "write a whole number and a unit: 500ms, 10s, 2m"});
  }
  return std::move(places.globals);
}

bool wants_color(std::string_view flag, const config::Environment& environment, bool terminal) {
  const auto variable = [&](std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string_view{} : std::string_view{found->second};
  };
  if (flag == "always") return true;
  if (flag == "never" || !variable("NO_COLOR").empty()) return false;
  if (const auto force = variable("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  return terminal && variable("TERM") != "dumb";
}

}  // namespace apigw::cli
