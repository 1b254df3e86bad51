// A service that is there already on its way into the config: its folder or address is looked at, its lines are made
// and checked, then written. Nothing of the service itself is changed or started.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"
#include "config_edit.h"
#include "render/value.h"
#include "scaffold/existing.h"

namespace apigw::cli {

struct AddedFlags {
  std::string place, name, run, port, route;
  bool dry_run = false, diff = false;
};

struct AddedService {
  std::string name;
  render::Value entry;              // what stands behind `name:`
  scaffold::Existing found;         // of a folder
  std::string document;             // the OpenAPI document that routes and health are of; empty: none
  std::string health;               // path; empty: not told
  std::vector<std::string> routes;  // keys of the config
  std::vector<std::string> notes;   // what could not be read or used, a sentence each
  bool again = false;               // it stands in the config already
  ConfigEdit config;
  model::PlanPtr project;  // what the config says so far; null: there is none, or it has errors
};

// Complains about what keeps it from its end.
[[nodiscard]] std::expected<AddedService, Exit> plan_added(Env& env, const Globals& globals, const AddedFlags& flags);

}  // namespace apigw::cli
