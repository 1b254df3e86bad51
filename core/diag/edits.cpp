#include "diag/edits.h"

namespace apigw::diag {
namespace {

bool same(const Fix& a, const Fix& b) {
  return a.where == b.where && a.replacement == b.replacement;
}

// Two insertions at one place touch: which comes first would be luck.
bool touch(const Fix& a, const Fix& b) {
  if (a.where.source != b.where.source) return false;
  return a.where.begin <= b.where.end && b.where.begin <= a.where.end;
}

bool usable(const Diagnostic& finding) {
  const auto known = [](const Fix& part) { return part.where.known() && part.where.begin <= part.where.end; };
  return !finding.fixes.empty() && std::ranges::all_of(finding.fixes, known);
}

// Parts by where they begin, so that each meets only its neighbours.
using Made = std::map<std::pair<SourceId, std::uint32_t>, const Fix*>;

bool free_of(const Made& made, const Fix& part) {
  const auto next = made.lower_bound({part.where.source, part.where.begin});
  if (next != made.end() && touch(*next->second, part) && !same(*next->second, part)) return false;
  return next == made.begin() || !touch(*std::prev(next)->second, part);
}

}  // namespace

std::vector<const Diagnostic*> compatible_edits(std::span<const Diagnostic> findings) {
  std::vector<const Diagnostic*> chosen;
  Made made;
  for (const Diagnostic& finding : findings) {
    if (!usable(finding)) continue;
    if (!std::ranges::all_of(finding.fixes, [&](const Fix& part) { return free_of(made, part); })) continue;
    for (const Fix& part : finding.fixes) made.emplace(std::pair(part.where.source, part.where.begin), &part);
    chosen.push_back(&finding);
  }
  return chosen;
}

std::map<SourceId, std::string> edited(std::span<const Diagnostic* const> edits,
                                       const std::function<std::string(SourceId)>& text) {
  Made parts;
  for (const Diagnostic* finding : edits)
    for (const Fix& part : finding->fixes) parts.emplace(std::pair(part.where.source, part.where.begin), &part);
  std::map<SourceId, std::string> texts;
  for (const auto& [place, part] : parts)
    if (!texts.contains(place.first)) texts.emplace(place.first, text(place.first));
  for (auto at = parts.rbegin(); at != parts.rend(); ++at) {  // from the back: earlier offsets stay true
    const Fix& part = *at->second;
    std::string& whole = texts.at(part.where.source);
    const std::size_t begin = std::min<std::size_t>(part.where.begin, whole.size());
    whole.replace(begin, std::min<std::size_t>(part.where.end, whole.size()) - begin, part.replacement);
  }
  return texts;
}

}  // namespace apigw::diag
