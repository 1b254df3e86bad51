#include "mend_files.h"

#include <algorithm>
#include <ostream>
#include <tuple>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "config/mend.h"
#include "project.h"
#include "render/file_tree.h"

namespace apigw::cli {
namespace {

constexpr unsigned usual_mode = 0644;  // where the file system tells none

std::expected<void, Exit> replace(Env& env, const std::string& path, const config::Mended::File& file) {
  const auto now = env.files.read(path, config_limit);
  if (!now) return std::unexpected(complain(env, exit_of_file(now.error()), now.error().what));
  if (*now != file.before)
    return std::unexpected(complain(env, Exit::world,
                                    fmt::format("'{}' changed while it was read", text::printable(path)),
                                    "run the command again"));
  const unsigned mode = env.files.mode(path);
  const auto written = env.files.write(path, file.after, mode != 0 ? mode : usual_mode);
  if (!written) return std::unexpected(complain(env, exit_of_file(written.error()), written.error().what));
  return {};
}

// One line each, by file and place.
std::string edits_text(std::vector<config::Mended::Edit> edits) {
  std::ranges::sort(edits, {}, [](const auto& edit) { return std::tie(edit.path, edit.line, edit.code); });
  std::string out;
  for (const auto& [path, line, code, message] : edits)
    out += fmt::format("{}:{}: would mend {}: {}\n", text::printable(path), line, diag::code_name(code), message);
  return out;
}

}  // namespace

std::expected<MendedFiles, Exit> mend_files(Env& env, const Globals& globals, const FixFlags& flags,
                                            const config::Request& request, const config::Environment& environment) {
  config::Mended mended = config::mend(request, env.files, environment, assembly::vocabulary());
  const bool write = !flags.dry_run && !flags.diff;
  std::string names;
  for (const auto& [path, file] : mended.files) {
    if (flags.diff) env.out << render::unified_diff(path, file.before, file.after);
    if (write)
      if (const auto done = replace(env, path, file); !done) return std::unexpected(done.error());
    names += (names.empty() ? "" : ", ") + text::printable(path);
  }
  if (!mended.files.empty() && !globals.quiet) {
    if (flags.dry_run) env.err << edits_text(mended.edits);
    env.err << fmt::format("{} {} finding{} in {}{}\n", write ? "mended" : "would mend", mended.edits.size(),
                           mended.edits.size() == 1 ? "" : "s", names, write ? "" : "; nothing was written");
  }
  if (write || mended.files.empty()) return MendedFiles{std::move(mended.now), !mended.files.empty()};
  return MendedFiles{config::load(request, env.files, environment, assembly::vocabulary()), true};
}

}  // namespace apigw::cli
