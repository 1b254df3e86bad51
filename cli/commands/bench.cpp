// apigw bench NAME: the same call again and again, and how long it took.
//
// Asks the project's running gateway, else one of this process (for prompts and models, which need no service). What
// is sent is said once; what is measured is the client's side, this machine's own work included.
#include <ostream>

#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/text.h"
#include "bench/answers.h"
#include "bench/condition.h"
#include "bench/load.h"
#include "call_price.h"
#include "call_target.h"
#include "command.h"
#include "door.h"
#include "model_names.h"
#include "output.h"
#include "own_models.h"
#include "project.h"
#include "prompt_input.h"
#include "run/signals.h"
#include "yaml/fields.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t body_limit = 64 << 20;
constexpr std::chrono::milliseconds usual_timeout{30'000};
constexpr std::chrono::hours longest{24};
constexpr std::uint64_t most_dollars = 10'000'000'000;
constexpr std::string_view usual_words = "Say hello in one short sentence.";

struct Flags {
  std::string first, second;  // [METHOD] NAME
  std::string connections = "10", duration, requests;
  std::vector<std::string> headers, variables, conditions;
  std::string data;
  std::vector<std::string> max_cost;
};

struct Plan {
  bench::Load load;
  std::vector<bench::Condition> conditions;
  std::string called;     // as the report names it
  bool streamed = false;  // an answer begins with a token
};

std::expected<std::uint64_t, Complaint> count_of(std::string_view flag, std::string_view value, std::uint64_t most) {
  const auto number = text::parse_number(value);
  if (number && *number > 0 && *number <= most) return *number;
  return std::unexpected(Complaint{fmt::format("{} cannot be '{}'", flag, text::printable(value)),
                                   fmt::format("write a whole number from 1 to {}", most)});
}

// "0.50 USD" in billionths of one.
std::expected<std::uint64_t, Complaint> dollars_of(std::string_view value) {
  constexpr std::string_view unit = "USD";
  if (value.ends_with(unit)) {
    const std::string_view number = text::trim(value.substr(0, value.size() - unit.size()));
    const auto dollars = decimal::parse(number, catalogue::dollar_places);
    if (dollars && *dollars > 0 && *dollars <= most_dollars * 1'000'000'000) return *dollars;
  }
  return std::unexpected(Complaint{fmt::format("--max-cost cannot be '{}'", text::printable(value)),
                                   "write US dollars above 0, at most 10 billion: '0.50 USD'"});
}

std::expected<void, Complaint> read_size(const Flags& flags, bench::Load& load) {
  const auto connections = count_of("--connections", flags.connections, 1'000);
  if (!connections) return std::unexpected(connections.error());
  load.connections = static_cast<unsigned>(*connections);
  if (!flags.duration.empty() && !flags.requests.empty())
    return std::unexpected(Complaint{"--duration and --requests cannot stand together", "leave one of them out"});
  if (!flags.requests.empty()) {
    const auto requests = count_of("--requests", flags.requests, 1'000'000'000);
    if (!requests) return std::unexpected(requests.error());
    load.requests = *requests;
  }
  if (flags.duration.empty()) return {};
  const auto duration = yaml::parse_duration(flags.duration);
  if (!duration || duration->count() == 0 || *duration > longest)
    return std::unexpected(Complaint{fmt::format("--duration cannot be '{}'", text::printable(flags.duration)),
                                     "write a whole number and a unit: 500ms, 10s, 2m; at most 24h"});
  load.duration = *duration;
  return {};
}

std::expected<void, Complaint> read_ceiling(const Flags& flags, bench::Load& load) {
  if (flags.max_cost.empty()) return {};
  const auto ceiling = dollars_of(flags.max_cost.back());
  if (!ceiling) return std::unexpected(ceiling.error());
  load.ceiling = *ceiling;
  return {};
}

// Tells the load what an answer of that model costs, where it can be told. A ceiling needs to know.
Exit price_answers(Env& env, const model::Plan& plan, std::string_view model, bench::Load& load) {
  auto models = known_models(env);
  if (!models) return models.error();
  auto price = std::make_shared<const CallPrice>(plan, std::move(*models), model);
  if (load.ceiling && !price->unknown().empty())
    return complain(env, Exit::input,
                    fmt::format("what {} costs is not known, and --max-cost needs to", price->unknown().front()),
                    "give its prices with 'apigw models update FILE', or leave --max-cost out");
  load.price = [price](const chat::Usage& usage) { return price->of(usage); };
  return Exit::done;
}

// A path is none, whatever pattern the models have.
bool model_named(const model::Plan& plan, const std::string& name) {
  return !name.empty() && !name.starts_with('/') && is_callable(plan, name);
}

std::string words_to(const std::string& model, std::string_view words) {
  return fmt::format(R"({{"model":{},"stream":true,"stream_options":{{"include_usage":true}},)"
                     R"("messages":[{{"role":"user","content":{}}}]}})",
                     json::quote(model), json::quote(words));
}

const model::Prompt* prompt_of(const model::Plan& plan, const model::Route* route) {
  const auto* to = route == nullptr ? nullptr : std::get_if<model::ToPrompt>(&route->action);
  return to == nullptr ? nullptr : &plan.at(to->prompt);
}

Exit plan_model(Env& env, const Door& door, const Flags& flags, Plan& plan) {
  auto words = data_of(env, flags.data.empty() ? std::string(usual_words) : flags.data, body_limit);
  if (!words) return words.error();
  plan.load.request = door.request("POST", "/v1/chat/completions");
  plan.load.request.body = words_to(flags.first, *words);
  plan.load.read = bench::chat_stream;
  plan.called = fmt::format("model '{}', streamed", flags.first);
  plan.streamed = true;
  return price_answers(env, door.plan(), flags.first, plan.load);
}

Exit plan_prompt(Env& env, const Door& door, const Flags& flags, const model::Prompt& prompt, Plan& plan) {
  auto variables = prompt_variables(env, prompt, {prompt.name, flags.variables, flags.data});
  if (!variables) return variables.error();
  plan.load.request = door.request("POST", "/prompts/" + prompt.name);
  plan.load.request.body = std::move(*variables);
  plan.load.read = bench::prompt_answer;
  plan.called = fmt::format("POST /prompts/{}", prompt.name);
  return price_answers(env, door.plan(), prompt.model, plan.load);
}

Exit plan_path(Env& env, const Globals& globals, const Door& door, const Flags& flags, Plan& plan) {
  CallTarget target{.method = flags.second.empty() ? std::string() : flags.first,
                    .target = flags.second.empty() ? flags.first : flags.second};
  if (const Exit found = resolve_target(env, globals, target, !flags.data.empty()); found != Exit::done) return found;
  if (plan.load.ceiling) return complain(env, Exit::input, "--max-cost is for models and prompts", "leave it out");
  if (door.in_process())
    return complain(env, Exit::world, "no gateway runs for this project, so its services are not there",
                    "start it first, in another terminal: apigw run");
  auto body = data_of(env, flags.data, body_limit);
  if (!body) return body.error();
  plan.load.request = door.request(target.method, target.target);
  plan.load.request.body = std::move(*body);
  plan.called = fmt::format("{} {}", target.method, target.target);
  return Exit::done;
}

Exit plan_call(Env& env, const Globals& globals, const Door& door, const Flags& flags, Plan& plan) {
  const model::Route* const named = flags.second.empty() ? route_named(door.plan(), flags.first) : nullptr;
  const bool model = flags.second.empty() && named == nullptr && model_named(door.plan(), flags.first);
  const model::Prompt* const prompt = prompt_of(door.plan(), named);
  const std::string& second = flags.second;
  if (model_named(door.plan(), second) && route_named(door.plan(), second) == nullptr)
    return complain(env, Exit::input, fmt::format("'{}' is a model, and those are called without a method", second),
                    fmt::format("write: apigw bench {}", second));
  if (!flags.variables.empty() && prompt == nullptr)
    return complain(env, Exit::input, "--var is for prompts", "give a body with --data");
  const Exit planned = model    ? plan_model(env, door, flags, plan)
                       : prompt ? plan_prompt(env, door, flags, *prompt, plan)
                                : plan_path(env, globals, door, flags, plan);
  if (planned != Exit::done) return planned;
  outbound::Request& request = plan.load.request;
  request.timeout = globals.timeout.value_or(usual_timeout);
  if (auto added = add_headers(request.headers, flags.headers); !added)
    return complain(env, Exit::input, added.error());
  if (!request.body.empty() && !request.headers.has("content-type"))
    request.headers.add("content-type", "application/json");
  return Exit::done;
}

/* --------------------------------- report ------------------------------- */

double shown(bench::Figure::Kind kind, double value) {
  return kind == bench::Figure::Kind::time ? value / 1000 : value;  // milliseconds
}

std::string words(bench::Figure::Kind kind, double value) {
  if (kind == bench::Figure::Kind::time)
    return value < 10'000 ? fmt::format("{:.2f} ms", value / 1e3) : fmt::format("{:.0f} ms", value / 1e3);
  return kind == bench::Figure::Kind::share ? fmt::format("{:.2f} %", value * 100) : fmt::format("{:.1f}", value);
}

std::string dollars(std::uint64_t nanodollars) {
  return decimal::text(nanodollars, catalogue::dollar_places) + " USD";
}

// In US dollars; null where no answer told what it cost.
ordered_json cost_json(const Plan& plan, const bench::Outcome& outcome) {
  if (outcome.priced == 0 && !plan.load.ceiling) return {};
  const auto number = [](std::uint64_t nanodollars) { return static_cast<double>(nanodollars) / 1e9; };
  ordered_json cost{{"usd", number(outcome.spent.cost)}, {"answers", outcome.priced}};
  cost["max_usd"] = plan.load.ceiling ? ordered_json(number(*plan.load.ceiling)) : ordered_json();
  cost["ended_by_max"] = outcome.spent.at_ceiling;
  return cost;
}

std::string cost_line(const bench::Outcome& outcome) {
  if (outcome.priced == 0 || outcome.spent.cost == 0) return {};
  return fmt::format("{:<12}{}; {} an answer\n", "cost", dollars(outcome.spent.cost),
                     dollars(outcome.spent.cost / outcome.priced));
}

ordered_json document(const Plan& plan, const bench::Outcome& outcome) {
  ordered_json body{{"called", plan.called},
                    {"connections", plan.load.connections},
                    {"seconds", std::chrono::duration<double>(outcome.took).count()},
                    {"interrupted", outcome.interrupted},
                    {"good", outcome.whole.count()},
                    {"failed", outcome.failed},
                    {"failures", outcome.failures},
                    {"bytes", outcome.bytes}};
  ordered_json figures = ordered_json::object();
  for (const bench::Figure& figure : bench::figures()) {
    const auto value = figure.of(outcome);
    figures[std::string(figure.word)] = value ? ordered_json(shown(figure.kind, *value)) : ordered_json();
  }
  body["figures"] = std::move(figures);  // times in milliseconds
  body["cost"] = cost_json(plan, outcome);
  body["conditions"] = ordered_json::array();
  for (const bench::Condition& condition : plan.conditions)
    body["conditions"].push_back({{"fail_if", condition.text}, {"met", condition.met(outcome)}});
  return body;
}

std::string line_of(const bench::Outcome& outcome, std::string_view title,
                    std::span<const std::string_view> figures) {
  std::string line;
  for (const bench::Figure& figure : bench::figures()) {
    const auto value = figure.of(outcome);
    if (std::ranges::find(figures, figure.word) == figures.end() || !value) continue;
    const std::string_view name = figure.word.starts_with("ttft-") ? figure.word.substr(5) : figure.word;
    line += fmt::format("{}{} {}", line.empty() ? "" : "   ", name, words(figure.kind, *value));
  }
  return line.empty() ? line : fmt::format("{:<12}{}\n", title, line);
}

std::string report(const Plan& plan, const bench::Outcome& outcome) {
  std::string out =
      fmt::format("{}, {} connection{} for {:.1f} s{}\n", plan.called, plan.load.connections,
                  plan.load.connections == 1 ? "" : "s", std::chrono::duration<double>(outcome.took).count(),
                  outcome.interrupted ? ", interrupted" : "");
  out += fmt::format("{:<12}{} good, {} a second; {} failed", "calls", outcome.whole.count(),
                     words(bench::Figure::Kind::rate, outcome.per_second(outcome.whole.count())), outcome.failed);
  for (const auto& [reason, count] : outcome.failures) out += fmt::format(", {} × {}", count, reason);
  out += '\n';
  constexpr std::array<std::string_view, 6> times{"p50", "p90", "p95", "p99", "max", "mean"};
  constexpr std::array<std::string_view, 3> begins{"ttft-p50", "ttft-p95", "ttft-p99"};
  out += line_of(outcome, "whole", times);
  out += line_of(outcome, plan.streamed ? "first token" : "first byte", begins);
  if (outcome.told > 0)
    out += fmt::format("{:<12}{} a second; {:.1f} an answer\n", "tokens",
                       words(bench::Figure::Kind::rate, outcome.per_second(outcome.tokens)),
                       static_cast<double>(outcome.tokens) / static_cast<double>(outcome.told));
  out += cost_line(outcome);
  for (const bench::Condition& condition : plan.conditions) {
    const auto value = condition.figure->of(outcome);
    out += fmt::format("{:<12}{}: {} ({})\n", "fail-if", condition.text, condition.met(outcome) ? "FAILED" : "kept",
                       value ? words(condition.figure->kind, *value) : "there is no such figure here");
  }
  return out;
}

// Of a run without one good call.
Exit nothing_good(Env& env, const bench::Outcome& outcome) {
  const auto most = std::ranges::max_element(outcome.failures, {}, [](const auto& row) { return row.second; });
  const auto status = text::parse_number(most->first);
  return complain(env, status ? exit_of_status(static_cast<int>(*status)) : Exit::world,
                  fmt::format("no call was good: {} of {} were '{}'", most->second, outcome.failed, most->first),
                  "`apigw call` shows what one of them says");
}

// Of a run that its ceiling ended.
Exit out_of_money(Env& env, const Plan& plan, const bench::Spent& spent) {
  if (spent.cost_unknown)
    return complain(env, Exit::no, "--max-cost ended the run: what its first answer cost is not known",
                    "its provider told no usage; leave --max-cost out, and watch what it costs there");
  return complain(env, Exit::no,
                  fmt::format("--max-cost ended the run: {} of {} are spent, and one more call may pass it",
                              dollars(spent.cost), dollars(*plan.load.ceiling)),
                  "the figures are those of the calls until then");
}

// What interrupts it: the first signal ends the run with the figures so far, the next one at once.
class Interrupt {
 public:
  explicit Interrupt(Env& env) : env_(env) { env_.files.patience.interrupt = signals_->fd(); }
  ~Interrupt() { env_.files.patience.interrupt = -1; }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool came() {
    const auto number = signals_ ? signals_->take() : std::nullopt;
    if (!number) return exit_.has_value();
    exit_ = *number == SIGINT ? Exit::interrupted : Exit::terminated;
    env_.files.patience.interrupt = -1;
    signals_.reset();
    return true;
  }
  Exit instead_of(Exit exit) { return came() ? *exit_ : exit; }

 private:
  Env& env_;
  std::optional<run::Signals> signals_{std::in_place, std::initializer_list<int>{SIGINT, SIGTERM}};
  std::optional<Exit> exit_;
};

Exit measure(Env& env, const Globals& globals, const Flags& flags, Plan& plan, Interrupt& interrupt) {
  const auto door = Door::open(env, globals, {});
  if (!door) return door.error();
  if (const Exit planned = plan_call(env, globals, **door, flags, plan); planned != Exit::done) return planned;
  if (env.terminal.err && !globals.quiet) env.err << fmt::format("calling {} …\n", plan.called) << std::flush;
  const auto outcome = bench::drive(plan.load, [&] { return interrupt.came(); });
  if (!outcome) return complain(env, Exit::world, outcome.error().what);
  const Exit written =
      write_document(env, globals, "bench", document(plan, *outcome), [&](bool) { return report(plan, *outcome); });
  if (written != Exit::done || outcome->interrupted) return written;
  if (outcome->whole.count() == 0 && outcome->failed > 0) return nothing_good(env, *outcome);
  if (outcome->spent.at_ceiling || outcome->spent.cost_unknown) return out_of_money(env, plan, outcome->spent);
  const auto met = [&](const bench::Condition& condition) { return condition.met(*outcome); };
  return std::ranges::any_of(plan.conditions, met) ? Exit::no : Exit::done;
}

Exit run(Env& env, const Globals& globals, const Flags& flags) {
  if (const auto formats = destinations(globals, document_formats); !formats)
    return complain(env, Exit::input, formats.error());
  Plan plan;
  if (const auto sized = read_size(flags, plan.load); !sized) return complain(env, Exit::input, sized.error());
  if (const auto held = read_ceiling(flags, plan.load); !held) return complain(env, Exit::input, held.error());
  for (const std::string& text : flags.conditions) {
    auto condition = bench::parse_condition(text);
    if (!condition) return complain(env, Exit::input, "--fail-if: " + condition.error().what);
    plan.conditions.push_back(std::move(*condition));
  }
  Interrupt interrupt(env);  // before every thread
  return interrupt.instead_of(measure(env, globals, flags, plan, interrupt));
}

std::string figure_list() {
  std::string out = "Figures for --fail-if, as in 'p99>200ms', 'rps<100', 'errors>=1%'\n";
  for (const bench::Figure& figure : bench::figures()) out += fmt::format("  {:<10} {}\n", figure.word, figure.doc);
  return out;
}

}  // namespace

extern const Command command_bench;
const Command command_bench = {
    .name = "bench",
    .summary = "send the same call again and again, and tell how long it took",
    .details =
        "NAME is a path, or the name of a route, service, prompt or model. The project's running gateway is asked;\n"
        "prompts and models are served by this process when none runs. A model's answer is streamed.\n"
        "No call begins after --duration; those under way then are waited for, each no longer than --timeout, which\n"
        "is the time of one call (default 30s): the whole takes at most the two together.\n"
        "What answers of models and prompts cost is told where their prices are known; of several targets the\n"
        "dearest counts. With --max-cost no call begins that may pass it, if it costs what the dearest so far did;\n"
        "the first goes alone, to tell.\n"
        "Exit code: 1 when a --fail-if is met or --max-cost ended the run, else as `call` when no call was good. An\n"
        "interrupt (Ctrl-C: 130, SIGTERM: 143) prints the figures of the calls until then; a second one does not.\n"
        "-c is not the config here: write --config.\n\n"
        "Examples:\n"
        "  apigw bench sentiment --var text='I love it' -c 20 -d 5s\n"
        "  apigw bench chat --data 'Tell a story' -n 100 --fail-if 'ttft-p95>2s'\n"
        "  apigw bench chat -n 1000 --max-cost '0.50 USD'\n"
        "  apigw bench GET /hello -c 50 -d 10s --fail-if 'p99>200ms' --fail-if 'errors>0%'",
    .job = Job::check,
    .table = figure_list,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "METHOD", .doc = "GET, or POST with a body, when left out", .completes = "callable"},
                  &flags->first);
      options.add({.names = "NAME", .doc = "what to call", .completes = "callable"}, &flags->second);
      options.add({.names = "-c,--connections", .doc = "calls at once (default 10)", .value = "N"},
                  &flags->connections);
      options.add({.names = "-d,--duration", .doc = "how long calls begin (default 10s)", .value = "DURATION"},
                  &flags->duration);
      options.add({.names = "-n,--requests", .doc = "how many calls, instead of a time", .value = "N"},
                  &flags->requests);
      options.add({.names = "--data",
                   .doc = "body, variables of a prompt as JSON, or words to a model; @FILE or @- for stdin",
                   .value = "DATA"},
                  &flags->data);
      options.add({.names = "--var", .doc = "a variable of the prompt; may repeat", .value = "NAME=VALUE"},
                  &flags->variables);
      options.add({.names = "-H,--header", .doc = "add a header; may repeat", .value = "'NAME: VALUE'"},
                  &flags->headers);
      options.add({.names = "--max-cost", .doc = "end before all calls together cost more", .value = "'N USD'"},
                  &flags->max_cost);
      options.add({.names = "--fail-if", .doc = "exit 1 when this is so; may repeat", .value = "'FIGURE>LIMIT'"},
                  &flags->conditions);
      return [flags](Env& env, const Globals& globals) { return run(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
