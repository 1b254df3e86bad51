#include "config/targets.h"

#include <set>

namespace apigw::config {

std::vector<const Given<std::string>*> flat_targets(
    const Named<ModelDraft>& model, const std::unordered_map<std::string_view, const Named<ModelDraft>*>& models,
    std::size_t limit) {
  std::vector<const Given<std::string>*> found, open;
  std::set<std::string_view> seen;
  const auto push = [&](const Named<ModelDraft>& named) {
    if (!named.body || !named.body->targets) return;
    const Texts& texts = *named.body->targets;
    for (auto text = texts.rbegin(); text != texts.rend(); ++text)
      if (*text) open.push_back(&*text);
  };
  push(model);
  while (!open.empty() && found.size() < limit) {
    const Given<std::string>* text = open.back();
    open.pop_back();
    if (!seen.insert(**text).second) continue;
    if ((*text)->find('/') != std::string::npos)
      found.push_back(text);
    else if (const auto other = models.find(**text); other != models.end())
      push(*other->second);
  }
  return found;
}

}  // namespace apigw::config
