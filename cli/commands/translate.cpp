// apigw translate --from D --to D [FILE]: one request, reply or stream between dialects, with what it loses.
//
// Reads a file or stdin and sends nothing. The translation goes to stdout and its losses to stderr; --explain shows
// the losses instead, as a table.
#include "assembly/translate.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "output.h"
#include "own_models.h"
#include "project.h"

namespace apigw::cli {
namespace {

using assembly::Translation;
using assembly::TranslationTask;
using nlohmann::ordered_json;

constexpr std::size_t input_limit = 64 << 20;

struct Flags {
  std::string from, to, model, file = "-";
  bool reply = false, stream = false, explain = false, strict = false;
};

std::expected<std::string, Exit> input_of(Env& env, const std::string& file) {
  if (file == "-") return read_stdin(env, input_limit);
  auto content = env.files.read_named(file, input_limit);
  if (!content) return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what));
  return std::move(*content);
}

// Who `--to` names: a dialect, else a provider of the config or one that apigw knows.
struct Target {
  std::string dialect, provider;  // no provider: the one that made the dialect
};

std::expected<Target, Exit> target_of(Env& env, const Globals& globals, const std::string& word) {
  const config::Vocabulary& known = assembly::vocabulary();
  if (std::ranges::find(known.dialects, word) != known.dialects.end()) return Target{word, {}};
  auto request = project_request(env, globals);
  if (!request) return std::unexpected(request.error());
  if (!request->path.empty()) {
    const auto loaded = load_project(env, globals, std::move(*request));
    if (!loaded) return std::unexpected(loaded.error());
    for (const model::Provider& provider : loaded->plan->providers)
      if (provider.name == word) return Target{provider.dialect, word};
  }
  std::vector<std::string_view> names = known.dialects;
  for (const config::KnownProvider& row : known.providers) {
    if (row.name == word) return Target{std::string(row.dialect), word};
    names.push_back(row.name);
  }
  const auto near = text::closest(word, names);
  return std::unexpected(
      complain(env, Exit::input, fmt::format("--to cannot be '{}'", text::printable(word)),
               near ? fmt::format("did you mean '{}'?", *near)
                    : fmt::format("a dialect ({}), or a provider such as groq", fmt::join(known.dialects, ", "))));
}

Exit show_losses(Env& env, const Globals& globals, const Translation& done) {
  ordered_json rows = ordered_json::array();
  for (const chat::Loss& loss : done.losses.list())
    rows.push_back({{"kind", word(loss.kind)}, {"path", loss.path}, {"why", loss.why}});
  return write_table(env, globals,
                     {.kind = "losses", .columns = {{"kind", "LOSS"}, {"path", "PLACE"}, {"why", "WHY"}}}, rows);
}

void write(Env& env, const Globals& globals, const Flags& flags, const Translation& done) {
  env.out << done.text << (flags.stream ? "" : "\n");
  if (globals.quiet) return;
  for (const chat::Loss& loss : done.losses.list())
    env.err << fmt::format("{}: {}: {}\n", word(loss.kind), text::printable(loss.path), loss.why);
}

Exit translate(Env& env, const Globals& globals, const Flags& flags) {
  if (flags.reply && flags.stream)
    return complain(env, Exit::input, "--reply and --stream exclude each other", "a stream is a reply in pieces");
  if (!flags.explain && !globals.output.empty())
    return complain(env, Exit::input, "-o has no use here without --explain", "the translation is its own format");
  const auto to = target_of(env, globals, flags.to);
  if (!to) return to.error();
  const auto input = input_of(env, flags.file);
  if (!input) return input.error();
  const auto models = known_models(env);
  if (!models) return models.error();
  using What = TranslationTask::What;
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(env.clock.wall().time_since_epoch()).count();
  const auto done = assembly::translate({.what = flags.stream  ? What::stream
                                                 : flags.reply ? What::reply
                                                               : What::request,
                                         .from = flags.from,
                                         .to = to->dialect,
                                         .provider = to->provider,
                                         .model = flags.model,
                                         .models = **models,
                                         .now = now},
                                        *input);
  if (!done) {
    const std::string_view what = flags.stream ? "stream" : flags.reply ? "reply" : "request";
    return complain(env, Exit::input, fmt::format("this {} cannot be translated: {}", what, done.error().what));
  }
  Exit exit = Exit::done;
  if (flags.explain) exit = show_losses(env, globals, *done);
  if (!flags.explain) write(env, globals, flags, *done);
  if (!done->failure.empty())
    return complain(env, Exit::no,
                    fmt::format("the {}: {}", flags.stream ? "stream ends in an error" : "reply is an error",
                                text::printable(done->failure, 1000)));
  const bool lost = chat::first_lost(done->losses) != nullptr;
  return exit == Exit::done && flags.strict && lost ? Exit::no : exit;
}

}  // namespace

extern const Command command_translate;
const Command command_translate = {
    .name = "translate",
    .summary = "take a request, reply or stream from one AI dialect to another",
    .details =
        "Nothing is sent. What the other dialect cannot say is listed on stderr: dropped, changed, or a default\n"
        "that it demands. Exit code 1: with --strict, something was dropped or changed; or the stream ends in an\n"
        "error, or the reply is one.\n\n"
        "Examples:\n"
        "  apigw translate --from openai --to anthropic request.json\n"
        "  apigw translate --from anthropic --to openai --stream < events.txt\n"
        "  apigw translate --from openai --to anthropic --explain request.json\n"
        "  apigw translate --from anthropic --to groq --model llama-3.3-70b-versatile request.json",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      const std::vector<std::string_view>& dialects = assembly::vocabulary().dialects;
      options.add({.names = "FILE", .doc = "what to translate, '-' for stdin (default -)", .completes = "files"},
                  &flags->file);
      options.add({.names = "--from",
                   .doc = "dialect that it is in",
                   .value = "DIALECT",
                   .choices = dialects,
                   .required = true},
                  &flags->from);
      options.add({.names = "--to",
                   .doc = "dialect to write, or the provider to write for",
                   .value = "DIALECT",
                   .completes = "providers",
                   .required = true},
                  &flags->to);
      options.add({.names = "--reply", .doc = "it is a reply, not a request", .value = {}}, &flags->reply);
      options.add({.names = "--stream", .doc = "it is a streamed reply: server-sent events or lines", .value = {}},
                  &flags->stream);
      options.add({.names = "--model", .doc = "name of the model for a request", .value = "NAME"}, &flags->model);
      options.add({.names = "--explain", .doc = "print a table of the losses instead", .value = {}}, &flags->explain);
      options.add({.names = "--strict", .doc = "exit with 1 when something is lost", .value = {}}, &flags->strict);
      return [flags](Env& env, const Globals& globals) { return translate(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
