#include "config/overlay.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/literals.h"
#include "config/tables.h"

namespace apigw::config {

using yaml::Entry;
using yaml::Kind;
using yaml::Node;

namespace {

constexpr std::size_t file_limit = 10u << 20;   // as yaml::parse
constexpr std::size_t include_limit = 500;      // files
constexpr std::size_t total_limit = 32u << 20;  // bytes of all files together

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string{} : std::string(path.substr(0, slash + 1));
}

const Entry* entry_of(const Node& mapping, std::string_view key) {
  for (const Entry& entry : mapping.entries)
    if (entry.key->value == key) return &entry;
  return nullptr;
}

}  // namespace

// --- reading

const Node* Overlay::parse(std::string name, std::string text, std::string folder) {
  const SourceId source = out_.sources.add(std::move(name), std::move(text));
  folders_[source] = std::move(folder);
  auto tree = yaml::parse(source, out_.sources, out_.report);
  if (!tree) return nullptr;
  trees_.push_back(std::move(*tree));
  check_literals(trees_.back().root(), out_.report);
  return &trees_.back().root();
}

const Node* Overlay::read_file(const std::string& path, Span where) {
  auto text = files_.read(path, std::min(file_limit, total_limit - bytes_));
  if (text) {
    bytes_ += text->size();
    out_.files.push_back(path);
    return parse(path, std::move(*text), folder_of(path));
  }
  if (!where.known()) where = {out_.sources.add(path, ""), 0, 0};
  const bool large = text.error().kind == ErrorKind::too_large;
  auto& finding = report_unreadable(large ? 114 : 220, where, path, text.error(),
                                    "name a file, or a pattern that fits files alone", out_.report);
  if (large) finding.helps.emplace_back("a file may have 10 MiB, all files together 32 MiB: split it");
  return nullptr;
}

bool Overlay::read() {
  const Node* root = nullptr;
  if (request_.text) {
    const bool piped = request_.path == "-";
    bytes_ += std::min(request_.text->size(), file_limit);
    const bool named = !piped && !request_.path.empty();
    root = parse(named   ? request_.path
                 : piped ? "<stdin>"
                         : "<no config file>",
                 *request_.text, named ? folder_of(request_.path) : "");
    if (named) out_.files.push_back(request_.path);
  } else {
    root = read_file(request_.path, {});
  }
  read_sets();
  if (root == nullptr) return false;
  main_ = root->span.source;
  root_ = &make(*root);
  if (root_->kind == Kind::mapping) include_all();
  return true;
}

void Overlay::read_sets() {
  std::size_t number = 0;
  for (const auto& [path, value] : request_.sets) {
    const bool asked = number++ < request_.asked_sets;
    // Shown as it was written, with the value in its place; a value of several lines begins below.
    const std::string written = path + "=";
    const std::string blanks = std::string(written.size(), ' ') + (value.contains('\n') ? "\n" : "");
    const Node* node = parse(
        fmt::format("<{}{}{}>", asked ? "--set " : "", text::printable(path), asked ? "" : " where it is deployed"),
        blanks + value, "");
    const auto source = static_cast<SourceId>(out_.sources.size() - 1);
    if (path.find_first_of("\r\n") == std::string::npos) out_.sources.show(source, 0, written);
    if (node == nullptr) continue;
    if (path.empty()) {
      out_.report.add(222, {source, 0, 1}, "--set needs a path such as listen or caps.body");
      continue;
    }
    if (value.empty()) {
      Node empty = *node;
      empty.kind = Kind::scalar;
      const auto end = static_cast<std::uint32_t>(written.size());
      empty.span = {source, end, end};
      node = &make(std::move(empty));
    }
    sets_.push_back({path, source, node});
  }
}

// --- includes

std::vector<std::string> Overlay::matches(const Given<std::string>& pattern) {
  const std::string path = pattern->starts_with('/') ? *pattern : folders_[pattern.where.source] + *pattern;
  std::vector<std::string> found;
  if (path.find('*') != std::string::npos) {
    found = files_.glob(path);
    out_.globs.push_back(path);
  } else if (files_.exists(path))
    found = {path};
  if (found.empty())
    out_.report.add(218, pattern.where, fmt::format("include '{}' matches no file", text::printable(*pattern)))
        .helps.push_back("paths start at the folder of this file; '*' stays within one folder");
  return found;
}

