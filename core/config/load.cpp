// The stages in a line: read and overlay, then each profile's document through tables and checks, then the plan of
// the chosen one and its secrets. A stage that found errors ends the line behind it, never in the middle of itself.
#include "config/load.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/overlay.h"
#include "config/resolve.h"
#include "config/tables.h"

namespace apigw::config {
namespace {

Draft read_draft(const yaml::Node& root, yaml::Reading& reading) {
  Draft draft;
  draft.where = root.span;
  if (root.is_null()) return draft;  // an empty file: only the first line is missing
  yaml::decode(root_table(), root, reading, &draft);
  return draft;
}

// What the usual variables of known providers offer, for a gateway without a file.
void add_providers_from(const Environment& environment, const Vocabulary& vocabulary, Draft& draft) {
  std::vector<Named<ProviderDraft>> providers = entries(draft.providers);
  for (const KnownProvider& row : vocabulary.providers) {
    const auto found = row.variable.empty() ? environment.end() : environment.find(row.variable);
    if (found == environment.end() || found->second.empty() || row.url.contains('{')) continue;
    const bool there = std::ranges::any_of(providers, [&](const auto& p) { return p.name == row.name; });
    if (!there) providers.push_back({.name = std::string(row.name), .where = {}, .body = {{}, ProviderDraft{}}});
  }
  draft.providers.value = std::move(providers);
}

// validate only warns about an unset variable (AGW213), but there is no value to make a plan from.
bool lacks_variables(const diag::Report& report) {
  return std::ranges::any_of(report.all(), [](const diag::Diagnostic& finding) { return finding.code == 213; });
}

constexpr std::size_t most_profiles = 50;

// A key that somebody wrote into the file must not come back out of a finding.
void conceal_literals(Loaded& out) {
  for (const diag::Diagnostic& finding : out.report.all())
    if (finding.code == 401 || finding.code == 403 || finding.code == 412) out.sources.conceal(finding.where());
}

// Findings that no variant before had, with the profile that they are of: variants share most of their document.
class Findings {
 public:
  void add_first(diag::Report& report, const diag::Report& more) {
    for (const diag::Diagnostic& finding : more.all()) seen_.insert(key(finding));
    report.append(more);
  }
  void add_new(diag::Report& report, const diag::Report& more, const std::string& profile) {
    for (diag::Diagnostic finding : more.all()) {
      if (!seen_.insert(key(finding)).second) continue;
      finding.message +=
          profile.empty() ? " (without a profile)" : fmt::format(" (profile '{}')", text::printable(profile));
      report.add(std::move(finding));
    }
  }

 private:
  using Key = std::tuple<SourceId, std::uint32_t, std::uint32_t, int, std::string>;
  static Key key(const diag::Diagnostic& finding) {
    const Span where = finding.where();
    return {where.source, where.begin, where.end, finding.code, finding.message};
  }

  std::set<Key> seen_;
};

class Load {
 public:
  Load(const Request& request, const Files& files, const Environment& environment, const Vocabulary& vocabulary)
      : request_(request), files_(files), environment_(environment), vocabulary_(vocabulary) {}

  Loaded run() {
    Loaded out;
    Request effective = request_;
    if (request_.path.empty()) effective.text = "apigw: 1\n";
    Overlay overlay(effective, files_, environment_, out);
    documents_.emplace(files_, out);
    if (overlay.read()) {
      const auto slash = request_.path.rfind('/');
      prompts_ = read_prompts(slash == std::string::npos ? "" : request_.path.substr(0, slash + 1), files_,
                              request_.judge_tests, out);
      judge(overlay, out);
    }
    if (!out.report.has_errors() && !lacks_variables(out.report)) finish_plan(overlay, out);
    conceal_literals(out);
    out.report.finish(out.sources);
    if (out.report.has_errors()) out.plan = nullptr;
    return out;
  }

 private:
  // The chosen document first, then that of every other profile.
  void judge(Overlay& overlay, Loaded& out) {
    if (!overlay.check_profile(out.report))
      chosen_.clear();
    else
      chosen_ = request_.profile;
    variant(overlay, chosen_, request_.secrets, out);
    if (request_.path.empty()) add_providers_from(environment_, vocabulary_, drafts_.front());
    std::vector<std::string> names = overlay.profiles();
    out.profiles = names;
    if (names.size() > most_profiles) {
      // Each is a whole document to judge: a file must not be able to ask for thousands.
      out.report.add(216, drafts_.front().profiles.where, fmt::format("{} profiles are too many", names.size()))
          .helps.push_back(fmt::format("at most {}", most_profiles));
      names.clear();
    }
    if (!chosen_.empty()) names.emplace_back();  // the document without any profile
    for (const std::string& name : names)
      if (name != chosen_) variant(overlay, name, Secrets::ignore, out);
    for (const ProjectCheck& check : project_checks()) check.run(facts_, out.report);
  }

  void variant(Overlay& overlay, const std::string& name, Secrets secrets, Loaded& out) {
    diag::Report report;
    ConfigReading reading(out.sources, report, environment_, secrets, overlay.folders());
    drafts_.push_back(read_draft(overlay.variant(name, name == chosen_, report), reading));
    Request request = request_;
    request.secrets = secrets;
    facts_.push_back(
        std::make_unique<Facts>(drafts_.back(), request, vocabulary_, out.sources, prompts_, *documents_));
    for (const Check& check : checks()) check.run(*facts_.back(), report);
    // The first brings the count of what it could not keep; the others mostly say the same again.
    if (drafts_.size() == 1)
      findings_.add_first(out.report, report);
    else
      findings_.add_new(out.report, report, name);
  }

  void finish_plan(Overlay& overlay, Loaded& out) {
    model::Plan plan = resolve(drafts_.front(), request_, vocabulary_, overlay.folders(), prompts_, *documents_);
    load_secrets(plan, request_, files_, environment_, out.report);
    out.plan = std::make_shared<const model::Plan>(std::move(plan));
  }

  const Request& request_;
  const Files& files_;
  const Environment& environment_;
  const Vocabulary& vocabulary_;
  std::string chosen_;
  std::vector<PromptFile> prompts_;
  std::optional<Documents> documents_;
  std::deque<Draft> drafts_;  // facts point into it
  std::vector<std::unique_ptr<Facts>> facts_;
  Findings findings_;
};

}  // namespace

Loaded load(const Request& request, const Files& files, const Environment& environment,
            const Vocabulary& vocabulary) {
  return Load(request, files, environment, vocabulary).run();
}

}  // namespace apigw::config
