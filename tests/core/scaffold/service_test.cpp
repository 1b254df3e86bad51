#include "scaffold/service.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "render/fingerprint.h"
#include "scaffold/pipeline.h"

using namespace apigw;
using scaffold::ServiceRequest;

namespace {

std::vector<ServiceRequest> every_request() {
  std::vector<ServiceRequest> requests;
  for (const scaffold::Language& language : scaffold::languages())
    for (const std::string_view kind : scaffold::kinds)
      for (const bool calls : {false, true}) {
        ServiceRequest request{
            .name = "my.shop-1", .language = std::string(language.word), .kind = std::string(kind)};
        if (calls) request.calls = {{"stock", "STOCK_URL"}, {"price-list", "PRICE_LIST_URL"}};
        requests.push_back(std::move(request));
      }
  const std::vector<ServiceRequest> plain = requests;
  for (const scaffold::Language& framework : scaffold::frameworks())
    for (ServiceRequest request : plain) {
      if (request.language != framework.of || request.kind != "http") continue;
      request.framework = framework.word;
      requests.push_back(std::move(request));
    }
  return requests;
}

render::FileTree tree_of(const ServiceRequest& request) {
  auto tree = scaffold::service(request);
  REQUIRE_MESSAGE(tree.has_value(), (tree ? "" : tree.error().what));
  return std::move(*tree);
}

std::map<std::string, std::string> contents(const render::FileTree& tree) {
  std::map<std::string, std::string> present;
  for (const auto& [path, file] : tree) present[path] = file.content;
  return present;
}

render::FileTree two_files() {
  render::FileTree tree;
  tree["runtime/server.py"].content = "new server\n";
  tree["items.py"].content = "new items\n";
  return tree;
}

scaffold::Lock lock_with(std::string_view path, std::string_view content) {
  scaffold::Lock lock{.name = "stock", .language = "python", .kind = "http"};
  lock.owned[std::string(path)] = render::fingerprint(content);
  return lock;
}

}  // namespace

TEST_CASE("every language and kind has the files that a service needs, filled in whole") {
  for (const ServiceRequest& request : every_request()) {
    CAPTURE(request.language);
    CAPTURE(request.kind);
    CAPTURE(request.calls.size());
    const render::FileTree tree = tree_of(request);
    for (const char* path : {"Dockerfile", ".dockerignore", ".gitignore", "README.md", "openapi.json"}) {
      CAPTURE(path);
      CHECK(tree.contains(path));
    }
    bool tests = false, runtime = false;
    for (const auto& [path, file] : tree) {
      CAPTURE(path);
      tests = tests || path.find("test") != std::string::npos;
      runtime = runtime || (path.find("runtime/") != std::string::npos && scaffold::owned(path));
      CHECK(file.content.find("{{name}}") == std::string::npos);
      CHECK(file.content.find("{{#") == std::string::npos);
      CHECK(file.content.find("{{/") == std::string::npos);
      CHECK((file.content.empty() || file.content.ends_with('\n')));
    }
    CHECK(tests);
    CHECK(runtime);
    CHECK(tree.at("README.md").content.starts_with("# my.shop-1\n"));
    CHECK((tree.at("README.md").content.find("PRICE_LIST_URL") != std::string::npos) == !request.calls.empty());
  }
}

TEST_CASE("the OpenAPI document is JSON and the same in every language") {
  for (const ServiceRequest& request : every_request()) {
    const auto document = nlohmann::ordered_json::parse(tree_of(request).at("openapi.json").content);
    CHECK(document["openapi"] == "3.1.0");
    CHECK(document["info"]["title"] == "my.shop-1");
    CHECK(document["paths"].contains("/readyz"));
    CHECK(document["paths"].contains("/items/{id}") == (request.kind == "http"));
    CHECK(document["paths"].contains("/dependencies") == (request.kind == "http" && !request.calls.empty()));
  }
}

TEST_CASE("container files run as a user of their own, by the exec form, and are probed") {
  for (const ServiceRequest& request : every_request()) {
    CAPTURE(request.language);
    const std::string text = tree_of(request).at("Dockerfile").content;
    for (const char* line : {"\nUSER 10001:10001\n", "\nENTRYPOINT [\"", "\nHEALTHCHECK ", " CMD [\"",
                             " HOST=0.0.0.0", "\nSTOPSIGNAL SIGTERM\n"}) {
      CAPTURE(line);
      CHECK(text.find(line) != std::string::npos);
    }
    CHECK(text.find("\nFROM ") != text.rfind("\nFROM "));  // more than one stage, a comment before the first
    CHECK(text.find(":latest") == std::string::npos);
  }
}

TEST_CASE("owned files do not depend on what the service is called or calls") {
  for (const ServiceRequest& request : every_request()) {
    ServiceRequest other{
        .name = "other", .language = request.language, .framework = request.framework, .kind = request.kind};
    const render::FileTree mine = tree_of(request), theirs = tree_of(other);
    for (const auto& [path, file] : mine) {
      if (!scaffold::owned(path)) continue;
      CAPTURE(path);
      REQUIRE(theirs.contains(path));
      CHECK(theirs.at(path).content == file.content);
    }
  }
}

