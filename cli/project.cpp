#include "project.h"

#include <ostream>

#include "assembly/vocabulary.h"
#include "base/text.h"

namespace apigw::cli {

std::expected<std::string, Exit> read_stdin(Env& env, std::size_t limit, std::string_view instead) {
  auto content = env.files.read_stdin(limit);
  if (content) return std::move(*content);
  const bool silent = content.error().kind == ErrorKind::timeout;
  return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what, silent ? instead : ""));
}

std::expected<std::string, Exit> read_stdin_text(Env& env, std::size_t limit, std::string_view instead) {
  auto content = read_stdin(env, limit, instead);
  if (!content) return content;
  const bool zero = content->find('\0') != std::string::npos;
  if (!zero && text::valid_utf8(*content)) return content;
  return std::unexpected(
      complain(env, Exit::input,
               zero ? "stdin is no text: it holds a zero byte" : "stdin is no text: it is not UTF-8", "pipe text"));
}

std::expected<config::Request, Exit> project_request(Env& env, const Globals& globals) {
  config::Request request{.path = globals.config, .profile = globals.profile, .sets = globals.sets};
  if (request.path == "-") {
    auto content = read_stdin(env, config_limit);
    if (!content) return std::unexpected(content.error());
    request.text = std::move(*content);
  } else if (request.path.empty() && env.files.exists(std::string{default_config})) {
    request.path = default_config;
  }
  return request;
}

std::expected<void, Exit> read_text(Env& env, config::Request& request) {
  if (request.path.empty() || request.text) return {};
  auto content = env.files.read_named(request.path, config_limit);
  if (!content)
    return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what,
                                    "name a config with -c, or make one: apigw init"));
  request.text = std::move(*content);
  return {};
}

std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals, config::Request request) {
  return load_project(env, globals, std::move(request), env.environment);
}

std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals, config::Request request,
                                                 const config::Environment& environment) {
  if (const auto read = read_text(env, request); !read) return std::unexpected(read.error());
  config::Loaded loaded = config::load(request, env.files, environment, assembly::vocabulary());
  if (loaded.plan != nullptr) return loaded;
  const auto format = env.terminal.err ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(loaded.report, loaded.sources, format, env.terminal.color_err);
  if (!loaded.report.has_errors())  // a value that only the environment has is wanted
    return std::unexpected(complain(env, Exit::input,
                                    "the config is not whole without the variables that are named above",
                                    "set them, in the environment or in .env beside the config, and run this again"));
  return std::unexpected(complain(env, Exit::input, "the config has errors",
                                  globals.quiet ? "" : "'apigw explain CODE' explains each of them"));
}

std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals) {
  auto request = project_request(env, globals);
  if (!request) return std::unexpected(request.error());
  return load_project(env, globals, std::move(*request));
}

std::string project_path(const Env& env, const Globals& globals) {
  if (!globals.config.empty() && globals.config != "-") return env.files.absolute(globals.config);
  const std::string usual{default_config};
  return env.files.absolute(globals.config.empty() && env.files.exists(usual) ? usual : ".");
}

std::expected<std::string, Exit> data_of(Env& env, const std::string& data, std::size_t limit) {
  if (!data.starts_with('@')) return data;
  if (data == "@-") return read_stdin(env, limit);
  auto content = env.files.read_named(data.substr(1), limit);
  if (!content) return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what));
  return std::move(*content);
}

}  // namespace apigw::cli
