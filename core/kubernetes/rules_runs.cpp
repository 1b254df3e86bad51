// How a container is brought up and watched: its image, what it may use, its probes and ports.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/words.h"

namespace apigw::kubernetes {
namespace {

// The tag of an image; a digest without a tag counts as one.
std::string_view tag_of(std::string_view image) {
  const std::string_view whole = image;
  const auto digest = image.find('@');
  image = image.substr(0, digest);
  const auto colon = image.rfind(':');
  const auto slash = image.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash))
    return image.substr(colon + 1);
  return digest == std::string_view::npos ? std::string_view{} : whole.substr(digest + 1);
}

bool is_set(const Node* quantity) {
  const auto word = text_of(quantity);
  return word.find_first_of("123456789") != std::string_view::npos;
}

// A request or limit that has to be there.
void must_have(const Look& look, std::string_view bound, std::string_view resource, std::string_view what,
               std::string_view example) {
  const Node* const set = at(look.container->node, {"resources", bound, resource});
  if (is_set(set)) return;
  look.add(set != nullptr ? set->span : look.container->where(),
           fmt::format("{} has no {} {}", look.title(), what, bound.substr(0, bound.size() - 1)),
           set != nullptr ? "nothing" : fmt::format("no resources.{}.{}", bound, resource),
           fmt::format("write `{}: {{ {}: {} }}` under its resources", bound, resource, example));
}

void must_probe(const Look& look, std::string_view field, std::string_view what, std::string_view help) {
  if (look.container->init || at(look.container->node, {field}) != nullptr) return;
  look.add(look.container->where(), fmt::format("nobody asks {} {}", look.title(), what), fmt::format("no {}", field),
           std::string(help));
}

constexpr std::string_view handlers[] = {"httpGet", "tcpSocket", "grpc", "exec"};

bool same(const Node* a, const Node* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->kind != b->kind || a->value != b->value) return false;
  return std::ranges::equal(a->items, b->items, same);
}

bool same_question(const Node* a, const Node* b) {
  if (a == nullptr || b == nullptr) return false;
  return std::ranges::all_of(std::initializer_list<std::string_view>{"path", "port", "command", "service"},
                             [&](std::string_view field) { return same(at(a, {field}), at(b, {field})); });
}

bool declares(const Container& container, std::string_view port) {
  return std::ranges::any_of(items(at(container.node, {"ports"})), [&](const Node* one) {
    return text_of(at(one, {"name"})) == port || text_of(at(one, {"containerPort"})) == port;
  });
}

}  // namespace

void image_tag(const Look& look) {
  const Node* const image = at(look.container->node, {"image"});
  const auto tag = tag_of(text_of(image));
  if (!tag.empty() && tag != "latest") return;
  look.add(image != nullptr ? image->span : look.container->where(),
           fmt::format("{} runs whatever its image is that day", look.title()),
           image == nullptr ? "no image"
           : tag.empty()    ? "no tag"
                            : "the tag moves",
           "write a version as its tag, or a digest: `name:1.4.2@sha256:…`");
}

void pull_policy(const Look& look) {
  const Node* const policy = at(look.container->node, {"imagePullPolicy"});
  const auto tag = tag_of(text_of(at(look.container->node, {"image"})));
  if (text_of(policy) == "Always" || (policy == nullptr && (tag.empty() || tag == "latest"))) return;
  const std::string message = fmt::format("{} may run an image that its node has already, unasked", look.title());
  if (policy != nullptr)
    look.replace(*policy, message, "not Always", "Always");
  else
    look.add(look.container->where(), message, "no imagePullPolicy", "write `imagePullPolicy: Always`");
}

void cpu_request(const Look& look) {
  must_have(look, "requests", "cpu", "CPU", "100m");
}
void cpu_limit(const Look& look) {
  must_have(look, "limits", "cpu", "CPU", "500m");
}
void memory_request(const Look& look) {
  must_have(look, "requests", "memory", "memory", "128Mi");
}
void memory_limit(const Look& look) {
  must_have(look, "limits", "memory", "memory", "128Mi");
}
void ephemeral_storage(const Look& look) {
  must_have(look, "requests", "ephemeral-storage", "disk", "64Mi");
  must_have(look, "limits", "ephemeral-storage", "disk", "256Mi");
}

void readiness_probe(const Look& look) {
  must_probe(look, "readinessProbe", "whether it may get calls",
             "write a `readinessProbe` that fails while it starts and while it stops");
}
void liveness_probe(const Look& look) {
  must_probe(look, "livenessProbe", "whether it still lives",
             "write a `livenessProbe` that needs nothing of other services");
}

void identical_probes(const Look& look) {
  const Node* const ready = at(look.container->node, {"readinessProbe"});
  const Node* const live = at(look.container->node, {"livenessProbe"});
  for (const std::string_view handler : handlers) {
    if (!same_question(at(ready, {handler}), at(live, {handler}))) continue;
    auto& finding =
        look.add(at(live, {handler})->span, fmt::format("{} is restarted whenever it is not ready", look.title()),
                 "asks what the readinessProbe asks", "ask another path, or leave the livenessProbe out");
    finding.labels.push_back({at(ready, {handler})->span, "asked here"});
  }
}

void probe_ports(const Look& look) {
  for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"})
    for (const std::string_view handler : handlers) {
      const Node* const port = at(look.container->node, {probe, handler, "port"});
      if (port == nullptr || declares(*look.container, text_of(port))) continue;
      look.add(port->span,
               fmt::format("{} of {} asks a port that the container does not declare", probe, look.title()),
               "no port of this name or number", "name a port of its `ports:`");
    }
}

void port_names(const Look& look) {
  for (const Node* port : items(at(look.container->node, {"ports"})))
    if (const Node* const name = at(port, {"name"}); name != nullptr && !is_port_name(text_of(name)))
      look.add(name->span,
               fmt::format("'{}' cannot name a port of {}", text::printable(text_of(name), 60), look.title()),
               "Kubernetes refuses it", "1 to 15 of a-z, 0-9 and single dashes between them, at least one letter");
}

}  // namespace apigw::kubernetes
