#include "door.h"

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "dotenv.h"
#include "policy/key.h"
#include "project.h"
#include "runtime_file.h"

namespace apigw::cli {
namespace {

std::expected<config::Environment, Exit> with_dotenv(Env& env, const std::string& config) {
  const auto tracked = [&](const std::string& directory, const std::string& file) {
    return tracked_by_git(directory, file, env.environment);
  };
  auto read = read_dotenv(env.files, config, env.environment, tracked);
  if (!read) return std::unexpected(complain(env, Exit::input, read.error()));
  return std::move(read->environment);
}

// The project as a gateway of this process serves it.
std::expected<config::Request, Exit> own_request(Env& env, const Globals& globals) {
  auto request = project_request(env, globals);
  if (!request) return request;
  auto key = policy::mint_key();
  if (!key) return std::unexpected(complain(env, Exit::world, key.error().what));
  request->secrets = config::Secrets::optional;
  request->development = true;
  request->dev_key = std::move(*key);
  request->sets.emplace_back("listen", "127.0.0.1:0");
  request->sets.emplace_back("prompts", "{}");
  return request;
}

model::PlanPtr on_the_mock(const model::PlanPtr& plan) {
  auto copy = std::make_shared<model::Plan>(*plan);
  for (model::Prompt& prompt : copy->prompts) prompt.model = "mock/prompt";
  return copy;
}

}  // namespace

std::expected<std::unique_ptr<Door>, Exit> Door::open(Env& env, const Globals& globals, const DoorWish& wish) {
  auto request = own_request(env, globals);
  if (!request) return std::unexpected(request.error());
  auto environment = with_dotenv(env, request->path);
  if (!environment) return std::unexpected(environment.error());
  std::unique_ptr<Door> door(new Door);
  door->key_ = request->dev_key;
  auto loaded = load_project(env, globals, std::move(*request), *environment);
  if (!loaded) return std::unexpected(loaded.error());
  door->plan_ = loaded->plan;
  if (wish.running) {
    if (auto gateway = find_gateway(project_path(env, globals), false, env.files, env.environment)) {
      door->origin_ = gateway->address;
      door->key_ = gateway->dev_key;
      return door;
    }
  }
  auto engine =
      assembly::Engine::start(wish.mock ? on_the_mock(door->plan_) : door->plan_,
                              {.workers = 1, .environment = {environment->begin(), environment->end()}}, env.clock);
  if (!engine) return std::unexpected(complain(env, Exit::world, engine.error().what));
  door->engine_ = std::move(*engine);
  door->origin_ = door->engine_->addresses().front().text;
  return door;
}

Result<Door::Reply> Door::ask(const std::string& path, std::string body, std::chrono::milliseconds timeout,
                              const Listen& listen) const {
  outbound::Request request{.origin = origin_, .method = "POST", .target = path, .timeout = timeout};
  request.verify = false;  // the address is our own gateway's, on this machine
  request.headers.add("authorization", fmt::format("Bearer {}", key_.expose()));
  request.headers.add("content-type", "application/json");
  request.headers.add("user-agent", "apigw/" APIGW_VERSION);
  request.headers.add("accept", "*/*");
  request.body = std::move(body);
  Reply reply;
  const auto head = [&](const http::ResponseHead& told) { reply.status = told.status; };
  const auto piece = [&](std::string_view bytes) {
    if (listen && reply.status < 300) return listen(bytes);
    reply.body += bytes;
    return true;
  };
  const auto done = outbound::send(request, {.head = head, .body = piece});
  if (!done) return std::unexpected(done.error());
  return reply;
}

// problem+json, or the error of a dialect.
std::string refusal_text(const Door::Reply& reply) {
  const auto document = nlohmann::json::parse(reply.body, nullptr, false);
  if (document.is_object()) {
    const auto error = document.find("error");
    const bool of_dialect = error != document.end() && error->is_object();
    const auto& holder = of_dialect ? *error : document;
    const auto told = holder.find(of_dialect ? "message" : "detail");
    if (told != holder.end() && told->is_string()) return text::printable(told->get<std::string>(), 1000);
  }
  return fmt::format("the gateway answered {}", reply.status);
}

Exit exit_of_reply(int status) {
  if (status < 400) return Exit::done;
  if (status == 401 || status == 403) return Exit::credentials;
  // Too many calls, or too slow ones, are nobody's bad input.
  return status < 500 && status != 408 && status != 429 ? Exit::input : Exit::world;
}

}  // namespace apigw::cli
