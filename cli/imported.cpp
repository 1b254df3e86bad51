#include "imported.h"

#include <filesystem>
#include <ostream>

#include "assembly/vocabulary.h"
#include "diag/render.h"
#include "project.h"

namespace apigw::cli {

std::expected<std::string, Exit> importable_text(Env& env, const std::string& file) {
  if (file == "-") return read_stdin(env, import::document_limits.text);
  auto text = env.files.read_named(file, import::document_limits.text);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  return std::move(*text);
}

import::Imported imported(std::string_view kind, const std::string& file, std::string text,
                          const std::string& beside) {
  const auto rows = import::roster();
  const auto row = std::ranges::find(rows, kind, &import::RosterRow::word);
  return import::read_document(*row, file, std::move(text), assembly::vocabulary(), beside);
}

std::string path_beside(const Env& env, const std::string& file, const std::string& folder) {
  if (file == "-") return {};
  const std::filesystem::path from = env.files.absolute(folder), to = env.files.absolute(file);
  const std::string path = to.lexically_relative(from).generic_string();
  return path.starts_with("..") || path.starts_with('/') || path.contains('#') ? "" : path;
}

void tell_losses(Env& env, const import::Imported& done) {
  const bool full = env.terminal.err && done.report.has_errors();
  const auto format = full ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(done.report, done.sources, format, env.terminal.color_err);
  if (done.report.dropped() > 0 && !full) env.err << diag::summary(done.report, done.sources) << '\n';
}

}  // namespace apigw::cli
