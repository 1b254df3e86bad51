// tests/run itself: what it counts as passed, failed and skipped, and when it says no.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;

struct Run {
  int status;
  std::string closing;  // the last line
};

// Runs tests/run over a build directory that registers one shell script, `script`; an empty one registers none.
Run run_suite_of(const std::string& script, const std::string& options = "") {
  std::string pattern = (fs::temp_directory_path() / "apigw-runner-XXXXXX").string();
  const fs::path dir = ::mkdtemp(pattern.data());
  std::ofstream list(dir / "CTestTestfile.cmake");
  if (!script.empty()) {
    std::ofstream(dir / "one") << "#!/bin/sh\n" << script << '\n';
    fs::permissions(dir / "one", fs::perms::owner_all);
    list << fmt::format("add_test(one \"{}\")\n", (dir / "one").string());
  }
  list.close();
  const std::string command =
      fmt::format("{}/tests/run --build {} {} 2>/dev/null | tail -n 1; exit ${{PIPESTATUS[0]}}", APIGW_SOURCE_DIR,
                  dir.string(), options);
  FILE* pipe = ::popen(fmt::format("bash -c '{}'", command).c_str(), "r");
  Run run{0, ""};
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    run.closing += buffer.data();
  }
  run.status = WEXITSTATUS(::pclose(pipe));
  fs::remove_all(dir);
  return run;
}

}  // namespace

TEST_CASE("the runner counts cases, printed skips, crashes and time-outs") {
  const std::string doctest = "echo '[doctest] test cases: 4 | 3 passed | {} failed | 1 skipped'; exit {}";
  struct Row {
    const char* name;
    std::string script, options, closing;
    int status;
  };
  for (const Row& row : {
           Row{"cases of a doctest program", fmt::format(fmt::runtime(doctest), 0, 0), "",
               "3 passed, 0 failed, 1 skipped\n", 0},
           {"a case that skips at run time", "echo 'SKIP a: no b'\n" + fmt::format(fmt::runtime(doctest), 0, 0), "",
            "2 passed, 0 failed, 2 skipped\n", 0},
           {"failed cases", fmt::format(fmt::runtime(doctest), 2, 1), "", "3 passed, 2 failed, 1 skipped\n", 1},
           {"a failure outside of any case", fmt::format(fmt::runtime(doctest), 0, 1), "",
            "3 passed, 1 failed, 1 skipped\n", 1},
           {"a crash", "kill -SEGV $$", "", "0 passed, 1 failed, 0 skipped\n", 1},
           {"a time-out", "sleep 30", "--timeout 1", "0 passed, 1 failed, 0 skipped\n", 1},
           {"a script that counts by itself", "echo 5 passed, 0 failed, 2 skipped", "",
            "5 passed, 0 failed, 2 skipped\n", 0},
           {"a script without counts", "true", "", "1 passed, 0 failed, 0 skipped\n", 0},
           {"a script that skips", "exit 77", "", "0 passed, 0 failed, 1 skipped\n", 0},
           {"no test at all", "", "", "0 passed, 1 failed, 0 skipped\n", 1},
           {"the only test left out", "true", "--except o*", "0 passed, 1 failed, 0 skipped\n", 1},
           {"another test left out", "true", "--except two", "1 passed, 0 failed, 0 skipped\n", 0},
       }) {
    CAPTURE(row.name);
    const Run run = run_suite_of(row.script, row.options);
    CHECK(run.closing == row.closing);
    CHECK(run.status == row.status);
  }
}