void Overlay::include_all() {
  const Node* include = root_->find("include");
  if (include == nullptr) return;
  ConfigReading reading(out_.sources, out_.report, environment_, request_.secrets, folders_);
  const auto patterns = yaml::OneOrMore<yaml::Text>::read(*include, reading);
  std::set<std::string> seen;
  for (const auto& pattern : patterns.value_or(Texts{})) {
    if (!pattern) continue;
    for (const std::string& path : matches(pattern)) {
      if (path == request_.path) {
        out_.report.add(219, pattern.where, fmt::format("'{}' includes itself", text::printable(path)))
            .helps.push_back("narrow the pattern, for example services/*/apigw.yaml");
        continue;
      }
      if (!seen.insert(path).second || seen.size() > include_limit) continue;
      if (const Node* fragment = read_file(path, pattern.where)) merge(*fragment);
    }
  }
}

void Overlay::merge(const Node& fragment) {
  if (fragment.kind != Kind::mapping) {
    if (!fragment.is_null()) out_.report.add(202, fragment.span, "an included file must be a mapping");
    return;
  }
  for (const Entry& entry : fragment.entries) {
    const std::string& key = entry.key->value;
    if (key == "apigw" || entry_of(fragment, key) != &entry) continue;
    if (allowed_in_include(key)) {
      merge_map(entry);
      continue;
    }
    const auto rows = root_table().rows;
    const bool field = std::ranges::any_of(rows, [&](const yaml::Row& row) { return row.key == key; });
    if (field)
      out_.report.add(217, entry.key->span, fmt::format("'{}' has no place in an included file", key))
          .helps.push_back(
              "it may hold providers, models, services, routes and consumers; move this to the main file");
    else
      root_->entries.push_back(entry);  // an unknown key: reported by the table like any other
  }
}

void Overlay::merge_map(Entry entry) {
  const auto found = std::ranges::find(root_->entries, entry.key->value, [](const Entry& e) { return e.key->value; });
  if (found == root_->entries.end()) {
    root_->entries.push_back(entry);
    return;
  }
  if (entry.value->kind != Kind::mapping || found->value->kind != Kind::mapping) {
    const Node& odd = entry.value->kind != Kind::mapping ? *entry.value : *found->value;
    if (&odd == entry.value) out_.report.add(202, odd.span, fmt::format("'{}' must be a mapping", entry.key->value));
    return;
  }
  Node merged = *found->value;
  std::map<std::string_view, Span> places;
  for (const Entry& have : merged.entries) places.emplace(have.key->value, have.key->span);
  for (const Entry& more : entry.value->entries) {
    const auto [have, fresh] = places.emplace(more.key->value, more.key->span);
    if (fresh) {
      merged.entries.push_back(more);
    } else if (have->second.source != more.key->span.source) {
      auto& finding = out_.report.add(333, more.key->span,
                                      fmt::format("'{}' is declared in two files", text::printable(more.key->value)),
                                      "declared again");
      finding.labels.push_back({have->second, "declared first"});
      finding.helps.push_back("keep one, or rename one");
    }
  }
  found->value = &make(std::move(merged));
}

// --- variants

std::vector<std::string> Overlay::profiles() const {
  std::vector<std::string> names;
  const Node* profiles = root_->kind == Kind::mapping ? root_->find("profiles") : nullptr;
  if (profiles == nullptr) return names;
  for (const Entry& entry : profiles->entries)
    if (std::ranges::find(names, entry.key->value) == names.end()) names.push_back(entry.key->value);
  return names;
}

