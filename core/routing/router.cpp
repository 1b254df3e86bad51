#include "routing/router.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "routing/conditions.h"

namespace apigw::routing {
namespace {

constexpr std::array<std::string_view, 8> usual_methods{"GET",    "HEAD",    "POST",  "PUT",
                                                        "DELETE", "OPTIONS", "PATCH", "TRACE"};
constexpr std::uint32_t get_bit = 1, head_bit = 2;

std::uint32_t method_bit(std::string_view method) {
  const auto found = std::ranges::find(usual_methods, method);
  return found == usual_methods.end() ? 0 : 1U << (found - usual_methods.begin());
}

std::uint32_t hash_of(std::uint32_t parent, std::string_view segment) {
  std::uint32_t hash = 2166136261U ^ (parent * 0x9e3779b1U);
  for (const char c : segment) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash ^ (hash >> 15);
}

std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) return host;
  return host.substr(0, colon);
}

// Breaks a tie between routes of equal rank by what they say, so that the order in the file never matters.
std::string tie(const model::Route& route) {
  std::string out;
  for (const auto& condition : route.conditions) {
    // A value is narrower than a glob, and a glob than mere presence.
    const char width = !condition.value ? '3' : condition.value->find('*') != std::string::npos ? '2' : '1';
    out += fmt::format("{}{}={}\n", width, condition.name, condition.value.value_or(""));
  }
  return out + route.id;
}

}  // namespace

Result<Router> Router::compile(model::PlanPtr plan) {
  Router router(std::move(plan));
  router.edges_.resize(64);
  router.variables_.resize(router.plan_->routes.size());
  for (std::uint32_t i = 0; i < router.plan_->routes.size(); ++i) {
    if (auto done = router.insert(i); !done) return std::unexpected(std::move(done.error()));
  }
  for (Node& node : router.nodes_) {
    router.rank(node.here);
    router.rank(node.rest);
  }
  return router;
}

Result<void> Router::insert(std::uint32_t index) {
  const model::Route& route = plan_->routes[index];
  auto pattern = parse_pattern(route.path);
  if (!pattern) return std::unexpected(std::move(pattern.error()));
  NodeId node = root_of(route.host);
  for (const Segment& segment : pattern->segments) {
    if (segment.kind == Segment::Kind::variable) variables_[index].push_back(segment.text);
    node = child(node, segment);
  }
  Candidate candidate{.route = index, .source = &route};
  for (const std::string& method : route.methods) {
    const std::uint32_t bit = method_bit(method);
    candidate.methods |= bit;
    candidate.unusual = candidate.unusual || bit == 0;
  }
  candidate.head_by_get = (candidate.methods & (get_bit | head_bit)) == get_bit;
  (pattern->rest ? nodes_[node].rest : nodes_[node].here).push_back(candidate);
  return {};
}

Router::NodeId Router::root_of(const std::string& host) {
  const auto fresh = [this] {
    nodes_.emplace_back();
    return static_cast<NodeId>(nodes_.size() - 1);
  };
  if (host.empty()) {
    if (any_host_ == none) any_host_ = fresh();
    return any_host_;
  }
  const bool wildcard = host.starts_with("*.");
  auto& hosts = wildcard ? wildcard_hosts_ : exact_hosts_;
  const std::string_view key = std::string_view(host).substr(wildcard ? 2 : 0);
  const auto found = hosts.find(key);
  return found != hosts.end() ? found->second : hosts.emplace(key, fresh()).first->second;
}

Router::NodeId Router::child(NodeId parent, const Segment& segment) {
  const bool variable = segment.kind == Segment::Kind::variable;
  const NodeId known = variable ? nodes_[parent].variable : find_child(parent, segment.text);
  if (known != none) return known;
  nodes_.emplace_back();
  const auto made = static_cast<NodeId>(nodes_.size() - 1);
  if (variable) {
    nodes_[parent].variable = made;
  } else {
    literals_.push_back(std::make_unique<std::string>(segment.text));
    add_edge({parent, made, hash_of(parent, segment.text), *literals_.back()});
  }
  return made;
}

void Router::add_edge(const Edge& edge) {
  if (++edge_count_ * 2 > edges_.size()) {
    std::vector<Edge> old(edges_.size() * 2);
    old.swap(edges_);
    for (const Edge& one : old) {
      if (one.child != none) place(one);
    }
  }
  place(edge);
}

