#include "config_edit.h"

#include <ostream>

#include "base/text.h"
#include "diag/render.h"
#include "project.h"
#include "render/yaml_writer.h"

namespace apigw::cli {
namespace {

constexpr std::string_view new_config = "apigw: 1\n";
constexpr unsigned usual_mode = 0644;  // of a new config

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

void show(Env& env, const diag::Report& report, const diag::Sources& sources) {
  const auto format = env.terminal.err ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(report, sources, format, env.terminal.color_err);
}

// Of a text that cannot be read, with the places.
std::unexpected<Exit> refuse_text(Env& env, const ConfigEdit& edit) {
  diag::Sources sources;
  diag::Report report;
  (void)yaml::parse(sources.add(edit.path, edit.before), sources, report);
  report.finish(sources);
  show(env, report, sources);
  return stop(env, Exit::input, fmt::format("{} is broken YAML", text::printable(edit.path)),
              "mend it first; nothing was written");
}

}  // namespace

std::unexpected<Exit> refuse_edit(Env& env, const config::Loaded& before, const config::Loaded& after,
                                  std::string_view added) {
  const bool own = before.report.has_errors();
  show(env, own ? before.report : after.report, own ? before.sources : after.sources);
  if (own) return stop(env, Exit::input, "the config has errors", "mend them first; nothing was written");
  return stop(env, Exit::input, fmt::format("the config with this {} has errors", added),
              "it has none without it: where a profile replaces a section, add the entry there by hand; nothing was "
              "written");
}

std::expected<ConfigEdit, Exit> read_config(Env& env, const Globals& globals, std::string_view command,
                                            Intent intent) {
  ConfigEdit edit;
  edit.path = globals.config.empty() ? std::string{default_config} : globals.config;
  if (edit.path == "-")
    return stop(env, Exit::input, fmt::format("{} needs a file, not stdin", command), "name it with -c");
  if (intent == Intent::write) {
    auto alone = env.files.lock(edit.path, most_wait);
    if (!alone) return stop(env, exit_of_file(alone.error()), alone.error().what);
    edit.alone = std::move(*alone);
    if (const auto may = env.files.may_write(edit.path); !may)
      return stop(env, exit_of_file(may.error()), may.error().what);
  }
  if (env.files.exists(edit.path)) {
    auto content = env.files.read(edit.path, config_limit);
    if (!content) return stop(env, exit_of_file(content.error()), content.error().what);
    edit.before = std::move(*content);
  }
  edit.after = edit.before;
  return edit;
}

std::expected<void, Exit> add_entry(Env& env, ConfigEdit& edit, std::string_view section, std::string_view key,
                                    const render::Value& value, std::string_view comment) {
  const std::string block = render::write_yaml_key(key), line = render::write_yaml_line(value);
  const std::string flow = render::write_yaml_line(render::text_value(std::string(key)));
  if (!edit.document) {
    auto read = yaml::OpenDocument::read(edit.before.empty() ? std::string(new_config) : edit.before);
    if (!read) return refuse_text(env, edit);
    edit.document = std::move(*read);
  }
  const auto added =
      edit.document->add(section, {.key = key, .block = block, .flow = flow, .value = line, .comment = comment});
  if (!added)
    return stop(env, Exit::input, fmt::format("{}: {}", text::printable(edit.path), added.error().what),
                fmt::format("add it by hand: {}: {}", block, line));
  edit.after = edit.document->text();
  return {};
}

std::expected<void, Exit> write_config(Env& env, const ConfigEdit& edit) {
  if (edit.after == edit.before) return {};
  const auto now = env.files.exists(edit.path) ? env.files.read(edit.path, config_limit) : Result<std::string>{};
  if (!now) return stop(env, exit_of_file(now.error()), now.error().what);
  if (*now != edit.before)
    return stop(env, Exit::world, fmt::format("'{}' changed in the meantime", text::printable(edit.path)),
                "run the command again: what it wrote beside it is kept");
  const unsigned mode = env.files.mode(edit.path);
  const auto written = env.files.write(edit.path, edit.after, mode != 0 ? mode : usual_mode);
  if (!written) return stop(env, exit_of_file(written.error()), written.error().what);
  return {};
}

}  // namespace apigw::cli
