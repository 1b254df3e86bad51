// Readers of what `emit` deploys: images, numbers of instances, CPU, names of Kubernetes, patches.
#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "config/grammar.h"
#include "config/readers.h"

namespace apigw::config {

using yaml::Node;
using yaml::Reading;
using yaml::Type;

namespace {

constexpr std::uint64_t most_instances = 1'000;

bool lower_or_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'z');
}

// Runs of small letters and digits with one of '.', '_', '__' or dashes between them.
bool is_image_path(std::string_view path) {
  if (path.empty()) return false;
  for (const std::string_view part : text::split(path, '/')) {
    if (part.empty() || !lower_or_digit(part.front()) || !lower_or_digit(part.back())) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const char c = part[i];
      if (lower_or_digit(c) || c == '-') continue;
      const std::size_t run = part.substr(i).find_first_not_of(c);
      if ((c != '.' && c != '_') || run > (c == '_' ? 2u : 1u) || !lower_or_digit(part[i + run])) return false;
      i += run - 1;
    }
  }
  return true;
}

bool is_tag(std::string_view tag) {
  const auto word = [](char c) { return letter(c) || digit(c) || c == '_'; };
  return !tag.empty() && tag.size() <= 128 && word(tag.front()) &&
         std::ranges::all_of(tag, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view digest) {
  return digest.size() == 71 && digest.starts_with("sha256:") &&
         std::ranges::all_of(digest.substr(7), [](char c) { return hex_digit(c) && !(c >= 'A' && c <= 'F'); });
}

}  // namespace

ImageName split_image(std::string_view image) {
  ImageName out;
  const auto at = image.find('@');
  if (at != std::string_view::npos) out.digest = image.substr(at + 1);
  image = image.substr(0, at);
  const auto slash = image.rfind('/');
  const auto colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) out.tag = image.substr(colon + 1);
  out.name = image.substr(0, colon);
  std::string_view path = out.name;
  const auto first = path.find('/');
  const std::string_view registry = first == std::string_view::npos ? "" : path.substr(0, first);
  const bool host = registry.find_first_of(".:") != std::string_view::npos || registry == "localhost";
  if (host) path.remove_prefix(first + 1);
  const HostPort where = host ? split_authority(registry) : HostPort{};
  out.well_formed = where.fault.empty() && is_image_path(path) &&
                    (colon == std::string_view::npos || is_tag(out.tag)) &&
                    (at == std::string_view::npos || is_digest(out.digest)) && out.name.size() <= 255;
  return out;
}

const Type ImageReader::type{Type::Shape::leaf,
                             "image",
                             R"s("type":"string","pattern":"^(.+:[^/]+|.+@sha256:[0-9a-f]{64}|.*\\$\\{.*)$")s",
                             {}};

std::optional<std::string> ImageReader::read(const Node& node, Reading& reading) {
  auto image = yaml::scalar(node, reading, "an image such as registry.example/orders:1.4.2");
  if (!image) return std::nullopt;
  const ImageName parts = split_image(*image);
  const std::string example = fmt::format("{}:1.4.2", shown_value(parts.name));
  if (!parts.well_formed)
    refuse(314, node, reading, *image, fmt::format("'{}' is no image", shown_value(*image)),
           "[registry/]name:tag, all small letters, as in registry.shop.example/orders:1.4.2");
  else if (parts.tag == "latest")
    refuse(314, node, reading, *image,
           fmt::format("image '{}' may be another one at every start", shown_value(*image)),
           "name the version that you tested, as in " + example);
  else if (parts.tag.empty() && parts.digest.empty())
    refuse(314, node, reading, *image, fmt::format("image '{}' names no version", shown_value(*image)),
           "add a tag or a digest, as in " + example);
  else
    return image;
  return std::nullopt;
}

const Type ScaleReader::type{
    Type::Shape::leaf,
    "number or range",
    R"s("type":["integer","string"],"minimum":1,"maximum":1000,"pattern":"^([0-9]+(\\.\\.[0-9]+)?|.*\\$\\{.*)$")s",
    {}};

std::optional<ScaleDraft> ScaleReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "a number of instances");
  if (!value) return std::nullopt;
  const auto dots = value->find("..");
  const auto least = text::parse_number(std::string_view(*value).substr(0, dots));
  const auto most = dots == std::string::npos ? least : text::parse_number(std::string_view(*value).substr(dots + 2));
  if (!least || !most) {
    refuse(203, node, reading, *value, fmt::format("'{}' is no number of instances", shown_value(*value)),
           "a number such as 3, or the least and the most of them: 2..10");
    return std::nullopt;
  }
  if (*least >= 1 && *least <= *most && *most <= most_instances)
    return ScaleDraft{static_cast<std::uint32_t>(*least), static_cast<std::uint32_t>(*most)};
  refuse(204, node, reading, *value, fmt::format("'{}' is out of range", shown_value(*value)),
         *least > *most ? fmt::format("the smaller number first: {}..{}", *most, *least)
                        : std::string("1 to 1000 instances"));
  return std::nullopt;
}

