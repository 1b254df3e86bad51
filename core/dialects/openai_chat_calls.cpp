#include "dialects/openai_chat_calls.h"

#include <algorithm>

namespace apigw::dialects::openai {

Call* known(std::vector<Call>& calls, const Fragment& fragment) {
  const auto fits = [&](const Call& call) { return !fragment.index || call.index == fragment.index; };
  if (!fragment.id.empty()) {
    const auto same =
        std::ranges::find_if(calls, [&](const Call& call) { return call.id == fragment.id && fits(call); });
    if (same != calls.end()) return &*same;
  }
  const auto last = std::find_if(calls.rbegin(), calls.rend(), fits);
  if (last == calls.rend()) return nullptr;
  if (fragment.name.empty()) return fragment.id.empty() || last->id.empty() ? &*last : nullptr;
  if (!last->begun) return &*last;
  if (!fragment.id.empty()) return nullptr;
  return fragment.name == last->name && !last->arguments.whole() ? &*last : nullptr;
}

}  // namespace apigw::dialects::openai
