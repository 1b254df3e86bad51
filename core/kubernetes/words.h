// Judgements on single words of a manifest.
#pragma once
#include <optional>
#include <string_view>

namespace apigw::kubernetes {

// What Kubernetes takes as a label's value: up to 63 of A-Z, a-z, 0-9, '-', '_', '.', alphanumeric at both ends; or
// nothing.
[[nodiscard]] bool is_label_value(std::string_view word);
// IANA_SVC_NAME (RFC 6335, 5.1): the name of a port.
[[nodiscard]] bool is_port_name(std::string_view word);
// The word that tells that a variable or key of this name holds a secret ("password"), as polaris and kube-linter
// read it; nothing when none does.
[[nodiscard]] std::optional<std::string_view> sensitive_word(std::string_view name);
// Whether a value of such a name can be one: not empty, no number, no boolean, no path.
[[nodiscard]] bool may_be_secret(std::string_view value);
[[nodiscard]] bool holds_private_key(std::string_view value);

}  // namespace apigw::kubernetes
