// The Prometheus page: one table of signals, one row each, and the few shapes in which a row writes its samples.
//
// Labels come from the Plan (route ids, names of services, providers and models) and from closed lists of words,
// never from a request, so their number is bounded. Durations are seconds, sizes bytes, counters end in _total; the
// AI signals carry OpenTelemetry's GenAI names in Prometheus spelling.
#include <fmt/format.h>

#include "base/decimal.h"
#include "gateway/state.h"

namespace apigw::gateway {
namespace {

struct Page {
  const StateView& view;
  const Bindings& series;
  std::int64_t last_reload;
  std::string out;
  std::string_view name;  // of the signal being written
};

// A label value: backslash, quote and line feed are what the format asks to escape.
std::string label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void sample(Page& page, std::string_view labels, std::uint64_t value) {
  if (labels.empty()) {
    fmt::format_to(std::back_inserter(page.out), "{} {}\n", page.name, value);
  } else {
    fmt::format_to(std::back_inserter(page.out), "{}{{{}}} {}\n", page.name, labels, value);
  }
}

// `scale` divides the raw sum into the unit of the bounds.
template <class Cell, const std::array<double, 14>& bounds>
void histogram(Page& page, const std::string& labels, const PerWorker<Cell>& cells, Histogram<bounds> Cell::* member,
               double scale) {
  auto out = std::back_inserter(page.out);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < Histogram<bounds>::buckets; ++i) {
    total += cells.sum([&](const Cell& cell) { return (cell.*member).count(i); });
    const std::string bound = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
    fmt::format_to(out, "{}_bucket{{{},le=\"{}\"}} {}\n", page.name, labels, bound, total);
  }
  const auto sum = cells.sum([&](const Cell& cell) { return (cell.*member).sum(); });
  fmt::format_to(out, "{}_sum{{{}}} {}\n", page.name, labels, static_cast<double>(sum) / scale);
  fmt::format_to(out, "{}_count{{{}}} {}\n", page.name, labels, total);
}

template <class Write>
void each_route(const Page& page, Write write) {
  for (const auto& route : page.series.routes) {
    if (route->cells.touched()) write(*route, fmt::format("route=\"{}\"", label(route->id)));
  }
  if (page.series.no_route->cells.touched()) write(*page.series.no_route, std::string("route=\"\""));
}

template <class Write>
void each_upstream(const Page& page, Write write) {
  for (const auto* list : {&page.series.services, &page.series.providers}) {
    for (const auto& upstream : *list) {
      write(*upstream, fmt::format("upstream=\"{}\",kind=\"{}\"", label(upstream->name),
                                   upstream->provider ? "provider" : "service"));
    }
  }
}

template <class Write>
void each_model(const Page& page, Write write) {
  for (const auto& model : distinct_models(page.series)) {
    write(*model, fmt::format("gen_ai_provider_name=\"{}\",gen_ai_request_model=\"{}\"", label(model->provider),
                              label(model->model)));
  }
}

void write_requests(Page& page) {
  constexpr std::array<std::string_view, 6> classes{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  each_route(page, [&](const RouteSeries& route, const std::string& labels) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const auto n = route.cells.sum([i](const RouteCell& cell) { return cell.by_class[i].read(); });
      if (n > 0) sample(page, fmt::format("{},status=\"{}\"", labels, classes[i]), n);
    }
  });
}

void write_request_duration(Page& page) {
  each_route(page, [&](const RouteSeries& route, const std::string& labels) {
    histogram(page, labels, route.cells, &RouteCell::duration, 1e6);
  });
}

template <Counter RouteCell::* member>
void write_route_counter(Page& page) {
  each_route(page, [&](const RouteSeries& route, const std::string& labels) {
    sample(page, labels, route.cells.sum([](const RouteCell& cell) { return (cell.*member).read(); }));
  });
}

void write_attempts(Page& page) {
  each_upstream(page, [&](const UpstreamSeries& upstream, const std::string& labels) {
    for (std::size_t i = 0; i < attempt_ends; ++i) {
      const auto n = upstream.cells->sum([i](const UpstreamCell& cell) { return cell.attempts[i].read(); });
      if (n > 0) sample(page, fmt::format("{},result=\"{}\"", labels, word(static_cast<AttemptEnd>(i))), n);
    }
  });
}

