// A service on its way into a project: its folder and its lines in the config are found out whole, then written.
//
// Writes below the service's folder only, which is below the config's, and the pipeline where its system looks for it
// there: no `..`, no absolute path, no symbolic link on the way. Run again it writes the owned files anew and nothing
// else; one that somebody edited stops it by name.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"
#include "config_edit.h"
#include "scaffold/service.h"
#include "tree_writer.h"

namespace apigw::cli {

struct ServiceFlags {
  std::string name, language, framework, kind, directory, calls, route, port, ci, origin;
  TreeFlags tree;
};

struct NewService {
  scaffold::ServiceRequest request;
  scaffold::Stack stack;
  std::string directory;  // as the config names it
  std::string folder;     // the same as a path from here
  std::string route;      // "/stock"; empty: none
  bool again = false;     // it was there
  scaffold::Update update;
  render::FileTree files;  // update's
  render::File lock;
  std::string pipeline;  // path of the pipeline from here; empty: none is written
  render::File pipeline_file;
  std::string pipeline_wiring;     // what is left to do so that its system runs it; empty: nothing
  std::vector<std::string> notes;  // what a person must know besides, a sentence each
  ConfigEdit config;
  model::PlanPtr project;  // what the config says so far; null: there is none, or it has errors
};

// Complains about what keeps it from its end.
[[nodiscard]] std::expected<NewService, Exit> plan_service(Env& env, const Globals& globals,
                                                           const ServiceFlags& flags);
// The steps as done, or as they would be done, in their order: files, pipeline, config, lock.
[[nodiscard]] std::expected<std::vector<Step>, Exit> write_service(Env& env, const ServiceFlags& flags,
                                                                   const NewService& service);

}  // namespace apigw::cli
