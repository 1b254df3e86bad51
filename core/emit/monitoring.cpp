// What the Prometheus Operator makes of the gateway: where its metrics are, and when somebody should look; see
// objects.h.
#include <fmt/format.h>

#include "emit/objects.h"

namespace apigw::emit {
namespace {

Value alert(std::string_view name, std::string expression, std::string_view lasting, std::string_view severity,
            std::string_view summary) {
  return object({{"alert", name},
                 {"expr", std::move(expression)},
                 {"for", lasting},
                 {"labels", object({{"severity", severity}})},
                 {"annotations", object({{"summary", summary}})}});
}

}  // namespace

// Of pods and not of a Service: the port of the metrics is none that callers have.
Value pod_monitor(const Setting& setting, const Workload& workload) {
  return object(
      {{"apiVersion", "monitoring.coreos.com/v1"},
       {"kind", "PodMonitor"},
       {"metadata", metadata(setting, workload, workload.name)},
       {"spec",
        object({{"selector", object({{"matchLabels", selector_of(workload.name)}})},
                {"podMetricsEndpoints",
                 list({object({{"port", workload.probe.name}, {"path", "/metrics"}, {"interval", "30s"}})})}})}});
}

Value alerts(const Setting& setting, const Workload& workload) {
  const std::string pods = fmt::format("pod=~\"{}-.*\"", workload.name);
  return object(
      {{"apiVersion", "monitoring.coreos.com/v1"},
       {"kind", "PrometheusRule"},
       {"metadata", metadata(setting, workload, workload.name)},
       {"spec",
        object(
            {{"groups",
              list({object(
                  {{"name", "apigw"},
                   {"rules",
                    list({alert("ApigwDown", fmt::format("up{{{}}} == 0", pods), "5m", "critical",
                                "An instance of the gateway gives no metrics."),
                          alert("ApigwFails",
                                fmt::format("sum(rate(apigw_requests_total{{{0},status=\"5xx\"}}[5m])) / "
                                            "sum(rate(apigw_requests_total{{{0}}}[5m])) > 0.05",
                                            pods),
                                "10m", "warning", "More than one answer in twenty is a failure."),
                          alert("ApigwRefusesItsConfig",
                                fmt::format("increase(apigw_config_reloads_total{{{},result=\"refused\"}}[15m]) > 0",
                                            pods),
                                "1m", "warning", "A changed config was refused; the one before it still runs."),
                          alert("ApigwLosesLogLines",
                                fmt::format("increase(apigw_access_log_dropped_total{{{}}}[15m]) > 0", pods), "1m",
                                "warning", "The reader of the access log is too slow.")})}})})}})}});
}

}  // namespace apigw::emit
