#include "tree_writer.h"

#include <ostream>

namespace apigw::cli {
namespace {

constexpr std::size_t compare_limit = 64 << 20;

struct Planned {
  Step step;
  std::string target;
  std::string before;  // its content now
};

Result<Planned> plan(Env& env, const std::string& path, const render::File& file, const std::string& directory,
                     bool force) {
  Planned planned{.step = {.path = path, .change = Change::create}, .target = below(directory, path)};
  if (!env.files.exists(planned.target)) return planned;
  auto before = env.files.read(planned.target, compare_limit);
  if (!before) return std::unexpected(before.error());
  planned.step.change = *before == file.content ? Change::same : force ? Change::replace : Change::keep;
  planned.before = std::move(*before);
  return planned;
}

}  // namespace

std::string below(const std::string& directory, const std::string& path) {
  return directory.empty() || directory == "." ? path : directory + (directory.ends_with('/') ? "" : "/") + path;
}

std::string link_on_the_way(const Env& env, const std::string& base, const std::string& path) {
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string part = below(base, path.substr(0, end));
    if (env.files.link(part)) return part;
    if (end == std::string::npos) return {};
  }
}

void declare_tree_flags(Options& options, TreeFlags& flags) {
  options.add({.names = "--force", .doc = "replace files that differ"}, &flags.force);
  options.add({.names = "--dry-run", .doc = "say what would be written, write nothing"}, &flags.dry_run);
  options.add({.names = "--diff", .doc = "print what would change, write nothing; exit 1 when something would"},
              &flags.diff);
}

std::string_view word(Change change) {
  switch (change) {
    case Change::create:
      return "create";
    case Change::replace:
      return "replace";
    case Change::keep:
      return "keep";
    case Change::same:
      return "same";
    case Change::edit:
      return "edit";
    case Change::remove:
      return "remove";
  }
  return "same";
}

std::expected<std::vector<Step>, Exit> write_tree(Env& env, const render::FileTree& tree,
                                                  const std::string& directory, const TreeFlags& flags,
                                                  const Replaces& replaces) {
  std::vector<Planned> all;
  for (const auto& [path, file] : tree) {
    auto planned = plan(env, path, file, directory, replaces ? replaces(path) : flags.force || flags.diff);
    if (!planned) return std::unexpected(complain(env, exit_of_file(planned.error()), planned.error().what));
    all.push_back(std::move(*planned));
  }
  std::vector<Step> steps;
  for (const Planned& planned : all) {
    const render::File& file = tree.at(planned.step.path);
    const bool changes = planned.step.change == Change::create || planned.step.change == Change::replace;
    if (changes && flags.diff) env.out << render::unified_diff(planned.target, planned.before, file.content);
    if (changes && !flags.diff && !flags.dry_run)
      if (const auto written = env.files.write(planned.target, file.content, file.mode); !written)
        return std::unexpected(complain(env, exit_of_file(written.error()), written.error().what));
    steps.push_back(planned.step);
  }
  return steps;
}

}  // namespace apigw::cli
