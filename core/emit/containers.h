// What Compose and Swarm say alike: values without expansion, health from inside the container, secrets as files.
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
// What is asked from inside, as "CMD", program and arguments or "CMD-SHELL" and a line.
[[nodiscard]] std::vector<std::string> health_command(const Workload& workload);
// Healthy is ready: who waits for it may call it.
[[nodiscard]] Value health(const Workload& workload);
// The gateway's secrets are files: its command line says so for each field.
[[nodiscard]] std::vector<std::string> file_arguments(const model::Plan& plan, const Workload& workload);

}  // namespace apigw::emit
