#include "scaffold/service.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "render/fingerprint.h"
#include "scaffold/templates.h"

namespace apigw::scaffold {
namespace {

using nlohmann::ordered_json;
using render::text_value;
using render::Value;

constexpr Language rows[] = {
    {"python", "Python", "exec python3 main.py", "python3 -m unittest"},
    {"go", "Go", "go build -buildvcs=false -o bin/service . && exec bin/service", "go test ./..."},
    {"node", "Node.js", "exec node main.js", "npm test"},
    {"java", "Java", "javac @main.args && exec java -cp build/main service.Main",
     "javac @test.args && java -cp build/test service.AllTests"},
    {"cpp", "C++", "cmake -B build && cmake --build build --target service && exec build/service",
     "cmake -B build && cmake --build build --parallel 4 && ctest --test-dir build --output-on-failure",
     "apt-get update && apt-get install -y --no-install-recommends cmake doctest-dev g++ libcpp-httplib-dev make "
     "nlohmann-json3-dev pkg-config"},
    {"rust", "Rust", "exec cargo run --quiet --offline", "cargo test --offline"},
};

constexpr Language framework_rows[] = {
    {.word = "fastapi",
     .title = "FastAPI",
     .run = "(test .venv/installed -nt requirements.txt || (python3 -m venv .venv && .venv/bin/pip install -q -r "
            "requirements.txt && touch .venv/installed)) && exec .venv/bin/python main.py",
     .test = "python3 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.txt && .venv/bin/pytest",
     .of = "python"},
    {.word = "fastify",
     .title = "Fastify",
     .run = "(test node_modules/.package-lock.json -nt package-lock.json || npm ci --no-audit --no-fund "
            "--loglevel=error) && exec node main.js",
     .test = "npm ci --no-audit --no-fund --loglevel=error && npm test",
     .of = "node"},
    {.word = "axum",
     .title = "axum",
     .run = "exec cargo run --quiet --locked",
     .test = "cargo test --locked",
     .of = "rust"},
    {.word = "spring",
     .title = "Spring Boot",
     .run = "(test -f target/service.jar && test -z \"$(find pom.xml src -newer target/service.jar)\" || mvn -q -B "
            "-DskipTests package) && exec java -jar target/service.jar",
     .test = "mvn -q -B verify",
     .of = "java"},
};

constexpr int lock_format = 1;

Value calls_value(const std::vector<Call>& calls) {
  Value list{.kind = Value::Kind::list};
  for (const Call& call : calls) {
    Value item{.kind = Value::Kind::object};
    item.members.push_back({"name", text_value(call.name)});
    item.members.push_back({"variable", text_value(call.variable)});
    list.items.push_back(std::move(item));
  }
  return list;
}

bool as_written(const Lock& lock, const std::string& path, std::string_view content) {
  const auto hash = lock.owned.find(path);
  return hash != lock.owned.end() && hash->second == render::fingerprint(content);
}

}  // namespace

std::span<const Language> languages() {
  return rows;
}

const Language* find_language(std::string_view word) {
  const auto found = std::ranges::find(rows, word, &Language::word);
  return found == std::end(rows) ? nullptr : &*found;
}

std::span<const Language> frameworks() {
  return framework_rows;
}

const Language* find_framework(std::string_view word) {
  const auto found = std::ranges::find(framework_rows, word, &Language::word);
  return found == std::end(framework_rows) ? nullptr : &*found;
}

const Language* row_of(const ServiceRequest& request) {
  if (request.framework.empty()) return find_language(request.language);
  const Language* const found = find_framework(request.framework);
  return found != nullptr && found->of == request.language ? found : nullptr;
}

Stack stack_of(const Language& row) {
  return {std::string(row.run), std::string(row.test), std::string(row.prepare)};
}

Value values_of(const ServiceRequest& request, const Stack& stack) {
  Value values{.kind = Value::Kind::object};
  values.members.push_back({"name", text_value(request.name)});
  values.members.push_back({"test", text_value(stack.test)});
  values.members.push_back({"calls", calls_value(request.calls)});
  return values;
}

bool owned(std::string_view path) {
  return path == "Dockerfile" || path == ".dockerignore" || path.starts_with("runtime/") ||
         path.find("/runtime/") != std::string_view::npos;
}

Result<render::FileTree> service(const ServiceRequest& request) {
  const Language* const row = row_of(request);
  if (row == nullptr)
    return fail(ErrorKind::not_found, fmt::format("no language '{}{}{}'", request.language,
                                                  request.framework.empty() ? "" : "/", request.framework));
  if (std::ranges::find(kinds, request.kind) == std::end(kinds) || (!row->of.empty() && request.kind != "http"))
    return fail(ErrorKind::not_found, fmt::format("no kind '{}'", request.kind));
  const Value values = values_of(request, stack_of(*row));
  const std::string own = fmt::format("service/{}/", row->word);
  std::vector<std::string> folders{fmt::format("service/any/{}/", request.kind),
                                   fmt::format("service/{}/shared/", request.language), own + "all/",
                                   fmt::format("{}{}/", own, request.kind)};
  if (!request.calls.empty()) folders.push_back(fmt::format("{}{}-calls/", own, request.kind));
  render::FileTree tree;
  for (const std::string& folder : folders)
    if (const auto done = fill(folder, values, tree); !done) return std::unexpected(done.error());
  return tree;
}

Lock lock_of(const ServiceRequest& request, const render::FileTree& tree, std::string_view tool) {
  Lock lock{.tool = std::string(tool),
            .name = request.name,
            .language = request.language,
            .framework = request.framework,
            .kind = request.kind,
            .origin = request.origin,
            .values = request.values};
  for (const auto& [path, file] : tree)
    if (owned(path)) lock.owned[path] = render::fingerprint(file.content);
  return lock;
}

std::string write_lock(const Lock& lock) {
  ordered_json document{{"apigw-service", lock_format},
                        {"about", "written by `apigw new service`; commit it, do not edit it"},
                        {"tool", lock.tool},
                        {"name", lock.name},
                        {"lang", lock.language},
                        {"kind", lock.kind},
                        {"owned", lock.owned}};
  if (!lock.framework.empty()) document["framework"] = lock.framework;
  if (!lock.origin.empty()) document["template"] = lock.origin;
  if (!lock.origin.empty()) document["values"] = lock.values;
  return document.dump(2) + "\n";
}

Result<Lock> read_lock(std::string_view text) {
  const ordered_json document = ordered_json::parse(text, nullptr, false);
  const auto word = [&](const char* key) {
    const auto at = document.find(key);
    return at != document.end() && at->is_string() ? at->get<std::string>() : std::string{};
  };
  if (!document.is_object() || document.value("apigw-service", ordered_json()) != lock_format ||
      !document.contains("owned") || !document["owned"].is_object())
    return fail(ErrorKind::invalid, "it is no lock file of this version");
  Lock lock{.tool = word("tool"),
            .name = word("name"),
            .language = word("lang"),
            .framework = word("framework"),
            .kind = word("kind"),
            .origin = word("template"),
            .values = {}};
  if (const auto values = document.find("values"); values != document.end() && values->is_object())
    for (const auto& [name, value] : values->items())
      if (value.is_string()) lock.values[name] = value.get<std::string>();
  for (const auto& [path, hash] : document["owned"].items()) {
    if (!hash.is_string() || !render::stays_below(path))
      return fail(ErrorKind::invalid, "its list of files is broken");
    lock.owned[path] = hash.get<std::string>();
  }
  return lock;
}

Update update(render::FileTree tree, const std::optional<Lock>& lock,
              const std::map<std::string, std::string>& present) {
  Update result;
  if (lock)
    for (const auto& [path, hash] : lock->owned)
      if (const auto there = present.find(path);
          owned(path) && !tree.contains(path) && there != present.end() && as_written(*lock, path, there->second))
        result.obsolete.push_back(path);
  for (auto& [path, file] : tree) {
    if (lock && !owned(path)) continue;
    const auto there = present.find(path);
    const bool differs = there != present.end() && there->second != file.content;
    if (differs && !(lock && as_written(*lock, path, there->second))) result.edited.push_back(path);
    result.files[path] = std::move(file);
  }
  return result;
}

}  // namespace apigw::scaffold
