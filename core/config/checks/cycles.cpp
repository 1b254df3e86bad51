// Checks on circles: models that stand for each other, services that wait for each other.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"

namespace apigw::config {

namespace {

struct Link {
  Span where;
  std::size_t to;
};
using Graph = std::vector<std::vector<Link>>;

// Depth first without recursion; every cycle that a back link closes, as the links on it.
std::vector<std::vector<Link>> cycles(const Graph& graph) {
  enum class State : std::uint8_t { fresh, open, done };
  std::vector<State> state(graph.size(), State::fresh);
  std::vector<std::vector<Link>> found;
  struct Step {
    std::size_t node, next;
  };
  for (std::size_t start = 0; start < graph.size(); ++start) {
    if (state[start] != State::fresh) continue;
    std::vector<Step> path{{start, 0}};
    state[start] = State::open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == graph[step.node].size()) {
        state[step.node] = State::done;
        path.pop_back();
        continue;
      }
      const Link link = graph[step.node][step.next++];
      if (state[link.to] == State::fresh) {
        state[link.to] = State::open;
        path.push_back({link.to, 0});
      } else if (state[link.to] == State::open) {
        auto at = std::ranges::find(path, link.to, &Step::node);
        std::vector<Link> cycle;
        for (; at != path.end(); ++at) cycle.push_back(graph[at->node][at->next - 1]);
        found.push_back(std::move(cycle));
        if (found.size() == 20) return found;  // enough for one run; each may be as long as the file
      }
    }
  }
  return found;
}

template <class T>
void report_cycle(int code, const std::vector<Link>& cycle, const std::vector<Named<T>>& nodes, std::string_view what,
                  std::string_view help, diag::Report& report) {
  const std::string& first = nodes[cycle.back().to].name;
  std::string path = fmt::format("'{}'", shown(first));
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const bool skip = i >= 6 && i + 1 < cycle.size();
    if (!skip)
      path += fmt::format(" → '{}'", shown(nodes[cycle[i].to].name));
    else if (i == 6)
      path += " → …";
  }
  auto& finding = report.add(code, cycle[0].where, fmt::format("{}: {}", what, path));
  for (std::size_t i = 1; i < cycle.size() && i < 5; ++i)
    finding.labels.push_back({cycle[i].where, "and on from here"});
  finding.helps.emplace_back(help);
}

template <class T>
std::unordered_map<std::string_view, std::size_t> positions(const std::vector<Named<T>>& nodes) {
  std::unordered_map<std::string_view, std::size_t> at;
  for (std::size_t i = 0; i < nodes.size(); ++i) at.emplace(nodes[i].name, i);
  return at;
}

}  // namespace

void check_model_cycle(const Facts& facts, diag::Report& report) {
  const auto& models = entries(facts.draft.models);
  const auto at = positions(models);
  Graph graph(models.size());
  each_target(facts, [&](const Named<ModelDraft>& model, Span where, const std::string& target) {
    if (const auto found = at.find(target); found != at.end())
      graph[at.at(model.name)].push_back({where, found->second});
  });
  for (const auto& cycle : cycles(graph))
    report_cycle(337, cycle, models, "models name each other in a circle", "end the chain with a provider/model",
                 report);
}

void check_call_cycle(const Facts& facts, diag::Report& report) {
  const auto& services = entries(facts.draft.services);
  const auto at = positions(services);
  Graph graph(services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (!services[i].body || !services[i].body->calls) continue;
    for (const auto& call : *services[i].body->calls)
      if (call)
        if (const auto found = at.find(*call); found != at.end()) graph[i].push_back({call.where, found->second});
  }
  for (const auto& cycle : cycles(graph))
    report_cycle(338, cycle, services, "services call each other in a circle",
                 "calls is the order in which they start: take out one link", report);
}

}  // namespace apigw::config
