#include "connect_tools.h"

#include <array>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "toml_edit.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

std::string below_home(const config::Environment& environment, const char* variable, std::string_view folder,
                       std::string_view file) {
  const auto set = environment.find(variable);
  if (set != environment.end() && !set->second.empty()) return fmt::format("{}/{}", set->second, file);
  const auto home = environment.find("HOME");
  return home == environment.end() || home->second.empty() ? std::string{}
                                                           : fmt::format("{}/{}/{}", home->second, folder, file);
}

// --- Claude Code: the address is the root, it appends /v1/messages itself. Its names for small and large models all
// lead to the one model, because clients may only use the names of the config.

ordered_json claude_variables(const Connection& connection) {
  return {{"ANTHROPIC_BASE_URL", connection.address},
          {"ANTHROPIC_MODEL", connection.model},
          {"ANTHROPIC_DEFAULT_OPUS_MODEL", connection.model},
          {"ANTHROPIC_DEFAULT_SONNET_MODEL", connection.model},
          {"ANTHROPIC_DEFAULT_HAIKU_MODEL", connection.model}};
}

std::string key_helper(const Connection& connection) {
  return "printenv " + connection.variable;
}

std::string claude_settings(const Connection& connection) {
  const ordered_json settings{{"env", claude_variables(connection)}, {"apiKeyHelper", key_helper(connection)}};
  return settings.dump(2) + "\n";
}

// `value`, JSON, as the member `key` of the object at `object` of `text`, which json::scan() accepted; no other byte
// changes. A new member stands behind the last one, and as that.
void set_member(std::string& text, json::Slice object, std::string_view key, const std::string& value) {
  const json::Document members = json::members(text, object);
  if (const json::Member* const there = members.find(key)) {
    text.replace(there->value.begin, there->value.end - there->value.begin, value);
  } else if (members.members.empty()) {
    text.replace(object.begin, object.end - object.begin, fmt::format("{{\n  {}: {}\n}}", json::quote(key), value));
  } else {
    const json::Member& last = members.members.back();
    const auto quote = static_cast<std::size_t>(last.key.data() - text.data()) - 1;
    const auto blanks = text.find_last_not_of(" \t\r\n", quote - 1) + 1;
    const std::string gap = text.substr(blanks, quote - blanks);
    text.insert(last.value.end, fmt::format(",{}{}: {}", gap, json::quote(key), value));
  }
}

// Where the value of a member of the root is; nothing where it has none of that name.
std::optional<json::Slice> member_at(const std::string& text, std::string_view key) {
  const auto document = json::scan(text);
  const json::Member* const found = document ? document->find(key) : nullptr;
  return found == nullptr ? std::nullopt : std::optional(found->value);
}