void write_attempt_duration(Page& page) {
  each_upstream(page, [&](const UpstreamSeries& upstream, const std::string& labels) {
    if (upstream.cells->touched()) histogram(page, labels, *upstream.cells, &UpstreamCell::duration, 1e6);
  });
}

void write_failures_in_a_row(Page& page) {
  each_upstream(page, [&](const UpstreamSeries& upstream, const std::string& labels) {
    std::uint64_t worst = 0;
    for (const auto& instance : upstream.instances) worst = std::max<std::uint64_t>(worst, instance->failures.load());
    sample(page, labels, worst);
  });
}

void write_tokens(Page& page) {
  each_model(page, [&](const ModelSeries& model, const std::string& labels) {
    histogram(page, labels + ",gen_ai_token_type=\"input\"", model.cells, &ModelCell::input_tokens, 1);
    histogram(page, labels + ",gen_ai_token_type=\"output\"", model.cells, &ModelCell::output_tokens, 1);
  });
}

void write_token_kinds(Page& page) {
  using Row = std::pair<std::string_view, Counter ModelCell::*>;
  constexpr std::array<Row, 5> kinds{Row{"input", &ModelCell::input}, Row{"cache_read", &ModelCell::cache_read},
                                     Row{"cache_write", &ModelCell::cache_write}, Row{"output", &ModelCell::output},
                                     Row{"reasoning", &ModelCell::reasoning}};
  each_model(page, [&](const ModelSeries& model, const std::string& labels) {
    for (const auto& [kind, member] : kinds) {
      const auto read = [member](const ModelCell& cell) { return (cell.*member).read(); };
      sample(page, fmt::format("{},kind=\"{}\"", labels, kind), model.cells.sum(read));
    }
  });
}

void write_cost(Page& page) {
  each_model(page, [&](const ModelSeries& model, const std::string& labels) {
    const auto cost = model.cells.sum([](const ModelCell& cell) { return cell.cost.read(); });
    fmt::format_to(std::back_inserter(page.out), "{}{{{}}} {}\n", page.name, labels,
                   decimal::text(cost, catalogue::dollar_places));
  });
}

void write_cost_unknown(Page& page) {
  each_model(page, [&](const ModelSeries& model, const std::string& labels) {
    sample(page, labels, model.cells.sum([](const ModelCell& cell) { return cell.cost_unknown.read(); }));
  });
}

template <SecondsHistogram ModelCell::* member>
void write_model_seconds(Page& page) {
  each_model(page, [&](const ModelSeries& model, const std::string& labels) {
    histogram(page, labels, model.cells, member, 1e6);
  });
}

template <std::uint64_t StateView::* member>
void write_total(Page& page) {
  sample(page, {}, page.view.*member);
}

template <std::uint64_t Connections::* member>
void write_connections(Page& page) {
  sample(page, {}, page.view.connections.*member);
}

void write_reloads(Page& page) {
  sample(page, "result=\"accepted\"", page.view.reloads);
  sample(page, "result=\"refused\"", page.view.reloads_refused);
}

void write_last_reload(Page& page) {
  sample(page, {}, static_cast<std::uint64_t>(page.last_reload));
}

void write_build(Page& page) {
  sample(page, "version=\"" APIGW_VERSION "\"", 1);
}

void write_start(Page& page) {
  const auto since = page.view.started.time_since_epoch();
  sample(page, {}, static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count()));
}

struct Signal {
  std::string_view name, type, help;
  void (*write)(Page&);
};

