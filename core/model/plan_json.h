// The Plan as JSON that may be shown: no secret is in it, and each thing says which line of the config set it.
//
// Redacted by construction: a SecretRef is written as where it comes from, a consumer's hash and a service's
// variables only as being there, and the value of a header whose name sounds like a credential not at all.
#pragma once
#include <functional>
#include <string>

#include "model/plan.h"

namespace apigw::model {

// "apigw.yaml:14:15" for a span; empty when there is nothing to say, then the member `source` is left out.
using Place = std::function<std::string(Span)>;

// One document, pretty printed, ending with a newline.
[[nodiscard]] std::string plan_json(const Plan& plan, const Place& place);
// {"routes": […]} in the order of the Plan, names instead of indices.
[[nodiscard]] std::string routes_json(const Plan& plan, const Place& place);

// One thing of the Plan on one line, without its source: equal texts mean that nothing visible differs.
[[nodiscard]] std::string text_of(const Plan& plan, const Listener& listener);
[[nodiscard]] std::string text_of(const Plan& plan, const Route& route);
[[nodiscard]] std::string text_of(const Plan& plan, const Provider& provider);
[[nodiscard]] std::string text_of(const Plan& plan, const Model& model);
[[nodiscard]] std::string text_of(const Plan& plan, const Service& service);
[[nodiscard]] std::string text_of(const Plan& plan, const Consumer& consumer);
[[nodiscard]] std::string text_of(const Plan& plan, const Prompt& prompt);
[[nodiscard]] std::string text_of(const Timeouts& timeouts);
[[nodiscard]] std::string text_of(const Caps& caps);
[[nodiscard]] std::string text_of(const Admin& admin);
[[nodiscard]] std::string text_of(const Health& health);

}  // namespace apigw::model
