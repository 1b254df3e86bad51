#include "bench/answers.h"

#include <doctest/doctest.h>

using namespace apigw;

namespace {

constexpr std::string_view role = R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})"
                                  "\n\n";
constexpr std::string_view text_frame = R"(data: {"choices":[{"index":0,"delta":{"content":"hi"}}]})"
                                        "\n\n";
constexpr std::string_view stop = R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                                  "\n\n";
constexpr std::string_view usage =
    R"(data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}})"
    "\n\ndata: [DONE]\n\n";

}  // namespace

TEST_CASE("a streamed answer begins with its first text and tells its tokens at its end") {
  const auto reading = bench::chat_stream();
  reading->feed(role);
  CHECK(!reading->begun());
  reading->feed(text_frame.substr(0, 20));
  CHECK(!reading->begun());
  reading->feed(text_frame.substr(20));
  CHECK(reading->begun());
  CHECK(reading->failure() == "cut stream");
  reading->feed(stop);
  reading->feed(usage);
  CHECK(reading->failure().empty());
  REQUIRE(reading->usage());
  CHECK(reading->usage()->output == 7);
  CHECK(reading->usage()->input == 3);
}

TEST_CASE("a stream that tells an error or no JSON is broken") {
  for (const std::string_view frame : {"data: {\"error\":{\"message\":\"no\"}}\n\n", "data: nothing\n\n"}) {
    const auto reading = bench::chat_stream();
    reading->feed(text_frame);
    reading->feed(frame);
    CHECK(reading->failure() == "broken stream");
    CHECK(!reading->usage());
  }
}

TEST_CASE("a prompt's answer tells its tokens where its usage does") {
  const auto told = [](std::string_view body) {
    const auto reading = bench::prompt_answer();
    CHECK(!reading->begun());
    reading->feed(body.substr(0, 5));
    reading->feed(body.substr(5));
    CHECK(reading->begun());
    CHECK(reading->failure().empty());
    return reading->usage();
  };
  const auto plain = told(R"({"output":"a","usage":{"input_tokens":2,"output_tokens":9},"model":"m"})");
  REQUIRE(plain);
  CHECK((plain->input == 2 && plain->output == 9 && plain->known));
  const auto parts = told(R"({"output":"a","usage":{"input_tokens":20,"output_tokens":9,"cache_read_tokens":8,)"
                          R"("cache_write_tokens":5,"reasoning_tokens":6},"model":"m"})");
  REQUIRE(parts);
  CHECK((parts->input == 7 && parts->cache_read == 8 && parts->cache_write == 5));
  CHECK((parts->output == 3 && parts->reasoning == 6));
  CHECK(!told(R"({"output":"a","usage":null,"model":"m"})"));
  CHECK(!told("<html></html>"));
}
