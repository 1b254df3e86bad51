#include "own_template.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "base/text.h"
#include "diag/render.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 16 << 20, most_files = 2000, most_depth = 16;

using Content = std::map<std::string, std::string>;
using Done = std::expected<void, Exit>;

// The files below `folder`, by their paths from there.
Done collect(Env& env, const std::string& folder, const std::string& prefix, std::size_t depth, Content& out) {
  for (const char* pattern : {"*", ".*"})
    for (const std::string& path : env.files.glob(below(folder, pattern))) {
      const std::string name = path.substr(path.rfind('/') + 1), shown = prefix + name;
      if (name == "." || name == ".." || name == ".git" || shown == scaffold::template_file) continue;
      if (env.files.link(path))
        return std::unexpected(complain(env, Exit::input,
                                        fmt::format("'{}' is a symbolic link", text::printable(path)),
                                        "a template holds its files itself: put a copy there"));
      if (env.files.directory(path)) {
        if (depth == most_depth)
          return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is too deep", text::printable(path)),
                                          fmt::format("folders of a template are at most {} deep", most_depth)));
        if (const auto done = collect(env, path, shown + "/", depth + 1, out); !done) return done;
        continue;
      }
      auto content = env.files.read(path, file_limit);
      if (!content) return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what));
      out[shown] = std::move(*content);
      if (out.size() > most_files)
        return std::unexpected(
            complain(env, Exit::input, fmt::format("'{}' has too many files", text::printable(folder)),
                     fmt::format("a template has at most {}; is this the right folder?", most_files)));
    }
  return {};
}

std::string names_of(const std::vector<scaffold::Parameter>& parameters) {
  std::string out;
  for (const scaffold::Parameter& one : parameters) out += (out.empty() ? "" : ", ") + one.name;
  return out.empty() ? "it asks for nothing" : "it asks for " + out;
}

// " (who is called at night; one of a, b)"
std::string described(const scaffold::Parameter& parameter) {
  std::string more = parameter.description;
  if (!parameter.choices.empty())
    more += fmt::format("{}one of {}", more.empty() ? "" : "; ", text::join(parameter.choices, ", "));
  return more.empty() ? "" : fmt::format(" ({})", more);
}

class Asking {
 public:
  Asking(Env& env, const Globals& globals, const std::vector<scaffold::Parameter>& parameters)
      : env_(env), globals_(globals), parameters_(parameters) {}

  std::expected<scaffold::ParameterValues, Exit> values(const scaffold::ParameterValues& before) {
    scaffold::ParameterValues out;
    for (const auto& [name, value] : globals_.sets) {
      const auto at = std::ranges::find(parameters_, name, &scaffold::Parameter::name);
      if (at == parameters_.end())
        return stop(fmt::format("the template has no parameter '{}'", text::printable(name)), names_of(parameters_));
      if (const std::string fault = scaffold::fault_of(*at, value); !fault.empty())
        return stop(fmt::format("--set {}: '{}' is no value of it", name, text::printable(value)), fault);
      out[name] = value;
    }
    std::string missing;
    for (const scaffold::Parameter& parameter : parameters_) {
      if (out.contains(parameter.name)) continue;
      const auto known = before.find(parameter.name);
      if (known != before.end() && scaffold::fault_of(parameter, known->second).empty())
        out[parameter.name] = known->second;
      else if (parameter.fallback)
        out[parameter.name] = *parameter.fallback;
      else if (const auto asked = ask(parameter))
        out[parameter.name] = *asked;
      else
        missing += fmt::format("{}--set {}=…{}", missing.empty() ? "" : ", ", parameter.name, described(parameter));
    }
    if (!missing.empty()) return stop("the template asks for values that are missing", "give " + missing);
    return out;
  }

 private:
  std::unexpected<Exit> stop(std::string_view message, std::string_view help) {
    return std::unexpected(complain(env_, Exit::input, message, help));
  }

  // The answer of a person; nothing where nobody is there, or it is no value.
  std::optional<std::string> ask(const scaffold::Parameter& parameter) {
    if (!env_.terminal.in || !env_.terminal.err || globals_.no_input) return std::nullopt;
    env_.err << parameter.name << described(parameter) << ": " << std::flush;
    std::string line;
    std::getline(env_.in, line);
    std::string value(text::trim(line));
    return value.empty() || !scaffold::fault_of(parameter, value).empty() ? std::nullopt : std::optional(value);
  }

  Env& env_;
  const Globals& globals_;
  const std::vector<scaffold::Parameter>& parameters_;
};

Exit refuse(Env& env, diag::Report& report, const diag::Sources& sources, const std::string& folder) {
  report.finish(sources);
  env.err << diag::render(report, sources, env.terminal.err ? diag::Format::full : diag::Format::concise,
                          env.terminal.color_err);
  return complain(env, Exit::input, fmt::format("the template '{}' has errors", text::printable(folder)),
                  "nothing was written; 'apigw explain CODE' explains each of them");
}

}  // namespace

std::expected<FilledTemplate, Exit> fill_own_template(Env& env, const Globals& globals, const std::string& folder,
                                                      const scaffold::ServiceRequest& request,
                                                      const scaffold::ParameterValues& before) {
  const std::string declared = below(folder, std::string(scaffold::template_file));
  if (!env.files.directory(folder) || !env.files.exists(declared))
    return std::unexpected(
        complain(env, Exit::input, fmt::format("'{}' is no template", text::printable(folder)),
                 fmt::format("a folder with {} is wanted; `apigw new service --help` says what stands "
                             "in it",
                             scaffold::template_file)));
  auto text = env.files.read(declared, file_limit);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  diag::Sources sources;
  diag::Report report;
  const auto made = scaffold::read_template(sources.add(declared, std::move(*text)), sources, report);
  if (!made) return std::unexpected(refuse(env, report, sources, folder));
  Content content;
  if (const auto done = collect(env, folder, "", 0, content); !done) return std::unexpected(done.error());
  auto values = Asking(env, globals, made->parameters).values(before);
  if (!values) return std::unexpected(values.error());
  FilledTemplate out{.stack = made->stack, .kind = made->kind, .values = std::move(*values), .tree = {}};
  out.tree = scaffold::fill_template(*made, content, folder, request, out.values, sources, report);
  if (report.has_errors()) return std::unexpected(refuse(env, report, sources, folder));
  return out;
}

}  // namespace apigw::cli
