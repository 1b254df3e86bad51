// What config::load needs of the world, for tests: files by path, an environment, and a vocabulary made by hand.
//
// A text may begin with directives, one a line: `#! profile NAME`, `#! set PATH=VALUE`, `#! secrets
// optional|required`,
// `#! development`, `#! env NAME=VALUE`, `#! mode PATH OCTAL`, `#! unreadable PATH`, `#! file PATH TEXT` (with `\\n`
// for a line's end). They stay in the text, as comments.
#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "base/text.h"
#include "config/load.h"
#include "support/golden.h"

namespace apigw::config::testing {

class MapFiles final : public Files {
 public:
  std::map<std::string, std::string> content;
  std::map<std::string, unsigned> modes;
  std::set<std::string> unreadable;

  Result<std::string> read(const std::string& path, std::size_t limit) const override {
    if (unreadable.contains(path)) return fail(ErrorKind::denied, "read '" + path + "': permission denied");
    const auto found = content.find(path);
    if (found == content.end()) return fail(ErrorKind::not_found, "read '" + path + "': no such file");
    if (found->second.size() > limit) return fail(ErrorKind::too_large, "read '" + path + "': too large");
    return found->second;
  }
  std::vector<std::string> glob(const std::string& pattern) const override {
    std::vector<std::string> found;
    for (const auto& [path, text] : content)
      if (text::glob(pattern, path) && std::ranges::count(pattern, '/') == std::ranges::count(path, '/'))
        found.push_back(path);
    return found;
  }
  bool exists(const std::string& path) const override { return content.contains(path) || unreadable.contains(path); }
  unsigned mode(const std::string& path) const override {
    const auto found = modes.find(path);
    return found == modes.end() ? 0 : found->second;
  }
};

inline const Vocabulary& vocabulary() {
  static const Vocabulary words{
      .providers = {{"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"},
                    {"groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
                    {"anthropic", "anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"},
                    {"mock", "openai", "mock:", ""},
                    {"ollama", "ollama", "http://127.0.0.1:11434/api", ""},
                    {"deepseek", "openai", "https://api.deepseek.com", "DEEPSEEK_API_KEY"},
                    {"cohere", "cohere", "https://api.cohere.com", "COHERE_API_KEY"},
                    {"bedrock", "bedrock", "https://bedrock-runtime.{region}.amazonaws.com",
                     "AWS_BEARER_TOKEN_BEDROCK"},
                    {"vertex", "vertex-gemini",
                     "https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}",
                     "GOOGLE_CREDENTIALS"},
                    {"vertex-anthropic", "vertex-anthropic",
                     "https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}",
                     "GOOGLE_CREDENTIALS"}},
      .dialects = {"openai", "anthropic", "ollama", "cohere"},
      .endpoints = {{"POST", "/v1/chat/completions", "openai", "chat"},
                    {"POST", "/v1/embeddings", "openai", "embeddings"},
                    {"GET", "/v1/models", "openai", "models"},
                    {"GET", "/v1/models/**", "openai", "model"},
                    {"GET", "/v1/models", "anthropic", "models", "anthropic-version"}},
      .variants = {{"azure-openai", "openai", "/openai/deployments/", "2024-10-21"},
                   {"bedrock", "bedrock", "/model/", ""},
                   {"vertex-gemini", "gemini", "/publishers/google/models/", ""},
                   {"vertex-anthropic", "anthropic", "/publishers/anthropic/models/", ""}}};
  return words;
}

struct World {
  Request request;
  MapFiles files;
  Environment environment;

  explicit World(std::string text) {
    request.path = "apigw.yaml";
    request.judge_tests.emplace();
    obey(text);
    files.content["apigw.yaml"] = std::move(text);
  }
  [[nodiscard]] Loaded load() const { return config::load(request, files, environment, vocabulary()); }
  // The files below tests/golden/config/files, under their paths from there.
  void add_golden_files() {
    const auto root = golden::path("golden/config/files");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file())
        files.content[std::filesystem::relative(entry.path(), root).string()] = golden::read(entry.path());
  }
  void obey(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && line.starts_with("#! ");) directive(line.substr(3));
  }

 private:
  static std::string lines_of(std::string text) {
    for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at)) text.replace(at, 2, "\n");
    return text;
  }
  void directive(const std::string& line) {
    std::istringstream words(line);
    std::string what, first, second;
    words >> what >> first >> second;
    const auto equals = first.find('=');
    if (what == "profile")
      request.profile = first;
    else if (what == "set")
      request.sets.emplace_back(first.substr(0, equals), line.substr(line.find('=') + 1));
    else if (what == "secrets")
      request.secrets = first == "required" ? Secrets::required : Secrets::optional;
    else if (what == "development")
      request.development = true;
    else if (what == "env")
      environment[first.substr(0, equals)] = first.substr(equals + 1);
    else if (what == "mode")
      files.modes[first] = static_cast<unsigned>(std::stoul(second, nullptr, 8));
    else if (what == "file")
      files.content[first] = lines_of(line.substr(line.find(first) + first.size() + 1));
    else if (what == "unreadable")
      files.unreadable.insert(first);
    else
      FAIL("unknown directive: ", line);
  }
};

inline Loaded load_text(std::string text) {
  return World(std::move(text)).load();
}

// "AGW201 AGW321", each code once, by number.
inline std::string codes(const Loaded& loaded) {
  std::set<int> numbers;
  for (const auto& finding : loaded.report.all()) numbers.insert(finding.code);
  std::string out;
  for (const int number : numbers) out += (out.empty() ? "" : " ") + diag::code_name(number);
  return out;
}

inline std::string rendered(const Loaded& loaded) {
  return diag::render(loaded.report, loaded.sources, diag::Format::full, false);
}

}  // namespace apigw::config::testing