const Type CpuReader::type{Type::Shape::leaf,
                           "CPU",
                           R"s("type":["number","string"],"pattern":"^([0-9]+m|[0-9]+(\\.[0-9]+)?|.*\\$\\{.*)$")s",
                           {}};

std::optional<std::uint32_t> CpuReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "an amount of CPU");
  if (!value) return std::nullopt;
  std::string_view digits = *value;
  const bool milli = digits.ends_with('m');
  if (milli) digits.remove_suffix(1);
  const auto point = digits.find('.');
  std::string fraction = point == std::string_view::npos ? "" : std::string(digits.substr(point + 1));
  const auto whole = text::parse_number(digits.substr(0, point));
  const bool fraction_fits = point == std::string_view::npos || (!milli && !fraction.empty() && fraction.size() <= 3);
  fraction.resize(3, '0');
  const auto thousandths = text::parse_number(fraction);
  if (!whole || !fraction_fits || !thousandths) {
    refuse(203, node, reading, *value, fmt::format("'{}' is no amount of CPU", shown_value(*value)),
           "cores such as 0.5 or 2, or thousandths of one: 250m");
    return std::nullopt;
  }
  constexpr std::uint64_t most = 256'000;
  const std::uint64_t total = milli ? *whole : *whole > most ? most + 1 : *whole * 1000 + *thousandths;
  if (total >= 1 && total <= most) return static_cast<std::uint32_t>(total);
  refuse(204, node, reading, *value, fmt::format("'{}' is out of range", shown_value(*value)), "1m to 256 cores");
  return std::nullopt;
}

const Type LabelReader::type{
    Type::Shape::leaf,
    "name of Kubernetes",
    R"s("type":"string","maxLength":63,"pattern":"^([a-z0-9]([a-z0-9-]*[a-z0-9])?|.*\\$\\{.*)$")s",
    {}};

std::optional<std::string> LabelReader::read(const Node& node, Reading& reading) {
  auto name = yaml::scalar(node, reading, "a name");
  if (!name) return std::nullopt;
  const bool good = !name->empty() && name->size() <= 63 && lower_or_digit(name->front()) &&
                    lower_or_digit(name->back()) &&
                    std::ranges::all_of(*name, [](char c) { return lower_or_digit(c) || c == '-'; });
  if (good) return name;
  refuse(203, node, reading, *name, fmt::format("'{}' is no name that Kubernetes takes", shown_value(*name)),
         "small letters, digits and '-' inside, at most 63");
  return std::nullopt;
}

const Type ObjectReader::type{
    Type::Shape::leaf, "KIND/NAME", R"s("type":"string","pattern":"^([A-Za-z]+/[A-Za-z0-9.*_-]+|.*\\$\\{.*)$")s", {}};

std::optional<std::string> ObjectReader::read(const Node& node, Reading& reading) {
  auto name = yaml::scalar(node, reading, "KIND/NAME");
  if (!name) return std::nullopt;
  const auto slash = name->find('/');
  const bool good = slash != std::string::npos && slash > 0 && slash + 1 < name->size() &&
                    std::ranges::all_of(name->substr(0, slash), letter);
  if (good) return name;
  refuse(203, node, reading, *name, fmt::format("'{}' names no object", shown_value(*name)),
         "its kind and its name, as in Deployment/orders; '*' stands for any run of characters");
  return std::nullopt;
}

// --- values as they are

namespace {

// A JSON number, written as one: neither 0x1F nor 007.
bool is_number(std::string_view s) {
  const auto digits = [&] {
    const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
    const bool some = end > 0;
    s.remove_prefix(end);
    return some;
  };
  if (s.starts_with('-')) s.remove_prefix(1);
  if (s.size() > 1 && s[0] == '0' && digit(s[1])) return false;
  if (!digits()) return false;
  if (s.starts_with('.') && (s.remove_prefix(1), !digits())) return false;
  if (s.starts_with('e') || s.starts_with('E')) {
    s.remove_prefix(1);
    if (s.starts_with('-') || s.starts_with('+')) s.remove_prefix(1);
    if (!digits()) return false;
  }
  return s.empty();
}

bool write(const Node& node, Reading& reading, std::string& out) {
  switch (node.kind) {
    case yaml::Kind::null:
      out += "null";
      return true;
    case yaml::Kind::scalar: {
      const auto value = reading.text(node);
      if (!value) return false;
      const bool plain = node.style == yaml::Style::plain &&
                         (*value == "true" || *value == "false" || *value == "null" || is_number(*value));
      out += plain ? *value : json::quote(*value);
      return true;
    }
    case yaml::Kind::sequence:
      out += '[';
      for (const Node* item : node.items) {
        if (out.back() != '[') out += ',';
        if (!write(*item, reading, out)) return false;
      }
      out += ']';
      return true;
    case yaml::Kind::mapping:
      out += '{';
      for (const yaml::Entry& entry : node.entries) {
        if (node.find(entry.key->value) != entry.value) continue;  // duplicates are reported by the tree
        if (out.back() != '{') out += ',';
        out += json::quote(entry.key->value) + ":";
        if (!write(*entry.value, reading, out)) return false;
      }
      out += '}';
      return true;
  }
  return false;
}

}  // namespace

const Type JsonReader::type{Type::Shape::leaf, "any value", "", {}};

std::optional<std::string> JsonReader::read(const Node& node, Reading& reading) {
  std::string out;
  return write(node, reading, out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace apigw::config