constexpr Signal signals[] = {
    {"apigw_build_info", "gauge", "The running version, always 1.", write_build},
    {"apigw_start_time_seconds", "gauge", "When the gateway started, in seconds since the epoch.", write_start},
    {"apigw_config_reloads_total", "counter", "Reloads of the config by result.", write_reloads},
    {"apigw_config_last_reload_timestamp_seconds", "gauge", "When the running config was loaded.", write_last_reload},
    {"apigw_requests_total", "counter",
     "Exchanges by route and class of the status sent (none: the client got none).", write_requests},
    {"apigw_request_duration_seconds", "histogram", "From the head of a request to the end of its reply.",
     write_request_duration},
    {"apigw_request_bytes_total", "counter", "Bytes received from clients, heads included.",
     write_route_counter<&RouteCell::bytes_in>},
    {"apigw_response_bytes_total", "counter", "Bytes sent to clients, heads included.",
     write_route_counter<&RouteCell::bytes_out>},
    {"apigw_requests_in_flight", "gauge", "Exchanges being served now.", write_total<&StateView::in_flight>},
    {"apigw_replies_cut_total", "counter", "Replies that broke after they had begun.", write_total<&StateView::cut>},
    {"apigw_clients_left_total", "counter", "Exchanges whose client went away first.",
     write_total<&StateView::clients_left>},
    {"apigw_secrets_blocked_total", "counter", "Replies ended because they carried a secret of the config.",
     write_total<&StateView::secrets_blocked>},
    {"apigw_wrong_key_addresses", "gauge", "Client addresses remembered for wrong keys.",
     write_total<&StateView::wrong_key_addresses>},
    {"apigw_access_log_dropped_total", "counter", "Access-log lines that found the writer too slow.",
     write_total<&StateView::log_dropped>},
    {"apigw_connections_open", "gauge", "Client connections open now.", write_connections<&Connections::open>},
    {"apigw_connections_accepted_total", "counter", "Client connections accepted.",
     write_connections<&Connections::accepted>},
    {"apigw_connections_refused_total", "counter", "Client connections refused over the cap.",
     write_connections<&Connections::refused>},
    {"apigw_requests_malformed_total", "counter", "Requests that framing rules or limits refused.",
     write_connections<&Connections::malformed>},
    {"apigw_upstream_connections_open", "gauge", "Upstream connections open now.",
     write_connections<&Connections::upstream_open>},
    {"apigw_upstream_connections_opened_total", "counter", "Upstream connections made.",
     write_connections<&Connections::upstream_opened>},
    {"apigw_upstream_attempts_total", "counter", "Attempts by upstream and result (status class or kind of failure).",
     write_attempts},
    {"apigw_upstream_duration_seconds", "histogram", "From dialling an upstream to the end of its reply.",
     write_attempt_duration},
    {"apigw_upstream_failures_in_a_row", "gauge", "Failures since the last success, of the worst instance.",
     write_failures_in_a_row},
    {"apigw_tokens_total", "counter", "Tokens by target and disjoint kind.", write_token_kinds},
    {"apigw_cost_usd_total", "counter", "What calls cost by target, in US dollars, where it is known.", write_cost},
    {"apigw_cost_unknown_total", "counter", "Calls by target that a model answered and whose cost is not known.",
     write_cost_unknown},
    {"gen_ai_client_token_usage", "histogram", "Tokens of one model call (gen_ai.client.token.usage).", write_tokens},
    {"gen_ai_client_operation_duration_seconds", "histogram",
     "Duration of a model call (gen_ai.client.operation.duration).", write_model_seconds<&ModelCell::duration>},
    {"gen_ai_server_time_to_first_token_seconds", "histogram",
     "Until the first byte of a model's answer (gen_ai.server.time_to_first_token).",
     write_model_seconds<&ModelCell::first_token>},
};

}  // namespace

std::string State::metrics_text() const {
  const StateView now = view();
  const auto series = bindings();
  if (!series) return {};
  Page page{now, *series, last_reload_.load(), {}, {}};
  for (const Signal& signal : signals) {
    std::string head =
        fmt::format("# HELP {} {}\n# TYPE {} {}\n", signal.name, signal.help, signal.name, signal.type);
    const std::size_t before = page.out.size();
    page.name = signal.name;
    signal.write(page);
    if (page.out.size() > before) page.out.insert(before, head);
  }
  return page.out;
}

}  // namespace apigw::gateway
