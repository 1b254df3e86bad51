// Readers of the values that only a gateway's config has: secrets, addresses, URLs, auth, targets, limits.
//
// Each turns one node into one value or one finding; none looks at a second value.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/draft.h"
#include "yaml/fields.h"

namespace apigw::config {

// `env:NAME` or `file:PATH`, never expanded. A literal is AGW403, or AGW401 (literals.h) when it looks like a key.
struct SecretReader {
  using Value = model::SecretRef;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct UrlReader {
  using Value = Url;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct AddressReader {  // host:port
  using Value = Address;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct AdminAddressReader {  // host:port or unix:PATH
  using Value = Address;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct ProxyReader {  // env, none or http://host:port
  using Value = ProxyDraft;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct AuthReader {  // key, none or a list
  using Value = AuthDraft;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

// The grammar of limits; enforced by a later version, so that a well-formed one is AGW207 and a malformed one AGW212.
struct LimitReader {
  using Value = bool;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};
// What is wrong with a limit, or nothing.
[[nodiscard]] std::optional<std::string> limit_fault(std::string_view text);

struct HeaderValueReader {  // no control characters, not empty around
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct HashReader {  // hmac-sha256:HEX
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct UrlPathReader {  // begins with a slash, in canonical form
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct HostReader {  // name or *.name, without port; lower case
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct OperationReader {  // FILE#OPERATION
  using Value = OperationDraft;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct LossesReader {  // drop or error: whether losses refuse a call
  using Value = bool;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct StatusReader {  // of a redirect
  using Value = std::uint16_t;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

// [registry/]name:tag, name@sha256:digest or both, taken apart.
struct ImageName {
  std::string_view name, tag, digest;  // empty where absent
  bool well_formed = false;
};
[[nodiscard]] ImageName split_image(std::string_view image);

struct ImageReader {  // with a version, and not `latest`: AGW314
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct ScaleReader {  // N or A..B, 1 to 1000
  using Value = ScaleDraft;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct CpuReader {  // 250m, 0.5 or 2, as thousandths of a core
  using Value = std::uint32_t;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct LabelReader {  // an RFC 1123 label
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

struct ObjectReader {  // KIND/NAME, the name with '*' for a pattern
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

// Any value, as JSON: unquoted true, false, null and JSON numbers are these, all else is text.
struct JsonReader {
  using Value = std::string;
  static const yaml::Type type;
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading);
};

// What the user wrote, as it may stand in a message.
[[nodiscard]] std::string shown_value(std::string_view s);
// Adds a finding with one help; a value that AGW401 reports stays out.
void refuse(int code, const yaml::Node& node, yaml::Reading& reading, std::string_view value, std::string message,
            std::string help);
// The same where one text would be right.
void refuse_with_fix(int code, const yaml::Node& node, yaml::Reading& reading, std::string message,
                     std::string replacement);

}  // namespace apigw::config
