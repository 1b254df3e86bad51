#include "scaffold/existing.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "scaffold/service.h"

namespace apigw::scaffold {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view paths[] = {
    lock_name,     "go.mod",         "main.go",    "package.json",  "index.js",         "server.js", "app.js",
    "main.js",     "pyproject.toml", "setup.py",   "manage.py",     "requirements.txt", "main.py",   "app.py",
    "server.py",   "pom.xml",        "mvnw",       "build.gradle",  "build.gradle.kts", "gradlew",   "Cargo.toml",
    "src/main.rs", "CMakeLists.txt", "Dockerfile", "Containerfile",
};

const std::string* content(const Files& files, std::string_view path) {
  const auto found = files.find(path);
  return found == files.end() ? nullptr : &found->second;
}

std::string_view first_of(const Files& files, std::initializer_list<std::string_view> names) {
  const auto found = std::ranges::find_if(names, [&](std::string_view name) { return files.contains(name); });
  return found == names.end() ? std::string_view{} : *found;
}

// A file of its own that may stand in a shell command as it is.
bool is_plain(std::string_view path) {
  return !path.empty() && path.front() != '-' && std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./").contains(c);
  });
}

// How a service of each language starts; empty where its files do not tell.
std::string run_go(const Files& files) {
  return files.contains("main.go") ? "go build -buildvcs=false -o bin/service . && exec bin/service" : "";
}

std::string run_node(const Files& files) {
  const auto package = nlohmann::json::parse(*content(files, "package.json"), nullptr, false);
  if (!package.is_object()) return {};
  const auto scripts = package.find("scripts");
  if (scripts != package.end() && scripts->is_object() && scripts->contains("start")) return "exec npm start";
  const auto named = package.find("main");
  if (named != package.end() && named->is_string() && is_plain(named->get_ref<const std::string&>()))
    return "exec node " + named->get<std::string>();
  const std::string_view usual = first_of(files, {"main.js", "server.js", "app.js", "index.js"});
  return usual.empty() ? "" : fmt::format("exec node {}", usual);
}

std::string run_python(const Files& files) {
  if (files.contains("manage.py")) return "exec python3 manage.py runserver --noreload 127.0.0.1:$PORT";
  const std::string_view usual = first_of(files, {"main.py", "app.py", "server.py"});
  return usual.empty() ? "" : fmt::format("exec python3 {}", usual);
}

std::string run_maven(const Files& files) {
  const std::string_view maven = files.contains("mvnw") ? "./mvnw" : "mvn";
  const std::string& project = *content(files, "pom.xml");
  if (project.contains("spring-boot-maven-plugin"))
    return fmt::format("SERVER_PORT=$PORT exec {} -q spring-boot:run", maven);
  if (project.contains("quarkus-maven-plugin"))
    return fmt::format("QUARKUS_HTTP_PORT=$PORT exec {} -q quarkus:dev", maven);
  return {};
}

std::string run_gradle(const Files& files) {
  const std::string_view gradle = files.contains("gradlew") ? "./gradlew" : "gradle";
  const std::string& project = *content(files, first_of(files, {"build.gradle.kts", "build.gradle"}));
  return project.contains("org.springframework.boot") ? fmt::format("SERVER_PORT=$PORT exec {} -q bootRun", gradle)
                                                      : "";
}

std::string run_rust(const Files& files) {
  return files.contains("src/main.rs") ? "exec cargo run --quiet" : "";
}

// The one program that CMakeLists.txt makes; of several nobody can tell which it is.
std::string run_cmake(const Files& files) {
  const std::string& project = *content(files, "CMakeLists.txt");
  constexpr std::string_view call = "add_executable(";
  const std::size_t at = project.find(call);
  if (at == std::string::npos || project.find(call, at + 1) != std::string::npos) return {};
  std::string_view name = std::string_view(project).substr(at + call.size());
  name = name.substr(std::min(name.find_first_not_of(" \t\n"), name.size()));
  name = name.substr(0, name.find_first_of(" \t\n)"));
  if (!is_plain(name)) return {};
  return fmt::format("cmake -B build && cmake --build build --target {0} && exec build/{0}", name);
}

