#include "config/expand.h"

#include "config/grammar.h"

namespace apigw::config {
namespace {

struct Reference {
  std::string_view name, fallback;
  bool has_fallback = false;
  bool good = false;
};

Reference parse(std::string_view inside) {
  Reference reference;
  const auto mark = inside.find(":-");
  reference.name = inside.substr(0, mark);
  reference.has_fallback = mark != std::string_view::npos;
  if (reference.has_fallback) reference.fallback = inside.substr(mark + 2);
  reference.good = is_variable(reference.name);
  return reference;
}

}  // namespace

Expanded expand(std::string_view text, const Environment& environment) {
  Expanded out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      out.text += "${";
      at += 3;
      continue;
    }
    if (!text.substr(at).starts_with("${")) {
      out.text += text[at++];
      continue;
    }
    const auto close = text.find('}', at);
    const std::size_t end = close == std::string_view::npos ? text.size() : close + 1;
    const Reference reference =
        close == std::string_view::npos ? Reference{} : parse(text.substr(at + 2, close - at - 2));
    const auto found = reference.good ? environment.find(reference.name) : environment.end();
    const bool set = found != environment.end();
    if (!reference.good)
      out.faults.push_back({at, end, {}});
    else if (reference.has_fallback)
      out.text += set && !found->second.empty() ? found->second : reference.fallback;
    else if (set)
      out.text += found->second;
    else
      out.faults.push_back({at, end, std::string(reference.name)});
    at = end;
  }
  return out;
}

}  // namespace apigw::config
