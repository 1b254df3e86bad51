// The files of a new service, and of its pipeline, before anything of them is compared or written.
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "command.h"
#include "new_service.h"

namespace apigw::cli {

// Every file of the service, by the template that is asked for, or that its lock names; says in `service` what that
// found out. Complains.
[[nodiscard]] std::expected<render::FileTree, Exit> make_tree(Env& env, const Globals& globals,
                                                              const ServiceFlags& flags,
                                                              const std::optional<scaffold::Lock>& lock,
                                                              NewService& service);
// Its pipeline: with the service, or for one that is there when --ci asks for it. Complains, also where another
// service's pipeline has its name already.
[[nodiscard]] std::expected<void, Exit> make_pipeline(Env& env, const ServiceFlags& flags,
                                                      const render::FileTree& tree, NewService& service);

}  // namespace apigw::cli
