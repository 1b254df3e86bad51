#include "diff_state.h"

#include <filesystem>
#include <ostream>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "compare/documents.h"
#include "compare/manifests.h"
#include "compare/plans.h"
#include "project.h"
#include "validate_kubernetes.h"

namespace apigw::cli {
namespace {

namespace fs = std::filesystem;

// A folder of other files, as if it were where the program stands: both sides of a comparison then have the same
// paths.
class Rooted final : public config::Files {
 public:
  Rooted(const config::Files& files, std::shared_ptr<const config::Files> owner, std::string root)
      : files_(files), owner_(std::move(owner)), root_(std::move(root)) {}

  Result<std::string> read(const std::string& path, std::size_t limit) const override {
    return files_.read(at(path), limit);
  }
  std::vector<std::string> glob(const std::string& pattern) const override {
    auto found = files_.glob(at(pattern));
    if (!pattern.starts_with('/'))
      for (std::string& path : found) path = path.substr(root_.size());
    return found;
  }
  bool exists(const std::string& path) const override { return files_.exists(at(path)); }
  unsigned mode(const std::string& path) const override { return files_.mode(at(path)); }

 private:
  [[nodiscard]] std::string at(const std::string& path) const { return path.starts_with('/') ? path : root_ + path; }
  const config::Files& files_;
  std::shared_ptr<const config::Files> owner_;  // of files_, where somebody has to
  std::string root_;                            // "", or ends in '/'
};

const config::Files& files_of(const Env& env, const DiffPlace& place) {
  return place.commit != nullptr ? static_cast<const config::Files&>(*place.commit) : env.files;
}
bool is_folder(const Env& env, const DiffPlace& place) {
  return place.commit != nullptr ? place.commit->directory(place.path) : env.files.directory(place.path);
}
std::string inside(const std::string& folder, std::string_view name) {
  return (fs::path(folder) / name).lexically_normal().string();
}

std::expected<std::string, Exit> text_of(Env& env, const DiffPlace& place) {
  if (place.path == "-" && place.commit == nullptr) return read_stdin_text(env, config_limit);
  auto text = place.commit != nullptr ? place.commit->read(place.path, config_limit)
                                      : env.files.read_named(place.path, config_limit);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  return std::move(*text);
}

Exit show_findings(Env& env, const diag::Report& report, const diag::Sources& sources, const std::string& message) {
  const auto format = env.terminal.err ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(report, sources, format, env.terminal.color_err);
  return complain(env, Exit::input, message);
}

std::expected<DiffState, Exit> config_state(Env& env, const Globals& globals, const DiffPlace& place,
                                            std::string text) {
  const bool piped = place.path == "-";
  const fs::path path(place.path);
  std::string folder = piped ? "" : path.parent_path().string();
  if (!folder.empty() && !folder.ends_with('/')) folder += '/';
  ConfigState state{.files = std::make_shared<Rooted>(files_of(env, place), place.commit, folder), .loaded = {}};
  const config::Request request{.path = piped ? "-" : path.filename().string(),
                                .text = std::move(text),
                                .profile = globals.profile,
                                .sets = globals.sets};
  state.loaded = config::load(request, *state.files, env.environment, assembly::vocabulary());
  if (state.loaded.plan == nullptr)
    return std::unexpected(show_findings(env, state.loaded.report, state.loaded.sources,
                                         fmt::format("the config '{}' has errors", place.title())));
  return state;
}

std::expected<DiffState, Exit> document_state(Env& env, const DiffPlace& place, std::string text) {
  auto state = std::make_unique<DocumentState>();
  diag::Report report;
  state->tree = yaml::parse(state->sources.add(place.title(), std::move(text)), state->sources, report);
  report.finish(state->sources);
  if (!state->tree || report.has_errors())
    return std::unexpected(
        show_findings(env, report, state->sources, fmt::format("'{}' is no YAML or JSON", place.title())));
  return DiffState(std::move(state));
}

std::expected<DiffState, Exit> manifests_state(Env& env, const DiffPlace& place, std::vector<ManifestFile> files) {
  auto state = std::make_unique<ManifestsState>();
  diag::Report report;
  for (ManifestFile& file : files)
    state->objects.read(state->sources.add(std::move(file.path), std::move(file.text)), state->sources, report);
  state->objects.finish(state->sources);
  report.finish(state->sources);
  if (report.has_errors())
    return std::unexpected(
        show_findings(env, report, state->sources, fmt::format("not all of '{}' can be read", place.title())));
  return DiffState(std::move(state));
}

bool starts_like_openapi(std::string_view text) {
  for (std::string_view line : text::split(text.substr(0, 64 << 10), '\n')) {
    if (line.starts_with("openapi:") || line.starts_with("swagger:")) return true;
    line = text::trim(line);
    if (line.starts_with('{')) line = text::trim(line.substr(1));
    if (line.starts_with("\"openapi\"") || line.starts_with("\"swagger\"")) return true;
  }
  return false;
}

// Where a word points: a path that is there, else COMMIT or COMMIT:PATH.
struct Word {
  std::string ref, path;
  bool from_top = false;  // the path counts from the repository's top
};
Word read_word(const Env& env, const std::string& word) {
  if (word == "-" || env.files.exists(word)) return {.ref = "", .path = word};
  const auto colon = word.find(':');
  if (colon == std::string::npos) return {.ref = word, .path = ""};
  const std::string path = word.substr(colon + 1);
  const bool relative = path.starts_with("./") || path.starts_with("../");  // as git reads it
  return {.ref = word.substr(0, colon), .path = path.empty() ? "." : path, .from_top = !relative};
}

}  // namespace

std::string DiffPlace::title() const {
  if (commit == nullptr) return path == "-" ? "stdin" : path;
  return fmt::format("{}:{}", ref, path);
}

std::expected<std::pair<DiffPlace, DiffPlace>, Exit> diff_places(Env& env, const Globals& globals,
                                                                 const std::vector<std::string>& words) {
  const std::string config = globals.config.empty() ? std::string(default_config) : globals.config;
  std::vector<Word> all;
  for (const std::string& word : words) all.push_back(read_word(env, word));
  if (all.empty()) all.push_back({.ref = "HEAD", .path = ""});
  if (all.size() == 1 && all[0].ref.empty()) all = {Word{.ref = "HEAD", .path = all[0].path}, all[0]};
  if (all.size() == 1) all.push_back({.ref = "", .path = ""});
  std::array<DiffPlace, 2> places;
  for (std::size_t i = 0; i < 2; ++i) {
    places[i] = {.commit = nullptr, .ref = all[i].ref, .path = all[i].path};
    if (all[i].ref.empty()) continue;
    auto tree = GitTree::open(env, globals, all[i].ref);
    if (!tree) return std::unexpected(tree.error());
    places[i].commit = std::move(*tree);
    if (all[i].from_top && !all[i].path.empty()) places[i].path = places[i].commit->from_top(all[i].path);
  }
  // A side without a path has that of the other, else the config.
  for (std::size_t i = 0; i < 2; ++i)
    if (places[i].path.empty()) places[i].path = !places[1 - i].path.empty() ? places[1 - i].path : config;
  return std::pair{std::move(places[0]), std::move(places[1])};
}

std::expected<DiffState, Exit> read_state(Env& env, const Globals& globals, const DiffPlace& place) {
  if (place.path != "-" && is_folder(env, place)) {
    DiffPlace file = place;
    file.path = inside(place.path, default_config);
    if (files_of(env, place).exists(file.path)) return read_state(env, globals, file);
    auto found = manifests_below(env, files_of(env, place), globals, place.path);
    if (!found) return std::unexpected(found.error());
    return manifests_state(env, place, std::move(*found));
  }
  auto text = text_of(env, place);
  if (!text) return std::unexpected(text.error());
  const auto is_config = [&] {
    return text->starts_with("apigw:") || text->contains("\napigw:") ||
           fs::path(place.path).filename() == default_config;
  };
  if (is_config()) return config_state(env, globals, place, std::move(*text));
  if (kubernetes::holds_objects(*text)) {
    std::vector<ManifestFile> files;
    files.push_back({place.title(), std::move(*text)});
    return manifests_state(env, place, std::move(files));
  }
  if (starts_like_openapi(*text)) return document_state(env, place, std::move(*text));
  return std::unexpected(complain(env, Exit::input,
                                  fmt::format("'{}' is nothing that can be compared", text::printable(place.title())),
                                  "diff reads apigw configs, OpenAPI documents and Kubernetes manifests"));
}

std::string_view kind_of(const DiffState& state) {
  static constexpr std::string_view words[] = {"config", "OpenAPI document", "manifests"};
  return words[state.index()];
}

std::optional<compare::Changes> compare_states(const DiffState& before, const DiffState& after) {
  if (before.index() != after.index()) return std::nullopt;
  if (const auto* a = std::get_if<ConfigState>(&before)) {
    const auto side = [](const ConfigState& state) {
      return compare::Side{state.loaded.plan, [files = state.files](const std::string& path) {
                             return files->read(path, config_limit).value_or("");
                           }};
    };
    return compare::compare_plans(side(*a), side(std::get<ConfigState>(after)));
  }
  if (const auto* a = std::get_if<std::unique_ptr<DocumentState>>(&before))
    return compare::compare_documents((*a)->tree->root(),
                                      std::get<std::unique_ptr<DocumentState>>(after)->tree->root());
  return compare::compare_manifests(std::get<std::unique_ptr<ManifestsState>>(before)->objects,
                                    std::get<std::unique_ptr<ManifestsState>>(after)->objects);
}

}  // namespace apigw::cli
