#include "emit/containers.h"

#include <fmt/format.h>

namespace apigw::emit {
namespace {

// Whatever of these the image has: it says 200 for a path, or takes a connection.
std::string asks(const Workload& workload) {
  const std::string port = std::to_string(workload.probe.number);
  if (workload.gateway)  // its image has bash and no client
    return fmt::format(
        "exec 3<>/dev/tcp/127.0.0.1/{0} && printf 'GET {1} HTTP/1.1\\r\\nhost: health\\r\\nconnection: "
        "close\\r\\n\\r\\n' >&3 "
        "&& read -r line <&3 && case \"$line\" in *' 200 '*) ;; *) exit 1 ;; esac",
        port, workload.ready);
  const std::string url = fmt::format("http://127.0.0.1:{}{}", port, workload.ready);
  return fmt::format(
      "wget -q -O /dev/null {0} || curl -fsS -o /dev/null {0} || python3 -c \"import urllib.request; "
      "urllib.request.urlopen('{0}')\" || node -e \"fetch('{0}').then(r => process.exit(r.ok ? 0 : 1), () => "
      "process.exit(1))\"",
      url);
}

}  // namespace

std::vector<std::string> health_command(const Workload& workload) {
  if (workload.gateway) return {"CMD", "bash", "-c", asks(workload)};
  return {"CMD-SHELL", asks(workload)};
}

Value health(const Workload& workload) {
  Value test = list();
  for (const std::string& one : health_command(workload)) test.items.push_back(text(literal(one)));
  return object({{"test", std::move(test)},
                 {"interval", "10s"},
                 {"timeout", "5s"},
                 {"retries", number(3)},
                 {"start_period", "60s"}});
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
