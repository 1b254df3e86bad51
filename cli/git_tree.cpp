#include "git_tree.h"

#include <filesystem>

#include "base/text.h"
#include "run/program.h"

namespace apigw::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds usual_time{30};
constexpr std::size_t most_tree = 256u << 20;  // bytes of a listing

// git, told to take no locks, ask nobody, and run nothing that a repository's settings name.
Result<run::Answer> git(std::vector<std::string> arguments, std::chrono::milliseconds time, std::size_t limit) {
  std::vector<std::string> all{"git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"};
  std::ranges::move(arguments, std::back_inserter(all));
  return run::ask({.arguments = std::move(all),
                   .environment = {{"GIT_OPTIONAL_LOCKS", "0"},
                                   {"GIT_TERMINAL_PROMPT", "0"},
                                   {"GIT_NO_LAZY_FETCH", "1"},
                                   {"LC_ALL", "C"}},
                   .limit = limit,
                   .time = time});
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// Complains of a git that could not be asked.
Exit no_answer(Env& env, const Error& error) {
  if (error.kind == ErrorKind::not_found)
    return complain(env, Exit::world, "there is no git here to read a commit with", "install it, or name two paths");
  return complain(env, Exit::world, error.what,
                  error.kind == ErrorKind::timeout ? "--timeout 2m would wait longer" : "");
}

}  // namespace

std::expected<std::shared_ptr<const GitTree>, Exit> GitTree::open(Env& env, const Globals& globals,
                                                                  const std::string& ref) {
  const std::string shown = text::printable(ref, 100);
  if (ref.starts_with('-') || ref.empty())
    return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is no path and no commit", shown)));
  auto tree = std::make_shared<GitTree>();
  tree->ref_ = ref;
  tree->time_ = globals.timeout.value_or(usual_time);
  const auto place = git({"rev-parse", "--show-toplevel", "--show-prefix"}, tree->time_, 64u << 10);
  if (!place) return std::unexpected(no_answer(env, place.error()));
  if (place->status != 0)
    return std::unexpected(complain(
        env, Exit::input,
        fmt::format("'{}' is no path here, and no commit: {}", shown, text::printable(first_line(place->err), 200)),
        "name two paths, or stand in a repository"));
  tree->top_ = first_line(place->out);
  tree->here_ = first_line(std::string_view(place->out).substr(std::min(tree->top_.size() + 1, place->out.size())));
  const auto commit =
      git({"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"}, tree->time_, 64u << 10);
  if (!commit) return std::unexpected(no_answer(env, commit.error()));
  if (commit->status != 0)
    return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is no path here, and no commit", shown),
                                    "git log --oneline lists commits, git branch branches"));
  const auto listing =
      git({"ls-tree", "-r", "-z", "--long", "--full-tree", first_line(commit->out)}, tree->time_, most_tree);
  if (!listing) return std::unexpected(no_answer(env, listing.error()));
  if (listing->status != 0)
    return std::unexpected(
        complain(env, Exit::world,
                 fmt::format("git cannot read '{}': {}", shown, text::printable(first_line(listing->err), 200))));
  for (const std::string_view row : text::split(listing->out, '\0')) {  // "100644 blob HASH    SIZE\tPATH"
    const auto tab = row.find('\t');
    if (tab == std::string_view::npos) continue;
    const auto words = text::split(row.substr(0, tab), ' ');
    if (words.size() < 4 || words[1] != "blob" || words[0] == "120000") continue;  // no links, no submodules
    tree->entries_[std::string(row.substr(tab + 1))] = {
        std::string(words[2]), static_cast<std::size_t>(text::parse_number(words.back()).value_or(0)),
        words[0] == "100755" ? 0755u : 0644u};
  }
  return tree;
}

std::optional<std::string> GitTree::within(const std::string& path) const {
  fs::path whole(path);
  if (whole.is_absolute()) {
    whole = whole.lexically_normal().lexically_relative(top_);
  } else {
    whole = (fs::path(here_) / whole).lexically_normal();
  }
  std::string out = whole.string();
  while (out.ends_with('/')) out.pop_back();
  if (out == ".." || out.starts_with("../")) return std::nullopt;
  return out == "." ? std::string() : out;
}

const GitTree::Entry* GitTree::find(const std::string& path) const {
  const auto whole = within(path);
  const auto found = whole ? entries_.find(*whole) : entries_.end();
  return found == entries_.end() ? nullptr : &found->second;
}

Result<std::string> GitTree::read(const std::string& path, std::size_t limit) const {
  const std::string shown = fmt::format("{}:{}", ref_, text::printable(path));
  const Entry* const entry = find(path);
  if (entry == nullptr)
    return fail(ErrorKind::not_found, fmt::format("read '{}': the commit has no such file", shown));
  if (entry->size > limit)
    return fail(ErrorKind::too_large, fmt::format("read '{}': larger than {} bytes", shown, limit));
  auto answer = git({"cat-file", "blob", entry->hash}, time_, limit);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 0)
    return fail(ErrorKind::io, fmt::format("read '{}': {}", shown, text::printable(first_line(answer->err), 200)));
  return std::move(answer->out);
}

std::vector<std::string> GitTree::glob(const std::string& pattern) const {
  std::vector<std::string> out;
  const auto whole = within(pattern);
  if (!whole) return out;
  const auto wanted = text::split(pattern, '/'), steps = text::split(*whole, '/');
  const std::string literal = whole->substr(0, whole->find('*'));
  for (auto at = entries_.lower_bound(literal); at != entries_.end() && at->first.starts_with(literal); ++at) {
    const auto found = text::split(at->first, '/');
    if (found.size() != steps.size()) continue;
    const auto fits = [](std::string_view step, std::string_view name) {
      return text::glob(step, name) && (!name.starts_with('.') || step.starts_with('.'));
    };
    if (!std::ranges::equal(steps, found, fits)) continue;
    // In the words of the pattern, whose beginning may have been "../".
    std::vector<std::string> named(wanted.begin(), wanted.end());
    for (std::size_t i = 0; i < std::min(named.size(), found.size()); ++i)
      if (std::string& step = named[named.size() - 1 - i]; step.contains('*')) step = found[found.size() - 1 - i];
    out.push_back(text::join(named, "/"));
  }
  return out;
}

bool GitTree::exists(const std::string& path) const {
  return find(path) != nullptr || directory(path);
}

unsigned GitTree::mode(const std::string& path) const {
  const Entry* const entry = find(path);
  return entry == nullptr ? 0 : entry->mode;
}

bool GitTree::directory(const std::string& path) const {
  const auto whole = within(path);
  if (!whole || whole->empty()) return whole.has_value();
  const auto next = entries_.lower_bound(*whole + "/");
  return next != entries_.end() && next->first.starts_with(*whole + "/");
}

std::string GitTree::from_top(const std::string& path) const {
  const fs::path relative = fs::path(path).lexically_relative(here_.empty() ? fs::path(".") : fs::path(here_));
  return relative.empty() ? path : relative.string();
}

}  // namespace apigw::cli
