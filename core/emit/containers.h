// What Compose and Swarm say alike: values without expansion, health as the image has it, secrets as files.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "emit/bundle.h"
#include "emit/tree.h"

namespace apigw::emit {

inline constexpr std::string_view secret_folder = "/run/secrets/";

// Docker's tools expand what stands behind a '$'.
[[nodiscard]] std::string literal(std::string_view value);
[[nodiscard]] std::string config_name(std::string_view path);
[[nodiscard]] std::string mounted_at(const std::string& path);
[[nodiscard]] std::string cores(std::uint32_t thousandths);
// What is asked inside the gateway's container: "CMD", program and arguments. Of services the image alone knows how.
[[nodiscard]] std::vector<std::string> gateway_health(const Workload& gateway);
// Healthy is ready.
[[nodiscard]] Value health(const Workload& gateway);
// 712 for the `health:` of a service: the image's own check holds, and that of the config is not in it.
void report_health(const model::Plan& plan, const Workload& workload, diag::Report& report);
// The gateway's secrets are files: its command line says so for each field.
[[nodiscard]] std::vector<std::string> file_arguments(const model::Plan& plan, const Workload& workload);

}  // namespace apigw::emit
