// The arrows of layers.txt, held against every #include of core/ and cli/, and the count of the headers that are slow
// to compile.
#include "structure/layers.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace apigw::test;

namespace {

Layers the_layers() {
  return parse_layers(read_text("core/layers.txt"));
}

std::vector<SourceFile> code() {
  std::vector<SourceFile> all = source_files("core", {".h", ".cpp"});
  std::ranges::move(source_files("cli", {".h", ".cpp"}), std::back_inserter(all));
  // The precompiled headers belong to no room: they only gather what the rooms include by themselves.
  std::erase_if(all, [](const SourceFile& file) { return file.path.starts_with("core/pch/"); });
  return all;
}

std::vector<std::string> users(std::string_view header_start, std::string_view ending) {
  std::vector<std::string> found;
  for (const SourceFile& file : code()) {
    const auto all = includes(file.text);
    if (file.path.ends_with(ending) &&
        std::ranges::any_of(all, [&](const Include& include) { return include.name.starts_with(header_start); })) {
      found.push_back(file.path);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("every include follows an arrow of layers.txt and keeps to its home") {
  const Layers layers = the_layers();
  REQUIRE(layers.arrows.contains("base"));
  const std::vector<SourceFile> files = code();
  REQUIRE(files.size() > 20);
  for (const SourceFile& file : files) {
    const auto found = complaints(layers, file);
    CHECK_MESSAGE(found.empty(), fmt::format("{}", fmt::join(found, "\n")));
  }
}

TEST_CASE("a planted include against the arrows is found") {
  const Layers layers =
      parse_layers("base:\nhttp: base\nnet: base http\ncli: base net\nuses boost/: net\nuses fmt/: *\n");
  struct Row {
    std::string_view name, path, line;
    size_t complaints;
  };
  for (const Row& row : {Row{"an arrow that exists", "core/net/a.cpp", "#include \"http/b.h\"", 0},
                         {"the rooted spelling", "core/net/a.cpp", "#include \"core/http/b.h\"", 0},
                         {"an arrow that runs up", "core/http/a.cpp", "#include \"net/b.h\"", 1},
                         {"core on cli", "core/net/a.cpp", "#include \"cli/env.h\"", 1},
                         {"a folder that no row names", "core/net/a.cpp", "#include \"attic/b.h\"", 1},
                         {"one command on another", "cli/commands/a.cpp", "#include \"commands/b.h\"", 1},
                         {"a third-party header at home", "core/net/a.cpp", "#include <boost/asio.hpp>", 0},
                         {"a third-party header elsewhere", "core/http/a.cpp", "  #  include <boost/asio.hpp>", 1},
                         {"a header free to all", "core/http/a.cpp", "#include <fmt/format.h>", 0},
                         {"a header without a home", "core/net/a.cpp", "#include <zlib.h>", 1},
                         {"the standard library", "core/net/a.cpp", "#include <vector>", 0}}) {
    CAPTURE(row.name);
    CHECK(complaints(layers, {std::string(row.path), std::string(row.line)}).size() == row.complaints);
  }
}

TEST_CASE("the arrows have an order: no circle") {
  const auto walk = circle(the_layers());
  CHECK_MESSAGE(walk.empty(), fmt::format("{}", fmt::join(walk, " -> ")));
  CHECK(circle(parse_layers("a: b\nb: c\nc: a\n")).size() == 3);
}

TEST_CASE("the arrows that are missing on purpose are missing") {
  const Layers layers = the_layers();
  const std::pair<std::string_view, std::string_view> missing[] = {
      {"routing", "policy"},  {"policy", "routing"},   {"dialects", "model"}, {"gateway", "net"},
      {"chat", "http"},       {"config", "catalogue"}, {"config", "policy"},  {"config", "dialects"},
      {"config", "assembly"}, {"mock", "net"}};
  for (const auto& [from, to] : missing) {
    CAPTURE(from);
    CAPTURE(to);
    const auto row = layers.arrows.find(from);
    REQUIRE(row != layers.arrows.end());
    CHECK_FALSE(row->second.contains(std::string(to)));
  }
}

TEST_CASE("every folder of core has a row in layers.txt") {
  const Layers layers = the_layers();
  for (const SourceFile& file : code()) {
    CAPTURE(file.path);
    CHECK(layers.arrows.contains(folder_of(file.path)));
  }
}

TEST_CASE("headers that are slow to compile stay in four files each and out of headers") {
  for (const std::string_view header : {"boost/beast", "httplib.h"}) {
    const auto sources = users(header, ".cpp");
    const auto headers = users(header, ".h");
    CHECK_MESSAGE(sources.size() <= 4, fmt::format("{}: {}", header, fmt::join(sources, ", ")));
    CHECK_MESSAGE(headers.empty(), fmt::format("{}: {}", header, fmt::join(headers, ", ")));
  }
  for (const std::string_view header : {"nlohmann/json.hpp", "CLI/", "yaml-cpp/", "openssl/"}) {
    const auto headers = users(header, ".h");
    CHECK_MESSAGE(headers.empty(), fmt::format("{}: {}", header, fmt::join(headers, ", ")));
  }
}