// By the file that tells the language, the most certain first.
struct Sign {
  std::string_view path, language;
  std::string (*run)(const Files& files);
};
constexpr Sign signs[] = {
    {"go.mod", "Go", run_go},
    {"Cargo.toml", "Rust", run_rust},
    {"pom.xml", "Java", run_maven},
    {"build.gradle.kts", "Java", run_gradle},
    {"build.gradle", "Java", run_gradle},
    {"pyproject.toml", "Python", run_python},
    {"requirements.txt", "Python", run_python},
    {"setup.py", "Python", run_python},
    {"manage.py", "Python", run_python},
    {"package.json", "Node.js", run_node},
    {"CMakeLists.txt", "C++", run_cmake},
    {"main.py", "Python", run_python},
    {"app.py", "Python", run_python},
    {"server.py", "Python", run_python},
};

// Of one that `new service` made.
bool told_by_lock(const Files& files, Existing& out) {
  const std::string* const text = content(files, lock_name);
  const auto lock = text == nullptr ? Result<Lock>(fail(ErrorKind::not_found, "")) : read_lock(*text);
  const ServiceRequest made =
      lock ? ServiceRequest{.name = {}, .language = lock->language, .framework = lock->framework, .calls = {}}
           : ServiceRequest{};
  const Language* const row = row_of(made);
  if (row == nullptr) return false;
  out.language = find_language(made.language)->title;
  out.language_from = lock_name;
  out.run = row->run;
  return true;
}

// What the last stage of a container file exposes, unless PORT of its environment decides.
std::optional<std::uint16_t> exposed_port(std::string_view text) {
  std::optional<std::uint16_t> port;
  bool reads_port = false;
  for (std::string_view line : text::split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = text::trim(line);
    const std::size_t word = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view rest = text::trim(line.substr(word));
    if (text::iequals(line.substr(0, word), "FROM")) {
      port.reset();
      reads_port = false;
    }
    if (text::iequals(line.substr(0, word), "ENV"))
      reads_port = reads_port || rest.starts_with("PORT=") || rest.starts_with("PORT ") || rest.contains(" PORT=");
    if (!text::iequals(line.substr(0, word), "EXPOSE") || port) continue;
    const std::string_view first = rest.substr(0, rest.find_first_of(" \t"));
    const auto number = text::parse_number(first.substr(0, first.find('/')));
    if (number && *number >= 1 && *number <= 65535 && !first.ends_with("/udp"))
      port = static_cast<std::uint16_t>(*number);
  }
  return reads_port ? std::nullopt : port;
}

}  // namespace

std::span<const std::string_view> telling_files() {
  return paths;
}

bool is_source(std::string_view path) {
  constexpr std::string_view endings[] = {".go", ".py",  ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx",   ".java",
                                          ".kt", ".rs",  ".rb", ".php", ".c",   ".cc", ".cpp", ".cxx",   ".h",
                                          ".cs", ".hpp", ".ex", ".exs", ".sh",  ".pl", ".lua", ".scala", ".swift"};
  return std::ranges::any_of(endings, [&](std::string_view ending) { return path.ends_with(ending); });
}

Existing existing(const Files& files) {
  Existing out;
  if (told_by_lock(files, out)) return out;
  for (const Sign& sign : signs) {
    if (!files.contains(sign.path)) continue;
    if (out.language.empty()) {
      out.language = sign.language;
      out.language_from = sign.path;
    }
    if (out.run = sign.run(files); !out.run.empty()) {
      out.language = sign.language;
      out.language_from = sign.path;
      break;
    }
  }
  const std::string_view container = first_of(files, {"Dockerfile", "Containerfile"});
  if (!container.empty()) out.port = exposed_port(*content(files, container));
  if (out.port) out.port_from = container;
  return out;
}

}  // namespace apigw::scaffold
