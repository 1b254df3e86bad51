#include "emit_files.h"

#include <ostream>

#include "base/text.h"
#include "render/fingerprint.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 64 << 20;

std::expected<std::string, Exit> content_of(Env& env, const std::string& path) {
  if (!env.files.exists(path)) return std::string();
  auto text = env.files.read(path, file_limit);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  return std::move(*text);
}

// The lock that is there, of the same target; an empty one where there is none.
std::expected<emit::Lock, Exit> lock_of(Env& env, const EmitFolder& folder) {
  const std::string path = below(folder.path, std::string(emit::lock_name));
  const auto text = content_of(env, path);
  if (!text) return std::unexpected(text.error());
  if (text->empty() && !env.files.exists(path)) return emit::Lock{};
  auto lock = emit::read_lock(*text);
  if (!lock)
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' is broken: {}", text::printable(path), lock.error().what),
                                    "bring back what was committed, or remove it: files that differ from what would "
                                    "be written then count as edited"));
  if (lock->target != folder.lock.target)
    return std::unexpected(
        complain(env, Exit::input,
                 fmt::format("'{}' holds what 'emit {}' wrote", text::printable(folder.path),
                             text::printable(lock->target, 40)),
                 fmt::format("name another folder with --to, or remove this one when it is to hold '{}' instead",
                             folder.lock.target)));
  return std::move(*lock);
}

// Whatever --to names is the folder, and nothing below it leads out of it.
std::expected<void, Exit> check_link(Env& env, const EmitFolder& folder, const std::string& path) {
  const std::string link = link_on_the_way(env, folder.path, path);
  if (link.empty()) return {};
  return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is a symbolic link", text::printable(link)),
                                  "files are written into their own folder only: remove the link, or name another "
                                  "folder with --to"));
}

}  // namespace

std::expected<std::vector<EmitStep>, Exit> plan_folder(Env& env, const render::FileTree& tree,
                                                       const EmitFolder& folder) {
  if (const auto ok = check_link(env, folder, std::string(emit::lock_name)); !ok) return std::unexpected(ok.error());
  const auto lock = lock_of(env, folder);
  if (!lock) return std::unexpected(lock.error());
  for (const auto& [path, file] : tree)
    if (const auto ok = check_link(env, folder, path); !ok) return std::unexpected(ok.error());
  for (const auto& [path, hash] : lock->files)
    if (const auto ok = check_link(env, folder, path); !ok) return std::unexpected(ok.error());
  std::map<std::string, EmitStep> steps;
  const auto ours = [&](const std::string& path, const std::string& content) {
    const auto known = lock->files.find(path);
    return known != lock->files.end() && known->second == render::fingerprint(content);
  };
  for (const auto& [path, file] : tree) {
    EmitStep step{.path = path, .change = "create", .differs = true};
    if (env.files.exists(below(folder.path, path))) {
      const auto content = content_of(env, below(folder.path, path));
      if (!content) return std::unexpected(content.error());
      step.differs = *content != file.content;
      step.change = !step.differs ? "same" : ours(path, *content) ? "replace" : "edited";
    }
    steps.emplace(path, step);
  }
  for (const auto& [path, hash] : lock->files) {
    if (folder.partial || tree.contains(path) || !env.files.exists(below(folder.path, path))) continue;
    const auto content = content_of(env, below(folder.path, path));
    if (!content) return std::unexpected(content.error());
    steps.emplace(path, EmitStep{path, ours(path, *content) ? "remove" : "edited", true});
  }
  std::vector<EmitStep> out;
  for (auto& [path, step] : steps) out.push_back(std::move(step));
  return out;
}

void print_diffs(Env& env, const render::FileTree& tree, const EmitFolder& folder,
                 const std::vector<EmitStep>& steps) {
  for (const EmitStep& step : steps) {
    if (!step.differs) continue;
    const auto file = tree.find(step.path);
    const auto before = content_of(env, below(folder.path, step.path));
    env.out << render::unified_diff(below(folder.path, step.path), before.value_or(""),
                                    file == tree.end() ? "" : file->second.content);
  }
}

std::expected<void, Exit> write_folder(Env& env, const render::FileTree& tree, EmitFolder folder,
                                       const std::vector<EmitStep>& steps) {
  if (folder.partial) {
    auto lock = lock_of(env, folder);
    if (!lock) return std::unexpected(lock.error());
    folder.lock.files = std::move(lock->files);
  }
  const auto checked = [&](const Result<void>& done) -> std::expected<void, Exit> {
    if (done) return {};
    return std::unexpected(complain(env, exit_of_file(done.error()), done.error().what));
  };
  for (const EmitStep& step : steps) {
    const auto file = tree.find(step.path);
    const std::string path = below(folder.path, step.path);
    if (file != tree.end()) folder.lock.files[step.path] = render::fingerprint(file->second.content);
    if (!step.differs) continue;
    const auto done = checked(file == tree.end() ? env.files.remove(path)
                                                 : env.files.write(path, file->second.content, file->second.mode));
    if (!done) return done;
  }
  const std::string lock = emit::write_lock(folder.lock);
  const std::string path = below(folder.path, std::string(emit::lock_name));
  const auto before = content_of(env, path);
  if (before && *before == lock) return {};
  return checked(env.files.write(path, lock, 0644));
}

}  // namespace apigw::cli