TEST_CASE("a language or kind that is none is refused") {
  CHECK(scaffold::service({.name = "a", .language = "cobol"}).error().kind == ErrorKind::not_found);
  CHECK(scaffold::service({.name = "a", .language = "python", .kind = "grpc"}).error().kind == ErrorKind::not_found);
  CHECK(scaffold::service({.name = "a", .language = "go", .framework = "fastapi"}).error().kind ==
        ErrorKind::not_found);
  CHECK(
      scaffold::service({.name = "a", .language = "python", .framework = "fastapi", .kind = "worker"}).error().kind ==
      ErrorKind::not_found);
}

TEST_CASE("a first run writes all, and tells which files are there with another content") {
  const auto fresh = scaffold::update(two_files(), std::nullopt, {});
  CHECK(fresh.files.size() == 2);
  CHECK(fresh.edited.empty());
  const auto there =
      scaffold::update(two_files(), std::nullopt, {{"items.py", "mine\n"}, {"runtime/server.py", "mine\n"}});
  CHECK(there.edited == std::vector<std::string>{"items.py", "runtime/server.py"});
  const auto begun = scaffold::update(two_files(), std::nullopt, {{"runtime/server.py", "new server\n"}});
  CHECK(begun.edited.empty());
}

TEST_CASE("a second run writes owned files only, and tells which of them were edited") {
  const scaffold::Lock lock = lock_with("runtime/server.py", "old server\n");
  const auto unedited = scaffold::update(two_files(), lock, {{"runtime/server.py", "old server\n"}});
  CHECK(contents(unedited.files) == std::map<std::string, std::string>{{"runtime/server.py", "new server\n"}});
  CHECK(unedited.edited.empty());
  const auto edited = scaffold::update(two_files(), lock, {{"runtime/server.py", "old server, mended\n"}});
  CHECK(edited.edited == std::vector<std::string>{"runtime/server.py"});
  const auto same = scaffold::update(two_files(), lock, {{"runtime/server.py", "new server\n"}});
  CHECK(same.edited.empty());
}

TEST_CASE("an owned file that is of no use any more goes, unless somebody edited it") {
  const scaffold::Lock lock = lock_with("runtime/old.py", "old\n");
  CHECK(scaffold::update(two_files(), lock, {{"runtime/old.py", "old\n"}}).obsolete ==
        std::vector<std::string>{"runtime/old.py"});
  CHECK(scaffold::update(two_files(), lock, {{"runtime/old.py", "mine\n"}}).obsolete.empty());
  CHECK(scaffold::update(two_files(), lock_with("items.py", "x"), {{"items.py", "x"}}).obsolete.empty());
}

TEST_CASE("a lock file is read as it was written, and a broken one is refused") {
  const scaffold::Lock lock = scaffold::lock_of({.name = "stock", .language = "python"}, two_files(), "1.2.3");
  CHECK(lock.owned.size() == 1);
  const std::string text = scaffold::write_lock(lock);
  const auto read = scaffold::read_lock(text);
  REQUIRE(read);
  CHECK(scaffold::write_lock(*read) == text);
  CHECK(read->tool == "1.2.3");
  for (const char* broken :
       {"", "[]", "{}", R"({"apigw-service": 2, "owned": {}})", R"({"apigw-service": 1, "owned": []})",
        R"({"apigw-service": 1, "owned": {"../runtime/x": "0"}})",
        R"({"apigw-service": 1, "owned": {"/runtime/x": "0"}})",
        R"({"apigw-service": 1, "owned": {"runtime/x": 0}})"}) {
    CAPTURE(broken);
    CHECK(!scaffold::read_lock(broken));
  }
}

TEST_CASE("a fingerprint is SHA-256") {
  CHECK(render::fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE(
    "the pipeline of each language tests in the image that its container file is built in, with what that installs") {
  for (const scaffold::Language& language : scaffold::languages()) {
    CAPTURE(language.word);
    const scaffold::ServiceRequest request{.name = "orders", .language = std::string(language.word), .calls = {}};
    const auto files = scaffold::service(request);
    REQUIRE(files);
    const std::string& container = files->at("Dockerfile").content;
    for (const std::string_view word : text::split(language.prepare, ' '))
      if (!word.empty()) CHECK(container.contains(word));
    for (const pipeline::System& system : pipeline::systems()) {
      const std::string text =
          scaffold::pipeline_file(system, request.name, scaffold::stack_of(language), "services/orders", *files)
              .value();
      CHECK(text.contains("cd services/orders"));
      CHECK(text.contains("docker build --pull services/orders") == (system.word != "github"));
      const auto name = container.find("FROM ") + 5;
      CHECK(text.contains(container.substr(name, container.find(' ', name) - name)));
    }
  }
}
