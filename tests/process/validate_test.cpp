// `apigw validate --watch` and `--fix` on a real disk.
#include <csignal>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/process.h"

using namespace support;

TEST_CASE("validate --watch looks again at each save, at a new include too, and ends with what it last found") {
  TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\ninclude: more/*.yaml\nmodels:\n  chat: mock/x\n");
  dir.write("more/a.yaml", "services:\n  a: { run: ./a }\nroutes:\n  GET /a: a\n");
  Process process({apigw_binary(), "validate", "--watch"}, {.directory = dir.path()});
  process.wait_for("no findings in 1 file");
  dir.save("apigw.yaml", "apigw: 1\ninclude: more/*.yaml\nmodels:\n  chat: nosuch/x\n");
  process.wait_for("apigw.yaml:4:9: error[AGW321]");
  dir.save("apigw.yaml", "apigw: 1\ninclude: more/*.yaml\nmodels:\n  chat: mock/x\n");
  process.wait_for("no findings in 1 file");
  dir.write("more/b.yaml", "routes:\n  GET /b: nobody\n");
  process.wait_for("more/b.yaml:2:11: error[AGW322]");
  process.signal(SIGINT);
  CHECK(process.wait().code == 1);
}

TEST_CASE("validate --watch ends by itself after --timeout") {
  TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\nmodels:\n  chat: mock/x\n");
  Process process({apigw_binary(), "validate", "--watch", "--timeout", "50ms"}, {.directory = dir.path()});
  CHECK(process.wait().code == 0);
}

TEST_CASE("what a pattern found is read only when it is a file, and a config that was named may be a pipe") {
  TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\ninclude: more/*.yaml\nmodels: { chat: mock/x }\n");
  dir.write("prompts/a.prompt", "Say hi");
  dir.write("prompts/dir.prompt/file", "");
  dir.write("more/file", "");
  for (const char* const pipe : {"prompts/f.prompt", "prompts/a.test.yaml", "prompts/g.test.yaml", "more/m.yaml"})
    REQUIRE(mkfifo((dir / pipe).c_str(), 0600) == 0);
  Process process({apigw_binary(), "validate", "-o", "full"}, {.directory = dir.path()});
  CHECK(process.wait().code == 1);
  for (const char* const finding :
       {"apigw.yaml:2:10: error[AGW220]: 'more/m.yaml' cannot be read: it is not a regular file",
        " help: name a file, or a pattern that fits files alone",
        "prompts/a.test.yaml:1:1: error[AGW220]: 'prompts/a.test.yaml' cannot be read: it is not a regular file",
        " help: tests are a file: move this away, or end its name otherwise",
        "prompts/dir.prompt:1:1: error[AGW220]: 'prompts/dir.prompt' cannot be read: it is a directory",
        " help: a prompt is a file: move this away, or end its name otherwise",
        "prompts/f.prompt:1:1: error[AGW220]: 'prompts/f.prompt' cannot be read: it is not a regular file",
        "prompts/g.test.yaml:1:1: warning[AGW634]: there is no prompt 'g' to test"}) {
    CAPTURE(finding);
    CHECK(process.out().contains(finding));
  }
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  Process named({apigw_binary(), "validate", "pipe"}, {.directory = dir.path()});
  dir.write("pipe", "apigw: 1\nmodels: { chat: nosuch/x }\n");
  CHECK(named.wait().code == 1);
  CHECK(named.out().contains("pipe:2:17: error[AGW321]"));
}

TEST_CASE("validate --fix keeps a file's mode and follows its link") {
  TempDir dir;
  dir.write("real.yaml", "models:  # ours\n  chat: mock/x\n");
  REQUIRE(chmod((dir / "real.yaml").c_str(), 0640) == 0);
  REQUIRE(symlink("real.yaml", (dir / "apigw.yaml").c_str()) == 0);
  Process process({apigw_binary(), "validate", "--fix"}, {.directory = dir.path()});
  CHECK(process.wait().code == 0);
  CHECK(dir.read("real.yaml") == "apigw: 1\nmodels:  # ours\n  chat: mock/x\n");
  struct stat about{};
  REQUIRE(lstat((dir / "apigw.yaml").c_str(), &about) == 0);
  CHECK(S_ISLNK(about.st_mode));
  REQUIRE(stat((dir / "real.yaml").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0640);
}
