#include "config/checks/checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::config {
namespace {

template <class T>
Index<T> index_of(const Given<std::vector<Named<T>>>& map) {
  Index<T> index;
  index.reserve(entries(map).size());
  for (const Named<T>& entry : entries(map)) index.emplace(entry.name, &entry);
  return index;
}

constexpr Check table[] = {
    {209, check_version},
    {216, check_too_many},
    {305, check_route_keys},
    {307, check_strip},
    {308, check_placeholders},
    {309, check_redirect_loop},
    {313, check_managed_headers},
    {321, check_targets},
    {322, check_service_names},
    {324, check_provider_complete},
    {325, check_dialect},
    {327, check_service_address},
    {331, check_duplicate_route},
    {332, check_unreachable},
    {334, check_duplicate_address},
    {337, check_model_cycle},
    {338, check_call_cycle},
    {339, check_route_answer},
    {340, check_pairs},
    {341, check_variables},
    {343, check_model_names},
    {344, check_known_elsewhere},
    {345, check_spoken_there},
    {346, check_own_address},
    {351, check_operation},
    {402, check_open_listener},
    {406, check_verify},
    {407, check_admin},
    {410, check_plain_key},
    {411, check_pepper},
    {211, check_consumers},
    {339, check_provider_credential},
    {414, check_shared_key},
    {416, check_nobody},
    {501, check_repeated_target},
    {503, check_gateway_scale},
    {211, check_patches},
    {614, check_prompt_models},
    {617, check_prompt_settings},
};

}  // namespace

Facts::Facts(const Draft& d, const Request& request, const Vocabulary& v, const diag::Sources& s,
             const std::vector<PromptFile>& p, Documents& read)
    : draft(d),
      vocabulary(v),
      sources(s),
      prompts(p),
      documents(read),
      development(request.development),
      secrets(request.secrets),
      providers(index_of(d.providers)),
      models(index_of(d.models)),
      services(index_of(d.services)) {
  patterns.reserve(entries(d.routes).size());
  for (const auto& route : entries(d.routes)) {
    patterns.emplace_back();
    if (route_key_fault(route.name)) continue;
    RouteKey key = split_route_key(route.name);
    PathTemplate path = read_template(key.path);
    patterns.back() = Pattern{std::move(key), std::move(path)};
  }
}

const KnownProvider* Facts::known(std::string_view provider) const {
  for (const KnownProvider& row : vocabulary.providers)
    if (row.name == provider) return &row;
  return nullptr;
}

std::span<const Check> checks() {
  return table;
}

std::span<const ProjectCheck> project_checks() {
  static constexpr ProjectCheck over_all[] = {{335, check_unused_provider}, {336, check_unused_service}};
  return over_all;
}

bool misspelt_within(const diag::Report& report, Span where) {
  return std::ranges::any_of(report.all(), [&](const diag::Diagnostic& finding) {
    const Span at = finding.where();
    return finding.code == 201 && at.source == where.source && at.begin >= where.begin && at.end <= where.end;
  });
}

void suggest_provider(diag::Diagnostic& finding, const Facts& facts, std::string_view word, Span where) {
  std::vector<std::pair<std::string_view, Span>> declared;
  for (const auto& entry : entries(facts.draft.providers)) declared.emplace_back(entry.name, entry.where);
  declared.emplace_back("mock", Span{});
  suggest_named(finding, word, where, declared);
  if (!finding.helps.empty()) return;
  std::vector<std::string_view> names;
  for (const KnownProvider& row : facts.vocabulary.providers) names.push_back(row.name);
  if (const auto meant = text::closest(word, names))
    finding.helps.push_back(fmt::format("replace with '{0}', and add '{0}: {{}}' below providers", *meant));
}

void suggest_named(diag::Diagnostic& finding, std::string_view word, Span where,
                   std::span<const std::pair<std::string_view, Span>> declared) {
  if (declared.size() > 2000) return;  // a distance to each, for each finding: not on a file made for that
  std::vector<std::string_view> names;
  for (const auto& entry : declared) names.push_back(entry.first);
  const auto meant = text::closest(word, names);
  if (!meant) return;
  for (const auto& [name, place] : declared)
    if (name == *meant && place.known()) finding.labels.push_back({place, "closest declared name"});
  finding.helps.push_back(fmt::format("replace with '{}'", *meant));
  finding.fixes.push_back({where, std::string(*meant)});
}

}  // namespace apigw::config
