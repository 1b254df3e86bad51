// From a request's head to the one route that serves it; compiled once from a Plan, then immutable and thread-safe.
//
// The most specific route wins, whatever the order in the config: the host decides first (exact, then the longest
// `*.suffix`, then any), then the path from its first segment on (literal, then variable, then /**), then the number
// of conditions, then a named method over any. A route whose method or conditions do not fit is passed over for a
// less specific one. HEAD is served by a GET route unless one names HEAD. One tree of segments for all hosts: a
// look-up costs by the segments of the path and allocates nothing unless a query condition is asked.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "http/headers.h"
#include "model/plan.h"
#include "routing/pattern.h"

namespace apigw::routing {

// What is asked; views live as long as the caller's head.
struct Query {
  std::string_view method;
  std::string_view host;   // lower case, a port is ignored
  std::string_view path;   // canonical
  std::string_view query;  // without '?'
  const http::Headers* headers = nullptr;
};

// Which route serves it: what MATCH hands on.
struct Match {
  const model::Route* route = nullptr;  // null: none
  std::uint32_t index = 0;              // into Plan::routes
  Captures captures;                    // views into Query::path
  [[nodiscard]] explicit operator bool() const { return route != nullptr; }
};

class Router {
 public:
  // Keeps the plan. invalid: a path that parse_pattern refuses, which config finds first.
  static Result<Router> compile(model::PlanPtr plan);

  [[nodiscard]] Match match(const Query& query) const;
  // After no match: the methods that routes of this host and path take ("GET, HEAD, POST", a 405), or empty when
  // there is no such path or only a condition stood in the way (404).
  [[nodiscard]] std::string allowed(const Query& query) const;
  // The variables of route `index`, in the order of Captures.
  [[nodiscard]] const std::vector<std::string>& variables(std::uint32_t index) const { return variables_[index]; }
  [[nodiscard]] const model::Plan& plan() const { return *plan_; }

 private:
  using NodeId = std::uint32_t;
  static constexpr NodeId none = 0xffffffff;

  struct Candidate {
    std::uint32_t route = 0;
    std::uint32_t methods = 0;  // bits of the usual ones; 0: any
    bool head_by_get = false;
    bool unusual = false;  // names methods that have no bit
    const model::Route* source = nullptr;
  };
  struct Node {
    NodeId variable = none;
    std::vector<Candidate> here, rest;
  };
  // Open addressing over (parent, segment): one probe a segment however wide the tree is.
  struct Edge {
    NodeId parent = none, child = none;
    std::uint32_t hash = 0;
    std::string_view segment;
  };
  struct Walk;

  explicit Router(model::PlanPtr plan) : plan_(std::move(plan)) {}
  Result<void> insert(std::uint32_t index);
  NodeId root_of(const std::string& host);
  NodeId child(NodeId parent, const Segment& segment);
  [[nodiscard]] NodeId find_child(NodeId parent, std::string_view segment) const;
  void add_edge(const Edge& edge);
  void place(const Edge& edge);
  void rank(std::vector<Candidate>& candidates) const;
  template <class Visit>
  void each_root(const Query& query, Visit visit) const;

  model::PlanPtr plan_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  // a power of two, at most half full
  std::size_t edge_count_ = 0;
  std::unordered_map<std::string_view, NodeId> exact_hosts_, wildcard_hosts_;  // keys view into the plan
  NodeId any_host_ = none;
  std::vector<std::vector<std::string>> variables_;
  std::vector<std::unique_ptr<std::string>> literals_;  // what Edge::segment views
};

}  // namespace apigw::routing