bool Overlay::check_profile(diag::Report& report) const {
  const auto names = profiles();
  if (request_.profile.empty() || std::ranges::find(names, request_.profile) != names.end()) return true;
  const Node* node = root_->kind == Kind::mapping ? root_->find("profiles") : nullptr;
  auto& finding = report.add(221, node != nullptr ? node->span : Span{main_, 0, 0},
                             fmt::format("there is no profile '{}'", text::printable(request_.profile)));
  const std::vector<std::string_view> words(names.begin(), names.end());
  if (const auto meant = text::closest(request_.profile, words))
    finding.helps.push_back(fmt::format("use --profile {}", *meant));
  else if (!names.empty())
    finding.helps.push_back("profiles: " + text::join(names, ", "));
  else
    finding.helps.push_back("declare it below profiles, or leave out --profile");
  return false;
}

void Overlay::apply_profile(Node& root, const Entry& profile, diag::Report& report) {
  if (profile.value->kind != Kind::mapping) {
    report.add(
        202, profile.value->span,
        fmt::format("profile '{}' must be a mapping of top-level fields", text::printable(profile.key->value)));
    return;
  }
  for (const Entry& entry : profile.value->entries) {
    const std::string& key = entry.key->value;
    if (key == "apigw" || key == "include" || key == "profiles") {
      report.add(217, entry.key->span, fmt::format("'{}' has no place in a profile", key))
          .helps.push_back("a profile replaces fields of the running gateway only");
      continue;
    }
    const auto found = std::ranges::find(root.entries, key, [](const Entry& e) { return e.key->value; });
    if (found == root.entries.end())
      root.entries.push_back(entry);
    else
      *found = entry;
  }
}

const Node& Overlay::variant(std::string_view profile, bool chosen, diag::Report& report) {
  Node& root = make(*root_);
  const Node* profiles = root.kind == Kind::mapping ? root.find("profiles") : nullptr;
  if (profiles != nullptr && profiles->kind != Kind::mapping) {
    if (profile.empty()) report.add(202, profiles->span, "profiles must be a mapping of names");
  } else if (profiles != nullptr && !profile.empty()) {
    if (const Entry* entry = entry_of(*profiles, profile)) {
      if (!is_name(profile))
        report.add(215, entry->key->span, fmt::format("'{}' is not a profile name", text::printable(profile)))
            .helps.push_back("letters, digits, '.', '_' and '-'");
      apply_profile(root, *entry, report);
    }
  }
  const Node* out = &root;
  for (const Set& set : chosen ? sets_ : std::vector<Set>{}) out = set_below(out, set, set.path, report);
  return *out;
}

// A copy of `node` with the value of `set` at `path`, the end of its own. Names may hold dots: the longest key that
// is there wins.
const Node* Overlay::set_below(const Node* node, const Set& set, std::string_view path, diag::Report& report) {
  if (path.empty()) return set.value;
  const auto place = [&](std::string_view part) {  // of the path's next part
    const auto begin = static_cast<std::uint32_t>(set.path.size() - path.size());
    return Span{set.source, begin, begin + static_cast<std::uint32_t>(part.size())};
  };
  if (node->kind != Kind::mapping && !node->is_null()) {
    report
        .add(222, place(path),
             fmt::format("--set cannot reach '{}': what stands above it is not a mapping", text::printable(path)))
        .labels.push_back({node->span, "this value"});
    return node;
  }
  std::string_view key = path.substr(0, path.find('.'));
  for (const Entry& entry : node->entries) {
    const std::string_view have = entry.key->value;
    const bool fits = path.starts_with(have) && (path.size() == have.size() || path[have.size()] == '.');
    if (fits && have.size() > key.size()) key = have;
  }
  const Span where = place(key);
  const std::string_view rest = path.size() > key.size() ? path.substr(key.size() + 1) : std::string_view{};
  Node copy = *node;
  copy.kind = Kind::mapping;
  const Node key_node{.kind = Kind::scalar, .span = where, .value = std::string(key)};
  const auto found =
      std::ranges::find(copy.entries, key, [](const Entry& e) -> std::string_view { return e.key->value; });
  const Node nothing{.kind = Kind::null, .span = where};
  const Node* below = set_below(found == copy.entries.end() ? &make(nothing) : found->value, set, rest, report);
  if (found == copy.entries.end())
    copy.entries.push_back({&make(key_node), below});
  else
    found->value = below;
  return &make(std::move(copy));
}

}  // namespace apigw::config
