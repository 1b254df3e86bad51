#include "door.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/decimal.h"
#include "base/text.h"
#include "catalogue/cost.h"
#include "dotenv.h"
#include "own_models.h"
#include "policy/key.h"
#include "project.h"
#include "runtime_file.h"

namespace apigw::cli {
namespace {

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

// A member of problem+json, or of the error of a dialect; empty when it is not there.
std::string told_by(const Door::Reply& reply, const char* of_problem, const char* of_dialect) {
  const auto document = nlohmann::json::parse(reply.body, nullptr, false);
  if (!document.is_object()) return {};
  const auto error = document.find("error");
  const bool dialect = error != document.end() && error->is_object();
  const auto& holder = dialect ? *error : document;
  const auto told = holder.find(dialect ? of_dialect : of_problem);
  return told != holder.end() && told->is_string() ? told->get<std::string>() : std::string();
}

// Tests that are never run, since a misspelt name must not look like tests that pass; and two answers for one call.
void warn_of_tests(Env& env, const Globals& globals, const config::Loaded& loaded) {
  if (globals.quiet) return;
  diag::Report told;
  for (const diag::Diagnostic& finding : loaded.report.all())
    if (finding.code == 634 || finding.code == 638) told.add(finding);
  const auto format = env.terminal.err ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(told, loaded.sources, format, env.terminal.color_err);
}

}  // namespace

std::expected<std::unique_ptr<Door>, Exit> Door::open(Env& env, const Globals& globals, const DoorWish& wish) {
  auto request = own_request(env, globals);
  if (!request) return std::unexpected(request.error());
  request->judge_tests = wish.tests;
  const auto dotenv = with_dotenv(env, request->path);
  if (!dotenv) return std::unexpected(dotenv.error());
  const config::Environment& environment = dotenv->environment;
  std::unique_ptr<Door> door(new Door(env));
  door->key_ = request->dev_key;
  auto loaded = load_project(env, globals, std::move(*request), environment);
  if (!loaded) return std::unexpected(loaded.error());
  if (wish.tests) warn_of_tests(env, globals, *loaded);
  door->plan_ = loaded->plan;
  if (wish.running) {
    if (auto gateway = find_gateway(project_path(env, globals), false, env.files, env.environment)) {
      door->origin_ = gateway->address;
      door->key_ = gateway->dev_key;
      return door;
    }
  }
  auto models = known_models(env);
  if (!models) return std::unexpected(models.error());
  door->refused_keys_.know(*door->plan_, env.environment, dotenv->path);
  const auto key_refused = [own = door.get()](std::string_view provider) { own->on_key_refused(provider); };
  const auto token_failed = [own = door.get()](std::string_view provider, std::string_view why) {
    own->tell(token_line(provider, why));
  };
  auto engine = assembly::Engine::start(wish.mock ? on_the_mock(door->plan_) : door->plan_,
                                        {.workers = 1,
                                         .environment = {environment.begin(), environment.end()},
                                         .models = std::move(*models),
                                         .key_refused = key_refused,
                                         .token_failed = token_failed},
                                        env.clock);
  if (!engine) return std::unexpected(complain(env, Exit::world, engine.error().what));
  door->engine_ = std::move(*engine);
  door->origin_ = door->engine_->addresses().front().text;
  return door;
}

outbound::Request Door::request(std::string method, std::string path) const {
  outbound::Request request{.origin = origin_, .method = std::move(method), .target = std::move(path)};
  request.verify = false;  // the address is our own gateway's, on this machine
  request.headers.add("authorization", fmt::format("Bearer {}", key_.expose()));
  request.headers.add("user-agent", "apigw/" APIGW_VERSION);
  request.headers.add("accept", "*/*");
  return request;
}

Result<Door::Reply> Door::ask(const std::string& path, std::string body, std::chrono::milliseconds timeout,
                              const Listen& listen) const {
  outbound::Request request = this->request("POST", path);
  request.timeout = timeout;
  request.headers.add("content-type", "application/json");
  request.body = std::move(body);
  Reply reply;
  const auto head = [&](const http::ResponseHead& told) {
    reply.status = told.status;
    const auto cost = decimal::parse(told.headers.find("x-apigw-cost").value_or(""), catalogue::dollar_places);
    if (cost) reply.cost = static_cast<double>(*cost) / 1e9;
  };
  const auto piece = [&](std::string_view bytes) {
    if (listen && reply.status < 300) return listen(bytes);
    reply.body += bytes;
    return true;
  };
  const auto done = outbound::send(request, {.head = head, .body = piece});
  if (!done) return std::unexpected(done.error());
  if (in_process() && reply.status >= 400 && told_by(reply, "code", "code") == "upstream_auth") tell_refused_keys();
  return reply;
}

// On the engine's thread.
void Door::on_key_refused(std::string_view provider) {
  tell(refused_keys_.refused(provider, env_.clock.now()).value_or(""));
}

void Door::tell(std::string_view line) {
  const std::lock_guard lock(told_mutex_);
  to_tell_ += line;
  any_refused_ = true;
  told_.notify_all();
}

// An exchange is settled just behind its reply's last byte.
void Door::tell_refused_keys() const {
  std::unique_lock lock(told_mutex_);
  told_.wait_for(lock, std::chrono::seconds{1}, [&] { return any_refused_; });
  env_.err << std::exchange(to_tell_, {});
}

std::string refusal_text(const Door::Reply& reply) {
  const std::string told = told_by(reply, "detail", "message");
  return told.empty() ? fmt::format("the gateway answered {}", reply.status) : text::printable(told, 1000);
}

Exit exit_of_reply(const Door::Reply& reply) {
  const int status = reply.status;
  if (status < 400) return Exit::done;
  // The caller's own key, or the gateway's: refused by the provider, or missing so that the provider is off.
  const std::string code = told_by(reply, "code", "code");
  if (status == 401 || status == 403 || code == "upstream_auth" || code == "provider_off") return Exit::credentials;
  if (code == refused_code) return Exit::no;  // it worked, and the model said no
  // Too many calls, or too slow ones, are nobody's bad input.
  return status < 500 && status != 408 && status != 429 ? Exit::input : Exit::world;
}

}  // namespace apigw::cli