Result<EditedSettings> edit_claude(std::string_view text, const Connection& connection) {
  if (text.empty()) return EditedSettings{claude_settings(connection), {}};
  EditedSettings out{std::string(text), {}};
  const auto document = json::scan(out.text);
  if (!document) return fail(ErrorKind::invalid, "it is no JSON object: " + document.error().what);
  if (document->root.type != json::Type::object) return fail(ErrorKind::invalid, "it is no JSON object");
  const auto variables = member_at(out.text, "env");
  if (variables && variables->type != json::Type::object && variables->type != json::Type::null)
    return fail(ErrorKind::invalid, "its member 'env' is no object");
  const json::Document present = variables ? json::members(out.text, *variables) : json::Document{};
  for (const char* name : {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"})
    if (present.find(name) != nullptr)
      out.warnings.push_back(fmt::format(
          "its env has {}, which would be sent to the gateway in place of the gateway's key: take it out", name));
  const std::string helper = json::quote(key_helper(connection));
  if (const auto was = member_at(out.text, "apiKeyHelper"); was && json::at(out.text, *was) != helper)
    out.warnings.emplace_back("its apiKeyHelper was another one, and is replaced");
  const ordered_json wanted = claude_variables(connection);
  if (present.members.empty()) {
    std::string whole = wanted.dump(2);
    for (auto at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1))
      whole.insert(at + 1, "  ");
    set_member(out.text, document->root, "env", whole);
  } else {
    for (const auto& [name, value] : wanted.items())
      set_member(out.text, *member_at(out.text, "env"), name, json::quote(value.get<std::string>()));
  }
  set_member(out.text, json::scan(out.text)->root, "apiKeyHelper", helper);
  return out;
}

std::string claude_file(const config::Environment& environment) {
  return below_home(environment, "CLAUDE_CONFIG_DIR", ".claude", "settings.json");
}

// --- Codex

constexpr std::string_view codex_table = "model_providers.apigw";

TomlSettings codex_root(const Connection& connection) {
  return {{"model", connection.model}, {"model_provider", "apigw"}};
}

TomlSettings codex_provider(const Connection& connection) {
  return {{"name", "apigw"},
          {"base_url", connection.address + "/v1"},
          {"env_key", connection.variable},
          {"wire_api", "responses"}};
}

std::string codex_settings(const Connection& connection) {
  return fmt::format("{}\n[{}]\n{}", toml_lines(codex_root(connection)), codex_table,
                     toml_lines(codex_provider(connection)));
}

// What the active profile says itself goes before the root's.
std::vector<std::string> codex_profile(std::string_view settings, const Connection& connection) {
  const auto values = toml_values(settings);
  if (!values) return {};  // the edit says why
  const auto active = std::ranges::find(*values, std::vector<std::string>{"profile"}, &TomlValue::path);
  if (active == values->end()) return {};
  const std::vector<std::string> table{"profiles", active->written};
  std::vector<std::string> keys;
  for (const TomlValue& value : *values) {
    const bool inside = value.path.size() == 3 && std::equal(table.begin(), table.end(), value.path.begin());
    for (const auto& [key, wanted] : codex_root(connection)) {
      const bool own = inside && value.path[2] == key && value.written != wanted;
      if (own || (value.path == table && value.written.contains(key))) keys.push_back(fmt::format("'{}'", key));
    }
  }
  if (keys.empty()) return {};
  return {
      fmt::format("profile '{}' is active and its own {} {} before what was written: take {} out of it, or start "
                  "codex with another --profile",
                  active->written, text::join(keys, " and "), keys.size() == 1 ? "goes" : "go",
                  keys.size() == 1 ? "it" : "them")};
}

Result<EditedSettings> edit_codex(std::string_view text, const Connection& connection) {
  const auto rooted = with_toml_root(text, codex_root(connection));
  if (!rooted) return std::unexpected(rooted.error());
  auto whole = with_toml_table(*rooted, codex_table, codex_provider(connection));
  if (!whole) return std::unexpected(whole.error());
  return EditedSettings{std::move(*whole), codex_profile(text, connection)};
}

std::string codex_file(const config::Environment& environment) {
  return below_home(environment, "CODEX_HOME", ".codex", "config.toml");
}

// --- Tools that are set by hand

std::string cursor_settings(const Connection& connection) {
  return fmt::format(
      "Cursor Settings > Models\n"
      "  OpenAI API Key             the value of {}\n"
      "  Override OpenAI Base URL   {}/v1\n"
      "  Add model                  {}\n",
      connection.variable, connection.address, connection.model);
}

std::string openai_python_settings(const Connection& connection) {
  const std::string key = connection.variable == "OPENAI_API_KEY"
                              ? std::string{}
                              : fmt::format("export OPENAI_API_KEY=\"${}\"\n", connection.variable);
  return fmt::format(
      "export OPENAI_BASE_URL={}/v1\n{}\n"
      "from openai import OpenAI\n"
      "answer = OpenAI().chat.completions.create(\n"
      "    model=\"{}\", messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}])\n",
      connection.address, key, connection.model);
}

std::string gemini_cli_settings(const Connection& connection) {
  const std::string key = connection.variable == "GEMINI_API_KEY"
                              ? std::string{}
                              : fmt::format("export GEMINI_API_KEY=\"${}\"\n", connection.variable);
  return fmt::format("export GOOGLE_GEMINI_BASE_URL={}\n{}export GEMINI_MODEL={}\n", connection.address, key,
                     connection.model);
}

std::string langchain_settings(const Connection& connection) {
  return fmt::format(
      "import os\n"
      "from langchain_openai import ChatOpenAI\n"
      "llm = ChatOpenAI(model=\"{}\", base_url=\"{}/v1\", api_key=os.environ[\"{}\"])\n",
      connection.model, connection.address, connection.variable);
}

std::string ollama_python_settings(const Connection& connection) {
  return fmt::format(
      "import os\n"
      "from ollama import Client\n"
      "client = Client(host=\"{}\", headers={{\"Authorization\": \"Bearer \" + os.environ[\"{}\"]}})\n"
      "answer = client.chat(model=\"{}\", messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}])\n",
      connection.address, connection.variable, connection.model);
}

std::string cohere_python_settings(const Connection& connection) {
  return fmt::format(
      "import os\n"
      "import cohere\n"
      "client = cohere.ClientV2(base_url=\"{}\", api_key=os.environ[\"{}\"])\n"
      "answer = client.chat(model=\"{}\", messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}])\n",
      connection.address, connection.variable, connection.model);
}

constexpr auto tools = std::to_array<Tool>({
    {"claude-code", "/v1/messages", claude_settings, claude_file, edit_claude,
     "export the key's variable where the tool starts, and unset ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN, which "
     "would be sent instead"},
    {"codex", "/v1/responses", codex_settings, codex_file, edit_codex, ""},
    {"cohere-python", "/v2/chat", cohere_python_settings, nullptr, nullptr, ""},
    {"cursor", "/v1/chat/completions", cursor_settings, nullptr, nullptr,
     "Cursor calls from its own servers: the address must be reachable from the internet, so not a loopback one"},
    {"gemini-cli", "/v1beta/models/**", gemini_cli_settings, nullptr, nullptr,
     "Gemini CLI asks how to sign in: it is 'Use Gemini API Key'; a login with Google goes around the gateway"},
    {"langchain", "/v1/chat/completions", langchain_settings, nullptr, nullptr, ""},
    {"ollama-python", "/api/chat", ollama_python_settings, nullptr, nullptr, ""},
    {"openai-python", "/v1/chat/completions", openai_python_settings, nullptr, nullptr, ""},
});

}  // namespace

std::span<const Tool> connectable_tools() {
  return tools;
}

}  // namespace apigw::cli