void Router::place(const Edge& edge) {
  std::size_t at = edge.hash & (edges_.size() - 1);
  while (edges_[at].child != none) at = (at + 1) & (edges_.size() - 1);
  edges_[at] = edge;
}

Router::NodeId Router::find_child(NodeId parent, std::string_view segment) const {
  const std::uint32_t hash = hash_of(parent, segment);
  for (std::size_t at = hash & (edges_.size() - 1); edges_[at].child != none; at = (at + 1) & (edges_.size() - 1)) {
    const Edge& edge = edges_[at];
    if (edge.hash == hash && edge.parent == parent && edge.segment == segment) return edge.child;
  }
  return none;
}

void Router::rank(std::vector<Candidate>& candidates) const {
  const auto key = [](const Candidate& c) {
    const bool any_method = c.source->methods.empty();
    return std::tuple(-static_cast<int>(c.source->conditions.size()), any_method, c.head_by_get, tie(*c.source));
  };
  std::ranges::sort(candidates, {}, key);
}

template <class Visit>
void Router::each_root(const Query& query, Visit visit) const {
  if (!query.path.starts_with('/')) return;  // `*` of OPTIONS is no path
  if (!exact_hosts_.empty() || !wildcard_hosts_.empty()) {
    const std::string_view name = without_port(query.host);
    if (const auto exact = exact_hosts_.find(name); exact != exact_hosts_.end() && visit(exact->second)) return;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
      const auto suffix = wildcard_hosts_.find(name.substr(dot + 1));
      if (suffix != wildcard_hosts_.end() && visit(suffix->second)) return;
    }
  }
  if (any_host_ != none) visit(any_host_);
}

// One search down the tree, literal before variable before rest; `take` says whether a node's candidates end it.
struct Router::Walk {
  const Router& router;
  std::string_view path;
  Captures captures;

  // `begin` is behind the slash of the next segment, or npos behind the last.
  template <class Take>
  bool from(NodeId id, std::size_t begin, const Take& take) {
    const Node& node = router.nodes_[id];
    if (begin == std::string_view::npos) {
      captures.rest = {};
      return take(node.here) || take(node.rest);
    }
    const auto slash = path.find('/', begin);
    const std::string_view segment = path.substr(begin, slash - begin);
    const auto next = slash == std::string_view::npos ? slash : slash + 1;
    if (const NodeId literal = router.find_child(id, segment); literal != none && from(literal, next, take))
      return true;
    if (node.variable != none && !segment.empty()) {
      captures.values[captures.size++] = segment;
      if (from(node.variable, next, take)) return true;
      --captures.size;
    }
    captures.rest = path.substr(begin);
    return take(node.rest);
  }
};

Match Router::match(const Query& query) const {
  const std::uint32_t bit = method_bit(query.method);
  Match match;
  const auto fits = [&](const Candidate& c) {
    const bool method = c.source->methods.empty() || (c.methods & bit) != 0 || (bit == head_bit && c.head_by_get) ||
                        (c.unusual && std::ranges::find(c.source->methods, query.method) != c.source->methods.end());
    return method && !first_unmet(c.source->conditions, *query.headers, query.query);
  };
  const auto take = [&](const std::vector<Candidate>& candidates) {
    const auto found = std::ranges::find_if(candidates, fits);
    if (found == candidates.end()) return false;
    match.route = found->source;
    match.index = found->route;
    return true;
  };
  each_root(query, [&](NodeId root) {
    Walk walk{*this, query.path, {}};
    if (!walk.from(root, 1, take)) return false;
    match.captures = walk.captures;
    return true;
  });
  return match;
}

std::string Router::allowed(const Query& query) const {
  std::set<std::string> methods;
  const auto take = [&](const std::vector<Candidate>& candidates) {
    for (const Candidate& c : candidates) {
      methods.insert(c.source->methods.begin(), c.source->methods.end());
      if (c.head_by_get) methods.insert("HEAD");
    }
    return false;
  };
  each_root(query, [&](NodeId root) {
    Walk walk{*this, query.path, {}};
    return walk.from(root, 1, take);
  });
  if (methods.contains(std::string(query.method))) return {};
  const std::vector<std::string> sorted(methods.begin(), methods.end());
  return text::join(sorted, ", ");
}

}  // namespace apigw::routing
