// apigw help [TOPIC|COMMAND]: texts that belong to no single command, made from the tables that they describe.
#include "help.h"

#include <ostream>

#include "base/text.h"
#include "command.h"
#include "globals.h"
#include "help_matrix.h"

namespace apigw::cli {
namespace {

std::string exit_code_topic() {
  std::string out = "Exit codes\n\n";
  for (const ExitRow& row : exit_codes()) out += fmt::format("  {:<4} {}\n", static_cast<int>(row.exit), row.meaning);
  return out + "\n`validate --fail-on warning` makes warnings a 1 as well.\n";
}

struct Variable {
  std::string_view name, doc;
};
constexpr Variable others[] = {
    {"NO_COLOR", "any value: no colours"},
    {"CLICOLOR_FORCE", "any value but 0: colours in a pipe too"},
    {"TERM", "dumb: no colours"},
    {"COLUMNS", "width of the terminal"},
    {"XDG_RUNTIME_DIR", "where a running gateway is found, as apigw/PID.json (default /tmp/apigw-UID)"},
    {"XDG_DATA_HOME", "where a table of `models update` is, as apigw/models.txt (default ~/.local/share)"},
    {"OPENAI_API_KEY, …", "keys of the providers that a config names"},
};

std::string environment_topic() {
  std::map<std::string, std::string> rows;  // variable → who reads it
  for (const RosterRow& row : roster()) {
    Options options;
    GlobalPlaces places;
    declare_globals(options, places);
    const auto body = row.command->declare(options);
    for (const Options::Declared& option : options.declared()) {
      if (option.positional() || row.command->hidden) continue;
      std::string& doc = rows[option.variable()];
      const std::string command = option.global ? "" : fmt::format("{} ", row.command->name);
      const std::string flag = command + option.flag;
      if (doc.find(flag) == std::string::npos) doc += (doc.empty() ? "" : ", ") + flag;
    }
  }
  std::size_t width = 0;
  for (const auto& [name, doc] : rows) width = std::max(width, name.size());
  std::string out = "Each flag has a variable; the flag itself wins. Switches take 1 or 0.\n\n";
  for (const auto& [name, doc] : rows) out += fmt::format("  {:<{}}  {}\n", name, width, doc);
  out += "\nOthers\n\n";
  for (const Variable& row : others) out += fmt::format("  {:<{}}  {}\n", row.name, width, row.doc);
  return out + "\nIn a config, `env:NAME` names a secret and ${NAME:-default} stands for a value.\n";
}

std::string config_topic() {
  return "The config is apigw.yaml, or the file of -c (`-` is stdin). Its smallest form:\n\n"
         "  apigw: 1\n"
         "  models:\n"
         "    chat: mock/chat\n\n"
         "Secrets are `env:NAME` or `file:PATH`, never values. Elsewhere ${NAME} and ${NAME:-default} are replaced.\n"
         "`include:` adds other files; `profiles:` holds keys that --profile NAME puts in place of the same keys\n"
         "above; --set FIELD=VALUE comes last. Durations are 500ms, 10s, 2m; sizes 64KiB, 10MiB; booleans true or\n"
         "false.\n\n"
         "Of routes the most specific wins, in any order: by host, by path from its first segment on (literal,\n"
         "{name}, /**), by conditions, by method. The gateway's own endpoints (/v1/…, /prompts/NAME, /openapi.json)\n"
         "are literal paths among them, so a route /** gets what they leave. Only a route GET /openapi.json takes\n"
         "the place of the gateway's own.\n\n"
         "The mock is always there as mock/NAME and needs no key; mock/fail-429, mock/slow-2000 and others fail on\n"
         "purpose (`apigw mock --help`). Under `apigw run` a client on this machine may ask for provider/model\n"
         "itself.\n\n"
         "  apigw validate            every finding, with its line and what to write\n"
         "  apigw explain FIELD       one field, as in `apigw explain 'services.*.health'`\n"
         "  apigw schema              the JSON Schema, for editors\n";
}

std::string prompts_topic() {
  return "A prompt is a file prompts/NAME.prompt beside the config: settings between two lines of `---`, then a\n"
         "template.\n\n"
         "  ---\n"
         "  model: chat                      # one of the config's models, or provider/model\n"
         "  config: { temperature: 0 }       # maxOutputTokens, topP, topK, stopSequences, seed, …\n"
         "  input:\n"
         "    schema:\n"
         "      text: string, what to judge\n"
         "      examples?(array): string     # may be left out\n"
         "    default: { examples: [] }\n"
         "  output:\n"
         "    schema:\n"
         "      mood(enum): [good, bad]\n"
         "  ---\n"
         "  {{role \"system\"}}\n"
         "  Judge the mood.{{#if examples}} Like these:{{#each examples}} {{@index}}. {{this}}{{/each}}{{/if}}\n"
         "  {{role \"user\"}}\n"
         "  {{text}}\n\n"
         "Schemas are Picoschema, as above, or JSON Schema. The template has {{name}}, {{a.b}}, {{json name}},\n"
         "{{#if}}, {{#unless}}, {{#each}} with {{else}}, this, ../, @index, @first, @last, @key, @root,\n"
         "{{! comments }}, and \\{{ for the braces. A value is text where it stands: it opens no tag and no role.\n\n"
         "Served as POST /prompts/NAME: the body is the variables, the answer {\"output\", \"usage\", \"model\",\n"
         "\"stop\"}; `stop` is `length` where the limit of tokens cut a text. A model that refused is a 422 too.\n"
         "Variables that do not fit are a 422 that names each by its JSON pointer; an answer that does not fit the\n"
         "output's schema is asked for once more, then a 502. With `\"stream\": true` or\n"
         "`accept: text/event-stream` it comes as events: `delta` with {\"text\"}, one `done` with the whole\n"
         "answer, or `error`. OpenAI's and other clients call the model prompt/NAME: the user's last message is the\n"
         "only variable needed, whatever it looks like, and a member `variables` of the request (an object;\n"
         "extra_body in SDKs) holds the others. Where several are needed and it is not there, the message is a JSON\n"
         "object of them. `stream` and a limit of the answer count as well, and x-apigw-loss lists what else the\n"
         "request says in vain. GET /openapi.json describes all of it.\n"
         "In the config, `prompts: { draft-*: { serve: false } }` keeps some unserved.\n\n"
         "Tests stand in prompts/NAME.test.yaml; the mock answers them, and calls with the same variables, by\n"
         "heart:\n\n"
         "  cases:\n"
         "    - name: praise\n"
         "      vars: { text: I love it }\n"
         "      expect:                      # equals, contains, regex, json-schema, json-path, max-latency\n"
         "        equals: { mood: good }\n\n"
         "  apigw prompt render NAME --var text=…    the messages, nothing sent\n"
         "  apigw prompt run NAME --var text=…       one call\n"
         "  apigw prompt test [NAME] [--live]        its test cases\n";
}

std::string format_topic() {
  return "-o FORMAT prints the result in that format, -o FORMAT=FILE writes it to a file; -o may repeat.\n\n"
         "  tables      table (default on a terminal), tsv (default in a pipe, no header), csv, json, jsonl, yaml\n"
         "  documents   text (default), json, jsonl, yaml\n"
         "  findings    full (default on a terminal), concise (default in a pipe), json, sarif,\n"
         "              github, gitlab (code quality), junit\n\n"
         "json, jsonl and yaml of tables and documents begin with `apigw: 1` and `kind`, the json of findings with\n"
         "`apigw_diagnostics: 1`; members may be added, none changes its meaning under the same number. Results go "
         "to\n"
         "stdout, all else to stderr.\n";
}

struct Topic {
  std::string_view name, doc;
  std::string (*text)();
};
constexpr Topic topics[] = {
    {"exit-codes", "what the exit code says", exit_code_topic},
    {"environment", "the variables that apigw reads", environment_topic},
    {"config", "the config file in one screen", config_topic},
    {"formats", "what -o can print", format_topic},
    {"prompts", "a prompt file, its template, its API and its tests", prompts_topic},
    {"matrix", "which client reaches which kind of provider, and how", matrix_topic},
};

std::string list_of_topics() {
  std::string out = "Topics:\n";
  for (const Topic& topic : topics) out += fmt::format("  apigw help {:<12} {}\n", topic.name, topic.doc);
  return out + "\n`apigw --help` lists the commands, `apigw COMMAND --help` explains one.\n";
}

Exit help_for_command(Env& env, const Command& command) {
  Options options;
  GlobalPlaces places;
  declare_globals(options, places);
  const auto body = command.declare(options);
  env.out << command_help(command, options, env.terminal.color_out);
  return Exit::done;
}

Exit help(Env& env, const std::vector<std::string>& words) {
  const std::string asked = text::join(words, " ");
  if (asked.empty()) {
    env.out << list_of_topics();
    return Exit::done;
  }
  std::vector<std::string_view> names;
  for (const Topic& topic : topics) {
    names.push_back(topic.name);
    if (topic.name != asked) continue;
    env.out << topic.text();
    return Exit::done;
  }
  for (const RosterRow& row : roster()) {
    if (row.command->name == asked) return help_for_command(env, *row.command);
    if (!row.command->hidden) names.push_back(row.command->name);
    if (row.command->name.starts_with(asked + " ")) {
      env.out << group_help(asked, env.terminal.color_out);
      return Exit::done;
    }
  }
  const auto near = text::closest(asked, names);
  return complain(env, Exit::input, fmt::format("no help on '{}'", text::printable(asked)),
                  near ? fmt::format("did you mean 'apigw help {}'?", *near) : "'apigw help' lists the topics");
}

}  // namespace

extern const Command command_help_topics;
const Command command_help_topics = {
    .name = "help",
    .summary = "exit codes, variables, the config and formats",
    .details = "Examples:\n  apigw help exit-codes\n  apigw help environment",
    .prints = "help prints text",
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto words = std::make_shared<std::vector<std::string>>();
      options.add({.names = "TOPIC",
                   .doc = "exit-codes, environment, config, formats, prompts, matrix, or a command",
                   .completes = "topics"},
                  words.get());
      return [words](Env& env, const Globals&) { return help(env, *words); };
    },
};

}  // namespace apigw::cli
