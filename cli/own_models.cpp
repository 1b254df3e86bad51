#include "own_models.h"

#include <algorithm>
#include <ostream>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "output.h"
#include "project.h"
#include "render/file_tree.h"

namespace apigw::cli {
namespace {

using catalogue::ModelRow;
using catalogue::Models;
using catalogue::OwnTable;
using nlohmann::ordered_json;

constexpr std::string_view reset_help =
    "mend it, or go back to the table that is compiled in: apigw models update --reset";

bool same(const ModelRow& a, const ModelRow& b) {
  return a.context == b.context && a.max_output == b.max_output && a.prices == b.prices && a.traits == b.traits &&
         std::ranges::equal(a.tiers, b.tiers);
}

std::expected<std::string, Exit> given_text(Env& env, const std::string& file) {
  if (file == "-") return read_stdin_text(env, OwnTable::most_bytes, "name the file: apigw models update FILE");
  auto text = env.files.read_named(file, OwnTable::most_bytes);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  return std::move(*text);
}

std::expected<std::string, Exit> place(Env& env) {
  auto path = own_models_path(env.environment);
  if (path) return std::move(*path);
  return std::unexpected(complain(env, Exit::input, "nobody says where your data is: HOME is not set",
                                  "set XDG_DATA_HOME to a directory of yours"));
}

// Empty where there is none.
std::expected<std::string, Exit> text_at(Env& env, const std::string& path) {
  if (!env.files.exists(path)) return std::string();
  auto text = env.files.read(path, OwnTable::most_bytes);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  return std::move(*text);
}

Exit reset(Env& env, const Globals& globals, const std::string& path, const std::string& before,
           const ModelsUpdate& wish) {
  const bool there = env.files.exists(path);
  if (wish.diff) {
    env.out << render::unified_diff(path, before, "");
    return there ? Exit::no : Exit::done;
  }
  if (there && !wish.dry_run)
    if (const auto removed = env.files.remove(path); !removed)
      return complain(env, exit_of_file(removed.error()), removed.error().what);
  const ordered_json body{{"file", path}, {"removed", there}};
  return write_document(env, globals, "models-update", body, [&](bool) {
    const std::string_view what = !there ? "there is no" : wish.dry_run ? "would remove" : "removed";
    return fmt::format("{} {}: the table that is compiled in holds\n", what, path);
  });
}

// Rows of the new table, held against what was known before it.
struct Counts {
  std::size_t rows = 0, fresh = 0, changed = 0;
  std::size_t gone = 0;  // of the table before, which this one takes the place of
};

// `old`: the table before; null: there was none that can be read.
Counts count(const OwnTable& table, const OwnTable* old) {
  const Models& before = old != nullptr ? old->models() : Models::built_in();
  Counts counts{.rows = table.rows().size()};
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const ModelRow& row : table.rows()) names.emplace(row.provider, row.model);
  if (old != nullptr)
    for (const ModelRow& row : old->rows()) counts.gone += names.contains({row.provider, row.model}) ? 0 : 1;
  for (const ModelRow& row : table.rows()) {
    const ModelRow* const known = before.exact(row.provider, row.model);
    counts.fresh += known == nullptr ? 1 : 0;
    counts.changed += known != nullptr && !same(*known, row) ? 1 : 0;
  }
  return counts;
}

Exit report(Env& env, const Globals& globals, const std::string& path, const Counts& counts,
            const ModelsUpdate& wish) {
  const ordered_json body{{"file", path},        {"models", counts.rows},
                          {"new", counts.fresh}, {"changed", counts.changed},
                          {"gone", counts.gone}, {"written", !wish.dry_run}};
  const Exit exit = write_document(env, globals, "models-update", body, [&](bool) {
    return fmt::format("{} {}: {} model{}, {} of them new, {} with other figures than before{}\n",
                       wish.dry_run ? "would write" : "wrote", path, counts.rows, counts.rows == 1 ? "" : "s",
                       counts.fresh, counts.changed,
                       counts.gone == 0 ? ""
                                        : fmt::format("; {} of the table before {} not in it and gone", counts.gone,
                                                      counts.gone == 1 ? "is" : "are"));
  });
  if (exit == Exit::done && !wish.dry_run && !globals.quiet)
    env.err << "note: a gateway that runs keeps the figures that it began with\n";
  return exit;
}

}  // namespace

std::optional<std::string> own_models_path(const config::Environment& environment) {
  const auto set = [&](std::string_view name) {
    const auto found = environment.find(name);
    return found != environment.end() && found->second.starts_with('/') ? found->second : std::string();
  };
  if (const std::string data = set("XDG_DATA_HOME"); !data.empty()) return data + "/apigw/models.txt";
  if (const std::string home = set("HOME"); !home.empty()) return home + "/.local/share/apigw/models.txt";
  return std::nullopt;
}

void tell_faults(Env& env, const std::string& file, const std::vector<catalogue::Fault>& faults) {
  for (const catalogue::Fault& fault : faults) env.err << fmt::format("{}:{}: {}\n", file, fault.line, fault.what);
  if (faults.size() == OwnTable::most_faults) env.err << "and perhaps more\n";
}

std::expected<std::shared_ptr<const OwnTable>, Exit> own_models(Env& env) {
  const auto path = own_models_path(env.environment);
  if (!path || !env.files.exists(*path)) return nullptr;
  auto text = env.files.read(*path, OwnTable::most_bytes);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what, reset_help));
  auto table = OwnTable::read(std::move(*text));
  if (table) return std::move(*table);
  tell_faults(env, *path, table.error());
  return std::unexpected(complain(env, Exit::input, "your own table of models cannot be used", reset_help));
}

std::expected<std::shared_ptr<const Models>, Exit> known_models(Env& env) {
  auto table = own_models(env);
  if (!table) return std::unexpected(table.error());
  const Models* const models = *table ? &(*table)->models() : &Models::built_in();
  return std::shared_ptr<const Models>(std::move(*table), models);
}

Exit update_models(Env& env, const Globals& globals, const ModelsUpdate& wish) {
  if (const auto formats = destinations(globals, document_formats); !formats)
    return complain(env, Exit::input, formats.error());
  const auto path = place(env);
  if (!path) return path.error();
  const auto before = text_at(env, *path);
  if (!before) return before.error();
  if (wish.reset) return reset(env, globals, *path, *before, wish);
  const auto text = given_text(env, wish.file);
  if (!text) return text.error();
  const auto table = OwnTable::read(*text);
  if (!table) {
    tell_faults(env, wish.file == "-" ? "stdin" : wish.file, table.error());
    return complain(env, Exit::input, "this is no table of models; nothing was changed",
                    "'apigw models --help' says how one is written");
  }
  if (wish.diff) {
    env.out << render::unified_diff(*path, *before, *text);
    return *before == *text ? Exit::done : Exit::no;
  }
  // A table that was damaged since is no reason to keep it: the figures compiled in stand for it then.
  const auto old = OwnTable::read(*before);
  const Counts counts = count(**table, old ? old->get() : nullptr);
  if (!wish.dry_run)
    if (const auto written = env.files.write(*path, *text, 0644); !written)
      return complain(env, exit_of_file(written.error()), written.error().what);
  return report(env, globals, *path, counts, wish);
}

}  // namespace apigw::cli
