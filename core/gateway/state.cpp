#include "gateway/state.h"

namespace apigw::gateway {
namespace {

constexpr std::array<std::string_view, attempt_ends> attempt_words{"2xx", "3xx",     "4xx",    "5xx",  "connect",
                                                                   "tls", "timeout", "closed", "other"};

constexpr std::chrono::milliseconds cooling{2'000};  // an instance that failed is passed over for so long

std::int64_t milliseconds(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

// Names of the plan before, so that the plan after finds its series again.
struct Known {
  explicit Known(const Bindings* old) {
    if (!old) return;
    for (const auto& series : old->routes) routes[series->id] = series;
    for (const auto& series : old->services) services[series->name] = series;
    for (const auto& series : old->providers) providers[series->name] = series;
    for (const auto& targets : old->models) {
      for (const auto& series : targets) models[{series->provider, series->model}] = series;
    }
    for (const auto& series : old->direct) models[{series->provider, series->model}] = series;
  }

  template <class Series, class Map, class Key, class... Arguments>
  static std::shared_ptr<Series> keep(Map& map, const Key& key, Arguments&&... arguments) {
    auto& series = map[key];
    if (!series) series = std::make_shared<Series>(std::forward<Arguments>(arguments)...);
    return series;
  }

  std::map<std::string, std::shared_ptr<RouteSeries>> routes;
  std::map<std::string, std::shared_ptr<UpstreamSeries>> services, providers;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<ModelSeries>> models;
};

// A series with exactly these instances: the old one itself when they are the same, else a new one that keeps the
// instances it can. A worker still on the old plan reads the old list, so a list never changes.
std::shared_ptr<UpstreamSeries> bound(std::map<std::string, std::shared_ptr<UpstreamSeries>>& known,
                                      const std::string& name, bool provider, unsigned workers,
                                      const std::vector<model::Origin>& origins) {
  auto& old = known[name];
  const auto same = [&] {
    return std::ranges::equal(old->instances, origins, {}, [](const auto& i) -> const auto& { return i->origin; });
  };
  if (old && same()) return old;
  auto fresh = std::make_shared<UpstreamSeries>(name, provider, workers);
  if (old) {
    fresh->cells = old->cells;
    fresh->token = old->token;
  }
  for (const model::Origin& origin : origins) {
    std::shared_ptr<Instance> instance;
    if (old) {
      const auto found =
          std::ranges::find(old->instances, origin, [](const auto& i) -> const auto& { return i->origin; });
      if (found != old->instances.end()) instance = *found;
    }
    fresh->instances.push_back(instance ? std::move(instance) : std::make_shared<Instance>(origin));
  }
  old = fresh;
  return fresh;
}

}  // namespace

std::string_view word(AttemptEnd end) {
  return attempt_words[static_cast<std::size_t>(end)];
}

AttemptEnd attempt_end(const AttemptRecord& attempt) {
  if (attempt.error) {
    switch (*attempt.error) {
      case ErrorKind::connect:
        return AttemptEnd::connect;
      case ErrorKind::tls:
        return AttemptEnd::tls;
      case ErrorKind::timeout:
        return AttemptEnd::timeout;
      case ErrorKind::closed:
        return AttemptEnd::closed;
      default:
        return AttemptEnd::other;
    }
  }
  switch (attempt.status / 100) {
    case 2:
      return AttemptEnd::ok;
    case 3:
      return AttemptEnd::redirect;
    case 4:
      return AttemptEnd::client_error;
    case 5:
      return AttemptEnd::server_error;
    default:
      return AttemptEnd::other;
  }
}

void Instance::failed(std::chrono::steady_clock::time_point now) {
  failures.fetch_add(1, std::memory_order_relaxed);
  last_failure_ms.store(milliseconds(now), std::memory_order_relaxed);
}

bool Instance::fit(std::chrono::steady_clock::time_point now) const {
  return failures.load(std::memory_order_relaxed) == 0 ||
         milliseconds(now) - last_failure_ms.load(std::memory_order_relaxed) >= cooling.count();
}

std::size_t UpstreamSeries::pick(std::chrono::steady_clock::time_point now) {
  if (instances.size() == 1) return 0;
  const std::uint32_t first = turn.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const std::size_t candidate = (first + i) % instances.size();
    if (instances[candidate]->fit(now)) return candidate;
  }
  return first % instances.size();
}

State::State(unsigned workers, const Clock& clock)
    : clock_(clock),
      worker_count_(workers),
      started_(clock.wall()),
      workers_(workers),
      last_reload_(std::chrono::duration_cast<std::chrono::seconds>(started_.time_since_epoch()).count()) {}

std::shared_ptr<const Bindings> State::bind(const model::Plan& plan) const {
  const auto old = bindings();
  Known known(old.get());
  auto fresh = std::make_shared<Bindings>();
  const unsigned n = worker_count_;
  fresh->no_route = old ? old->no_route : std::make_shared<RouteSeries>("", n);
  for (const auto& route : plan.routes) {
    fresh->routes.push_back(Known::keep<RouteSeries>(known.routes, route.id, route.id, n));
  }
  for (const auto& service : plan.services) {
    fresh->services.push_back(bound(known.services, service.name, false, n, service.instances));
  }
  for (const auto& provider : plan.providers) {
    fresh->providers.push_back(bound(known.providers, provider.name, true, n, {provider.origin}));
  }
  const auto series_of = [&](const std::string& provider, const std::string& name) {
    const std::string label = name.empty() ? "*" : name;
    return Known::keep<ModelSeries>(known.models, std::pair(provider, label), provider, label, n);
  };
  for (const auto& provider : plan.providers) fresh->direct.push_back(series_of(provider.name, ""));
  for (const auto& model : plan.models) {
    auto& targets = fresh->models.emplace_back();
    for (const auto& target : model.targets)
      targets.push_back(series_of(plan.at(target.provider).name, target.model));
  }
  return fresh;
}

void State::publish(std::shared_ptr<const Bindings> bindings) {
  const std::lock_guard lock(mutex_);
  bindings_ = std::move(bindings);
}

void State::reloaded(bool accepted) {
  (accepted ? reloads_ : reloads_refused_).fetch_add(1, std::memory_order_relaxed);
  if (!accepted) return;
  last_reload_ = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
}

void State::watch_connections(std::function<Connections()> read) {
  const std::lock_guard lock(mutex_);
  read_connections_ = std::move(read);
}

std::shared_ptr<const Bindings> State::bindings() const {
  const std::lock_guard lock(mutex_);
  return bindings_;
}

namespace {

StateView::Route view_of(const RouteSeries& series) {
  StateView::Route out{.id = series.id};
  for (std::size_t i = 0; i < out.by_class.size(); ++i) {
    out.by_class[i] = series.cells.sum([i](const RouteCell& cell) { return cell.by_class[i].read(); });
    out.requests += out.by_class[i];
  }
  out.bytes_in = series.cells.sum([](const RouteCell& cell) { return cell.bytes_in.read(); });
  out.bytes_out = series.cells.sum([](const RouteCell& cell) { return cell.bytes_out.read(); });
  out.seconds =
      static_cast<double>(series.cells.sum([](const RouteCell& cell) { return cell.duration.sum(); })) / 1e6;
  return out;
}

StateView::Upstream view_of(const UpstreamSeries& series, std::chrono::steady_clock::time_point now) {
  StateView::Upstream out{.name = series.name, .provider = series.provider};
  for (std::size_t i = 0; i < attempt_ends; ++i) {
    const auto n = series.cells->sum([i](const UpstreamCell& cell) { return cell.attempts[i].read(); });
    out.attempts += n;
    if (i >= static_cast<std::size_t>(AttemptEnd::server_error)) out.failures += n;
  }
  for (const auto& instance : series.instances) {
    std::string address = instance->origin.host.empty() ? "mock:" : instance->origin.text();
    out.instances.push_back({std::move(address), instance->fit(now), instance->failures.load()});
  }
  return out;
}

StateView::Model view_of(const ModelSeries& series) {
  const auto sum = [&](auto member) {
    return series.cells.sum([member](const ModelCell& cell) { return (cell.*member).read(); });
  };
  StateView::Model out{.provider = series.provider, .model = series.model};
  out.input = sum(&ModelCell::input);
  out.cache_read = sum(&ModelCell::cache_read);
  out.cache_write = sum(&ModelCell::cache_write);
  out.output = sum(&ModelCell::output);
  out.reasoning = sum(&ModelCell::reasoning);
  out.cost = sum(&ModelCell::cost);
  out.cost_unknown = sum(&ModelCell::cost_unknown);
  for (std::size_t i = 0; i < SecondsHistogram::buckets; ++i) {
    out.calls += series.cells.sum([i](const ModelCell& cell) { return cell.duration.count(i); });
  }
  return out;
}

}  // namespace

StateView State::view() const {
  StateView out;
  out.started = started_;
  out.in_flight = in_flight();
  out.requests = workers_.sum([](const WorkerCell& cell) { return cell.ended.read(); });
  out.cut = workers_.sum([](const WorkerCell& cell) { return cell.cut.read(); });
  out.clients_left = workers_.sum([](const WorkerCell& cell) { return cell.clients_left.read(); });
  out.secrets_blocked = workers_.sum([](const WorkerCell& cell) { return cell.secrets_blocked.read(); });
  out.log_dropped = workers_.sum([](const WorkerCell& cell) { return cell.log_dropped.read(); });
  out.reloads = reloads_.load();
  out.reloads_refused = reloads_refused_.load();
  out.wrong_key_addresses = wrong_keys_.size();
  std::function<Connections()> read;
  {
    const std::lock_guard lock(mutex_);
    read = read_connections_;
  }
  if (read) out.connections = read();
  const auto series = bindings();
  if (!series) return out;
  const auto now = clock_.now();
  for (const auto& route : series->routes) out.routes.push_back(view_of(*route));
  for (const auto& service : series->services) out.upstreams.push_back(view_of(*service, now));
  for (const auto& provider : series->providers) out.upstreams.push_back(view_of(*provider, now));
  for (const auto& model : distinct_models(*series)) out.models.push_back(view_of(*model));
  return out;
}

std::vector<std::shared_ptr<ModelSeries>> distinct_models(const Bindings& series) {
  std::vector<std::shared_ptr<ModelSeries>> out;
  std::set<const ModelSeries*> seen;
  const auto add = [&](const std::shared_ptr<ModelSeries>& one) {
    if (one->cells.touched() && seen.insert(one.get()).second) out.push_back(one);
  };
  for (const auto& targets : series.models) std::ranges::for_each(targets, add);
  std::ranges::for_each(series.direct, add);
  return out;
}

}  // namespace apigw::gateway
