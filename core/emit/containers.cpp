#include "emit/containers.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::emit {
// The gateway's image has bash and no client.
std::vector<std::string> gateway_health(const Workload& gateway) {
  return {"CMD", "bash", "-c",
          fmt::format("exec 3<>/dev/tcp/127.0.0.1/{0} && printf 'GET {1} HTTP/1.1\\r\\nhost: health\\r\\nconnection: "
                      "close\\r\\n\\r\\n' >&3 "
                      "&& read -r line <&3 && case \"$line\" in *' 200 '*) ;; *) exit 1 ;; esac",
                      gateway.probe.number, gateway.ready)};
}

Value health(const Workload& gateway) {
  Value test = list();
  for (const std::string& one : gateway_health(gateway)) test.items.push_back(text(literal(one)));
  return object({{"test", std::move(test)},
                 {"interval", "10s"},
                 {"timeout", "5s"},
                 {"retries", number(3)},
                 {"start_period", "60s"}});
}

void report_health(const model::Plan& plan, const Workload& workload, diag::Report& report) {
  const auto service = std::ranges::find(plan.services, workload.called, &model::Service::name);
  if (workload.gateway || service == plan.services.end() || service->health_path.empty()) return;
  nearly(report, workload.where, field_of(workload) + ".health",
         "the HEALTHCHECK of its image holds; an image without one is well when it has started");
}

std::string literal(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '$' ? std::string("$$") : std::string(1, c);
  return out;
}

std::string config_name(std::string_view path) {
  std::string name;
  for (const char c : path) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    name += kept ? std::string(1, c) : c == '/' ? "__" : "_";
  }
  return "gateway-" + name;
}

std::string cores(std::uint32_t thousandths) {
  return fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
}

std::string mounted_at(const std::string& path) {
  return path.starts_with('/') ? path : fmt::format("{}/{}", config_folder, path);
}

std::vector<std::string> file_arguments(const model::Plan& plan, const Workload& workload) {
  std::vector<std::string> out;
  for (const std::string& argument : workload.arguments) out.push_back(literal(argument));
  for (const auto& [field, secret] : secrets_of(plan))
    if (secret->kind == model::SecretRef::Kind::env) {
      out.emplace_back("--set");
      out.push_back(fmt::format("{}=file:{}{}", field, secret_folder, secret->name));
    }
  return out;
}

}  // namespace apigw::emit
