#include "scaffold/existing.h"

#include <vector>

#include <doctest/doctest.h>

#include "scaffold/service.h"

using namespace apigw;
using Files = std::map<std::string, std::string, std::less<>>;

TEST_CASE("the files of a service tell its language and how it starts") {
  struct Row {
    const char* title;
    Files files;
    std::string language, from, run;
  };
  const std::vector<Row> rows{
      {"go",
       {{"go.mod", ""}, {"main.go", ""}},
       "Go",
       "go.mod",
       "go build -buildvcs=false -o bin/service . && exec bin/service"},
      {"go, without a program at its top", {{"go.mod", ""}}, "Go", "go.mod", ""},
      {"rust", {{"Cargo.toml", ""}, {"src/main.rs", ""}}, "Rust", "Cargo.toml", "exec cargo run --quiet"},
      {"spring by its wrapper",
       {{"pom.xml", "<a>spring-boot-maven-plugin</a>"}, {"mvnw", ""}},
       "Java",
       "pom.xml",
       "SERVER_PORT=$PORT exec ./mvnw -q spring-boot:run"},
      {"quarkus",
       {{"pom.xml", "quarkus-maven-plugin"}},
       "Java",
       "pom.xml",
       "QUARKUS_HTTP_PORT=$PORT exec mvn -q quarkus:dev"},
      {"maven, of which nothing is known", {{"pom.xml", "<project/>"}}, "Java", "pom.xml", ""},
      {"spring by gradle",
       {{"build.gradle.kts", "id(\"org.springframework.boot\")"}, {"gradlew", ""}},
       "Java",
       "build.gradle.kts",
       "SERVER_PORT=$PORT exec ./gradlew -q bootRun"},
      {"python", {{"requirements.txt", ""}, {"app.py", ""}}, "Python", "requirements.txt", "exec python3 app.py"},
      {"django",
       {{"pyproject.toml", ""}, {"manage.py", ""}, {"main.py", ""}},
       "Python",
       "pyproject.toml",
       "exec python3 manage.py runserver --noreload 127.0.0.1:$PORT"},
      {"a python file alone", {{"main.py", ""}}, "Python", "main.py", "exec python3 main.py"},
      {"node by its script",
       {{"package.json", R"({"scripts": {"start": "x"}, "main": "a.js"})"}},
       "Node.js",
       "package.json",
       "exec npm start"},
      {"node by its main file",
       {{"package.json", R"({"main": "lib/a.js"})"}},
       "Node.js",
       "package.json",
       "exec node lib/a.js"},
      {"a main file is no place for a command",
       {{"package.json", R"({"main": "a.js; rm -rf /"})"}},
       "Node.js",
       "package.json",
       ""},
      {"node by the usual file",
       {{"package.json", "{}"}, {"server.js", ""}},
       "Node.js",
       "package.json",
       "exec node server.js"},
      {"node, broken", {{"package.json", "{"}, {"server.js", ""}}, "Node.js", "package.json", ""},
      {"cmake",
       {{"CMakeLists.txt", "add_executable( shop\n a.cpp)"}},
       "C++",
       "CMakeLists.txt",
       "cmake -B build && cmake --build build --target shop && exec build/shop"},
      {"cmake with two programs",
       {{"CMakeLists.txt", "add_executable(a a.cpp)\nadd_executable(b b.cpp)"}},
       "C++",
       "CMakeLists.txt",
       ""},
      {"cmake whose program is a variable",
       {{"CMakeLists.txt", "add_executable(${name} a.cpp)"}},
       "C++",
       "CMakeLists.txt",
       ""},
      {"a back end beside its tools",
       {{"package.json", "{}"}, {"go.mod", ""}, {"main.go", ""}},
       "Go",
       "go.mod",
       "go build -buildvcs=false -o bin/service . && exec bin/service"},
      {"tools in one language, the program in another",
       {{"pyproject.toml", ""}, {"package.json", "{}"}, {"app.js", ""}},
       "Node.js",
       "package.json",
       "exec node app.js"},
      {"nothing", {{"README.md", ""}}, "", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.title);
    const auto found = scaffold::existing(row.files);
    CHECK(found.language == row.language);
    CHECK(found.language_from == row.from);
    CHECK(found.run == row.run);
    CHECK_FALSE(found.port);
  }
}

TEST_CASE("one that new service made says so itself") {
  const scaffold::Lock lock{.tool = "1", .name = "stock", .language = "java", .kind = "http"};
  const auto found = scaffold::existing({{"service.lock", scaffold::write_lock(lock)}, {"Dockerfile", "EXPOSE 9"}});
  CHECK(found.language == "Java");
  CHECK(found.run == scaffold::find_language("java")->run);
  CHECK_FALSE(found.port);
  CHECK(scaffold::existing({{"service.lock", "{}"}, {"main.py", ""}}).language == "Python");
}

TEST_CASE("the port of the last stage counts unless PORT decides") {
  const std::vector<std::pair<const char*, int>> rows{
      {"FROM a\nEXPOSE 9000\n", 9000},
      {"from a\r\n  expose 9001/tcp 9002\r\n", 9001},
      {"FROM a AS b\nEXPOSE 1\nFROM c\nEXPOSE 9003\n", 9003},
      {"FROM a\nEXPOSE 9000\nEXPOSE 9001\n", 9000},
      {"FROM a AS b\nENV PORT=1\nFROM c\nEXPOSE 9004\n", 9004},
      {"FROM a\nENV A=1 PORT=8000\nEXPOSE 8000\n", 0},
      {"FROM a\nENV PORT 8000\nEXPOSE 8000\n", 0},
      {"FROM a\nENV EXPORT=1\nEXPOSE 8000\n", 8000},
      {"FROM a\nEXPOSE 53/udp\n", 0},
      {"FROM a\nEXPOSE $port\n", 0},
      {"FROM a\nEXPOSE 99999\n", 0},
      {"FROM a\nEXPOSE\n", 0},
      {"", 0},
  };
  for (const auto& [text, port] : rows) {
    CAPTURE(text);
    const auto found = scaffold::existing({{"Dockerfile", text}});
    CHECK(found.port.value_or(0) == port);
    CHECK(found.port_from == (port == 0 ? "" : "Dockerfile"));
  }
  CHECK(scaffold::existing({{"Containerfile", "EXPOSE 7"}}).port_from == "Containerfile");
}
