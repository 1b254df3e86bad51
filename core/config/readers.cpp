#include "config/readers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "model/credential.h"

namespace apigw::config {

using yaml::Node;
using yaml::Reading;
using yaml::Type;

std::string shown_value(std::string_view s) {
  return text::printable(s, 80);
}

void refuse(int code, const Node& node, Reading& reading, std::string_view value, std::string message,
            std::string help) {
  if (reading.already_reported(value)) return;
  reading.wrong(code, node, std::move(message)).helps.push_back(std::move(help));
}

void refuse_with_fix(int code, const Node& node, Reading& reading, std::string message, std::string replacement) {
  auto& finding = reading.wrong(code, node, std::move(message));
  finding.helps.push_back(fmt::format("replace with '{}'", replacement));
  finding.fixes.push_back({node.span, std::move(replacement)});
}

// --- secrets

const Type SecretReader::type{
    Type::Shape::leaf, "secret", R"s("type":"string","pattern":"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$")s", {}};

std::optional<model::SecretRef> SecretReader::read(const Node& node, Reading& reading) {
  if (node.kind != yaml::Kind::scalar) {
    (void)yaml::scalar(node, reading, "env:NAME or file:PATH");  // says what was wanted
    return std::nullopt;
  }
  const std::string& value = node.value;
  if (value.starts_with("env:")) {
    const std::string name = value.substr(4);
    if (is_variable(name)) return model::SecretRef{model::SecretRef::Kind::env, name, {}, node.span};
    refuse(403, node, reading, value, fmt::format("'{}' names no variable", shown_value(value)),
           "env: and the variable's name: letters, digits and '_', as in env:SHOP_KEY");
    return std::nullopt;
  }
  if (value.starts_with("file:") && value.size() > 5)
    return model::SecretRef{model::SecretRef::Kind::file, reading.beside(node.span, value.substr(5)), {}, node.span};
  if (model::looks_like_key(value)) return std::nullopt;  // AGW401, by the walk over every scalar
  if (value.starts_with("${")) {
    refuse(403, node, reading, value, "a secret is never expanded into the text",
           "write env:NAME instead of ${NAME}");
    return std::nullopt;
  }
  // The value itself stays out of the message: it may be a password.
  refuse(403, node, reading, value, "a secret must be a reference, not a value",
         "write env:NAME for a variable or file:PATH for a file of mode 0600");
  return std::nullopt;
}

const Type HashReader::type{
    Type::Shape::leaf, "key hash", R"s("type":"string","pattern":"^hmac-sha256:[0-9a-f]{64}$")s", {}};

std::optional<std::string> HashReader::read(const Node& node, Reading& reading) {
  auto value = yaml::scalar(node, reading, "a key hash");
  if (!value) return std::nullopt;
  constexpr std::string_view prefix = "hmac-sha256:";
  const std::string_view hex = value->starts_with(prefix) ? std::string_view(*value).substr(prefix.size()) : "";
  const bool good =
      hex.size() == 64 && std::ranges::all_of(hex, [](char c) { return hex_digit(c) && !(c >= 'A' && c <= 'F'); });
  if (good) return value;
  refuse(409, node, reading, *value, "this is not a key hash",
         "paste what `apigw key hash` prints: hmac-sha256: and 64 hex digits");
  return std::nullopt;
}

// --- HTTP words

const Type HeaderValueReader::type{
    Type::Shape::leaf, "header value", R"s("type":["string","number","boolean"])s", {}};

std::optional<std::string> HeaderValueReader::read(const Node& node, Reading& reading) {
  auto value = yaml::scalar(node, reading, "a header's value");
  if (!value) return std::nullopt;
  const bool clean = std::ranges::all_of(*value, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 && code != 0x7f;
  });
  if (clean && text::trim(*value).size() == value->size()) return value;
  refuse(
      304, node, reading, *value, fmt::format("'{}' is no header value", shown_value(*value)),
      clean ? "blanks around it would be dropped: remove them" : "control characters and line ends are never sent");
  return std::nullopt;
}

const Type UrlPathReader::type{Type::Shape::leaf, "URL path", R"s("type":"string","pattern":"^(/|.*\\$\\{)")s", {}};

std::optional<std::string> UrlPathReader::read(const Node& node, Reading& reading) {
  auto path = yaml::scalar(node, reading, "a path");
  if (!path) return std::nullopt;
  const auto fault = path_fault(*path);
  if (!fault) return path;
  refuse(305, node, reading, *path, fmt::format("'{}' is no usable path", shown_value(*path)), *fault);
  return std::nullopt;
}

const Type HostReader::type{Type::Shape::leaf, "host name", R"s("type":"string","minLength":1)s", {}};

std::optional<std::string> HostReader::read(const Node& node, Reading& reading) {
  auto host = yaml::scalar(node, reading, "a host name");
  if (!host) return std::nullopt;
  *host = text::lower(*host);
  const std::string_view name = host->starts_with("*.") ? std::string_view(*host).substr(2) : std::string_view(*host);
  const bool with_port = name.find(':') != std::string_view::npos;
  const auto fault = with_port ? std::optional<std::string>("a host stands here without port") : host_fault(name);
  if (!fault) return host;
  refuse(312, node, reading, *host, fmt::format("'{}' never matches a host", shown_value(*host)), *fault);
  return std::nullopt;
}

const Type OperationReader::type{
    Type::Shape::leaf, "FILE#OPERATION", R"s("type":"string","pattern":"^[^#]+#.+$")s", {}};

std::optional<OperationDraft> OperationReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "FILE#OPERATION");
  if (!value) return std::nullopt;
  const auto hash = value->find('#');
  if (hash != std::string::npos && hash > 0 && hash + 1 < value->size())
    return OperationDraft{reading.beside(node.span, value->substr(0, hash)), value->substr(hash + 1)};
  refuse(351, node, reading, *value, fmt::format("'{}' names no operation of a document", shown_value(*value)),
         "write openapi.yaml#createOrder, or 'openapi.yaml#POST /orders'");
  return std::nullopt;
}

const Type LossesReader::type{Type::Shape::leaf, "drop or error", R"s("enum":["drop","error"])s", {}};

std::optional<bool> LossesReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "drop or error");
  if (!value) return std::nullopt;
  if (*value == "drop" || *value == "error") return *value == "error";
  refuse(205, node, reading, *value, fmt::format("losses cannot be '{}'", shown_value(*value)),
         "drop or error; drop is the default and lists them in x-apigw-loss");
  return std::nullopt;
}

const Type StatusReader::type{Type::Shape::leaf, "redirect status", R"s("enum":[301,302,303,307,308])s", {}};

std::optional<std::uint16_t> StatusReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "a redirect status");
  if (!value) return std::nullopt;
  constexpr std::string_view statuses[] = {"301", "302", "303", "307", "308"};
  if (std::ranges::find(statuses, *value) != std::end(statuses))
    return static_cast<std::uint16_t>(*text::parse_number(*value));
  refuse(310, node, reading, *value, fmt::format("'{}' is no redirect status", shown_value(*value)),
         "301, 302, 303, 307 or 308; 308 is the default and keeps method and body");
  return std::nullopt;
}

}  // namespace apigw::config
