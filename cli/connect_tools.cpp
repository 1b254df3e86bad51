#include "connect_tools.h"

#include <array>

#include <nlohmann/json.hpp>

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

Result<EditedSettings> edit_claude(std::string_view text, const Connection& connection) {
  ordered_json settings =
      text.empty() ? ordered_json::object() : ordered_json::parse(text.begin(), text.end(), nullptr, false);
  if (!settings.is_object()) return fail(ErrorKind::invalid, "it is no JSON object");
  ordered_json& variables = settings["env"];
  if (variables.is_null()) variables = ordered_json::object();
  if (!variables.is_object()) return fail(ErrorKind::invalid, "its member 'env' is no object");
  const ordered_json wanted = claude_variables(connection);
  for (const auto& [name, value] : wanted.items()) variables[name] = value;
  EditedSettings out;
  for (const char* name : {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"})
    if (variables.contains(name))
      out.warnings.push_back(fmt::format(
          "its env has {}, which would be sent to the gateway in place of the gateway's key: take it out", name));
  if (const auto helper = settings.find("apiKeyHelper");
      helper != settings.end() && *helper != key_helper(connection))
    out.warnings.emplace_back("its apiKeyHelper was another one, and is replaced");
  settings["apiKeyHelper"] = key_helper(connection);
  out.text = settings.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
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

Result<EditedSettings> edit_codex(std::string_view text, const Connection& connection) {
  return EditedSettings{
      with_toml_table(with_toml_root(text, codex_root(connection)), codex_table, codex_provider(connection)), {}};
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

constexpr auto tools = std::to_array<Tool>({
    {"claude-code", "/v1/messages", claude_settings, claude_file, edit_claude,
     "export the key's variable where the tool starts, and unset ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN, which "
     "would be sent instead"},
    {"codex", "/v1/responses", codex_settings, codex_file, edit_codex, ""},
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
