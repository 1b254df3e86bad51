#include "config/mend.h"

#include <algorithm>
#include <array>
#include <ranges>

#include "diag/edits.h"

namespace apigw::config {
namespace {

constexpr int most_rounds = 20;
constexpr int most_trials = 100;  // edits tried alone, over all rounds
constexpr std::size_t file_limit = 10u << 20;

using Texts = std::map<std::string, std::string>;  // by path; what differs from the disk

// The disk with some files replaced.
class Edited final : public Files {
 public:
  Edited(const Files& below, const Texts& texts) : below_(below), texts_(texts) {}
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return below_.read(path, limit);
    if (found->second.size() > limit) return fail(ErrorKind::too_large, "the edited text is too large");
    return found->second;
  }
  [[nodiscard]] std::vector<std::string> glob(const std::string& pattern) const override {
    return below_.glob(pattern);
  }
  [[nodiscard]] bool exists(const std::string& path) const override { return below_.exists(path); }
  [[nodiscard]] unsigned mode(const std::string& path) const override { return below_.mode(path); }

 private:
  const Files& below_;
  const Texts& texts_;
};

// How bad a config is, compared from the front: errors by their hundred (a syntax error hides errors of shape, those
// hide errors of meaning: fewer of an earlier kind is better even when it brings later ones to light), then warnings.
using Badness = std::array<std::size_t, 20>;
Badness badness(const diag::Report& report) {
  Badness bad{};
  for (const diag::Diagnostic& finding : report.all()) {
    const std::size_t kind = std::min<std::size_t>(static_cast<std::size_t>(finding.code) / 100, 9);
    if (finding.severity == diag::Severity::error) ++bad[kind];
    if (finding.severity == diag::Severity::warning) ++bad[10 + kind];
  }
  return bad;
}

std::ptrdiff_t count_like(const diag::Report& report, const diag::Diagnostic& finding) {
  return std::ranges::count_if(report.all(), [&](const auto& other) {
    return other.code == finding.code && other.message == finding.message;
  });
}

class Mend {
 public:
  Mend(const Request& request, const Files& files, const Environment& environment, const Vocabulary& vocabulary)
      : request_(request), files_(files), environment_(environment), vocabulary_(vocabulary) {}

  Mended run() {
    Mended result{.now = load({})};
    for (int round = 0; round < most_rounds; ++round) {
      if (!improve(result)) break;
    }
    for (const auto& [path, text] : texts_)
      if (std::string before = original(path); before != text) result.files[path] = {std::move(before), text};
    return result;
  }

 private:
  [[nodiscard]] Loaded load(const Texts& texts) const {
    Request request = request_;
    if (const auto main = texts.find(request.path); main != texts.end()) request.text = main->second;
    return config::load(request, Edited(files_, texts), environment_, vocabulary_);
  }
  [[nodiscard]] std::string original(const std::string& path) const {
    if (path == request_.path && request_.text) return *request_.text;
    return files_.read(path, file_limit).value_or("");
  }
  [[nodiscard]] std::string current(const std::string& path) const {
    const auto found = texts_.find(path);
    return found != texts_.end() ? found->second : original(path);
  }

  // The texts with these edits made.
  [[nodiscard]] Texts with(std::span<const diag::Diagnostic* const> edits, const Loaded& loaded) const {
    Texts texts = texts_;
    const auto path = [&](SourceId source) { return std::string(loaded.sources.name(source)); };
    for (auto& [source, text] : diag::edited(edits, [&](SourceId source) { return current(path(source)); }))
      texts[path(source)] = std::move(text);
    return texts;
  }

  // Whether every part lies in a file, and none takes a variable out of it.
  [[nodiscard]] bool allowed(const diag::Diagnostic& finding, const Loaded& loaded) const {
    return std::ranges::all_of(finding.fixes, [&](const diag::Fix& part) {
      if (!part.where.known()) return false;
      const std::string_view name = loaded.sources.name(part.where.source);
      if (std::ranges::find(loaded.files, name) == loaded.files.end()) return false;
      const std::string_view text = loaded.sources.text(part.where.source);
      const std::string_view old =
          text.substr(std::min<std::size_t>(part.where.begin, text.size()), part.where.end - part.where.begin);
      return !old.contains("${") || part.replacement.contains("${");
    });
  }

  // Takes the edits over when what they are for is gone and the config is no worse.
  bool take(std::span<const diag::Diagnostic* const> edits, Mended& result) {
    Texts texts = with(edits, result.now);
    if (texts == texts_) return false;
    Loaded next = load(texts);
    if (badness(next.report) > badness(result.now.report)) return false;
    const auto gone = [&](const diag::Diagnostic* finding) {
      return count_like(next.report, *finding) < count_like(result.now.report, *finding);
    };
    if (!std::ranges::all_of(edits, gone)) return false;
    texts_ = std::move(texts);
    for (const diag::Diagnostic* finding : edits) note(*finding, result);
    for (const diag::Diagnostic* finding : edits) note_lines(*finding, result.now.sources);
    result.now = std::move(next);
    return true;
  }

  void note(const diag::Diagnostic& finding, Mended& result) const {
    const auto& sources = result.now.sources;
    const Span where = finding.fixes.front().where;
    Mended::Edit edit{std::string(sources.name(where.source)), sources.position(where.source, where.begin).line,
                      finding.code, finding.message};
    for (const Lines& earlier : std::views::reverse(lines_))
      if (earlier.path == edit.path && edit.line > earlier.at)
        edit.line -= std::min(earlier.more, edit.line - earlier.at);
    result.edits.push_back(std::move(edit));
  }

  // An edit that adds lines moves what later rounds find below it.
  void note_lines(const diag::Diagnostic& finding, const diag::Sources& sources) {
    for (const diag::Fix& part : finding.fixes)
      if (const auto more = std::ranges::count(part.replacement, '\n'); more > 0)
        lines_.push_back({std::string(sources.name(part.where.source)),
                          sources.position(part.where.source, part.where.begin).line,
                          static_cast<std::size_t>(more)});
  }

  bool improve(Mended& result) {
    std::vector<diag::Diagnostic> open;
    for (const diag::Diagnostic& finding : result.now.report.all())
      if (allowed(finding, result.now)) open.push_back(finding);
    const auto edits = diag::compatible_edits(open);
    if (edits.empty()) return false;
    if (take(edits, result)) return true;
    // Each alone; the first that helps moves the others, so the next round looks again.
    for (std::size_t i = 0; i < edits.size() && edits.size() > 1 && trials_ < most_trials; ++i, ++trials_)
      if (take(std::span(edits).subspan(i, 1), result)) return true;
    return false;
  }

  const Request& request_;
  const Files& files_;
  const Environment& environment_;
  const Vocabulary& vocabulary_;
  struct Lines {
    std::string path;
    std::size_t at, more;  // added behind the start of line `at`
  };

  Texts texts_;
  std::vector<Lines> lines_;  // in the order of their making
  int trials_ = 0;
};

}  // namespace

Mended mend(const Request& request, const Files& files, const Environment& environment,
            const Vocabulary& vocabulary) {
  return Mend(request, files, environment, vocabulary).run();
}

}  // namespace apigw::config
