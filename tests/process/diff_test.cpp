// `apigw diff` of the real binary in real repositories: commits, paths in them, and no repository at all.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/process.h"
#include "support/skip.h"

using namespace support;

namespace {

constexpr std::string_view first =
    "apigw: 1\nservices: { a: http://127.0.0.1:1 }\nroutes: { GET /a: a, GET /b: a }\nmodels: { chat: mock/chat }\n";
constexpr std::string_view second =
    "apigw: 1\nservices: { a: http://127.0.0.1:1 }\nroutes: { GET /a: a }\nmodels: { chat: mock/chat }\n";

struct Ran {
  int code = -1;
  std::string out, err;
};

class Repository {
 public:
  Repository() { git({"init", "-q", "-b", "main", "."}); }
  void write(std::string_view name, std::string_view content) const { dir_.write(name, content); }
  void commit() const {
    git({"add", "-A"});
    git({"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x"});
  }
  void git(std::vector<std::string> words) const {
    words.insert(words.begin(), "/usr/bin/env");
    words.insert(words.begin() + 1, "git");
    Process process(words, {.directory = dir_.path()});
    REQUIRE(process.wait().code == 0);
  }
  [[nodiscard]] Ran diff(std::vector<std::string> words, std::string_view folder = {}) const {
    words.insert(words.begin(), {apigw_binary(), "diff"});
    Process process(words, {.directory = folder.empty() ? dir_.path() : dir_ / folder});
    const int code = process.wait().code;
    return {code, process.out(), process.err()};
  }
  [[nodiscard]] const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
};

}  // namespace

TEST_CASE(
    "the last commit stands against the files here, one commit against another, and a path alone is looked up") {
  if (!apigw::test::has_program("git")) APIGW_SKIP("needs git");
  Repository repository;
  repository.write("shop/apigw.yaml", first);
  repository.write("shop/prompts/p.prompt", "---\nmodel: chat\n---\nSay {{text}}\n");
  repository.commit();
  CHECK(repository.diff({}, "shop").code == 0);
  CHECK(repository.diff({}, "shop").err == "no differences between HEAD:apigw.yaml and apigw.yaml\n");

  repository.write("shop/apigw.yaml", second);
  const Ran here = repository.diff({}, "shop");
  CHECK(here.code == 1);
  CHECK(here.out ==
        "HEAD:apigw.yaml → apigw.yaml: 1 breaking\n\nroute\n  breaking  - GET /b\n"
        "              its callers get no answer any more\n");
  CHECK(repository.diff({"shop"}).out.starts_with("HEAD:shop → shop: 1 breaking\n"));
  CHECK(repository.diff({"shop/apigw.yaml"}).code == 1);
  CHECK(repository.diff({"-c", "shop/apigw.yaml"}).code == 1);

  repository.write("shop/prompts/p.prompt", "---\nmodel: chat\n---\nTell {{text}}\n");
  repository.commit();
  CHECK(repository.diff({}, "shop").code == 0);
  const Ran commits = repository.diff({"HEAD~1", "HEAD"}, "shop");
  CHECK(commits.code == 1);
  CHECK(commits.out.contains("template[1]\n              Say {{text}} → Tell {{text}}\n"));
  CHECK(repository.diff({"main~1", "--fail-on", "breaking"}, "shop").code == 1);
  CHECK(repository.diff({"HEAD", "HEAD~1", "--fail-on", "breaking"}, "shop").code == 0);
  // As git reads it: from the top of the repository, or from here.
  for (const char* const place : {"HEAD~1:shop/apigw.yaml", "HEAD~1:./apigw.yaml", "HEAD~1:shop"}) {
    CAPTURE(place);
    CHECK(repository.diff({place, "apigw.yaml"}, "shop").out.contains("breaking  - GET /b"));
    CHECK(repository.diff({place}, "shop").out.contains("breaking  - GET /b"));
  }
}

TEST_CASE("includes and manifests are read from a commit, links and folders of its past are not") {
  if (!apigw::test::has_program("git")) APIGW_SKIP("needs git");
  Repository repository;
  repository.write("apigw.yaml", "apigw: 1\ninclude: services/*/apigw.yaml\nmodels: { chat: mock/chat }\n");
  repository.write("services/a/apigw.yaml", "services: { a: http://127.0.0.1:1 }\nroutes: { GET /a: a }\n");
  repository.write("deploy/x/service.yaml",
                   "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { type: ClusterIP }\n");
  REQUIRE(symlink("apigw.yaml", (repository.dir() / "link.yaml").c_str()) == 0);
  repository.commit();
  repository.write("services/a/apigw.yaml", "services: { a: http://127.0.0.1:1 }\nroutes: { GET /b: a }\n");
  repository.write("deploy/x/service.yaml",
                   "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { type: NodePort }\n");
  const Ran included = repository.diff({});
  CHECK(included.out.contains("breaking  - GET /a"));
  CHECK(included.out.contains("safe      + GET /b"));
  const Ran manifests = repository.diff({"deploy"});
  CHECK(manifests.out.contains("breaking  ~ a  spec.type\n              ClusterIP → NodePort"));
  const Ran link = repository.diff({"link.yaml"});
  CHECK(link.code == 2);
  CHECK(link.err.contains("read 'HEAD:link.yaml': the commit has no such file"));
}

TEST_CASE("no repository, no commit and no git are told apart") {
  if (!apigw::test::has_program("git")) APIGW_SKIP("needs git");
  TempDir bare;
  bare.write("apigw.yaml", first);
  const auto diff = [&](const std::string& directory, std::vector<std::string> words,
                        std::map<std::string, std::string> environment) {
    words.insert(words.begin(), {apigw_binary(), "diff"});
    Process process(words, {.directory = directory, .environment = std::move(environment)});
    const int code = process.wait().code;
    return Ran{code, process.out(), process.err()};
  };
  const Ran outside = diff(bare.path(), {}, {{"GIT_CEILING_DIRECTORIES", bare.path() + "/.."}});
  CHECK(outside.code == 2);
  CHECK(outside.err.contains("'HEAD' is no path here, and no commit: fatal: not a git repository"));
  CHECK(outside.err.contains("help: name two paths, or stand in a repository"));
  const Ran without = diff(bare.path(), {}, {{"PATH", "/nowhere"}});
  CHECK(without.code == 3);
  CHECK(without.err.contains("there is no git here to read a commit with"));

  Repository repository;
  repository.write("apigw.yaml", first);
  CHECK(repository.diff({}).code == 2);  // no commit yet
  repository.write("other.yaml", "x");
  repository.git({"add", "other.yaml"});
  repository.git({"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x"});
  CHECK(repository.diff({}).err.contains("read 'HEAD:apigw.yaml': the commit has no such file"));
  CHECK(repository.diff({"nosuch"}).err.contains("'nosuch' is no path here, and no commit"));
  CHECK(repository.diff({"--", "--upload-pack=x"}).code == 2);
  CHECK(repository.diff({"HEAD:../../etc/passwd", "apigw.yaml"}).code == 2);
}
