// A program that is asked one thing: its answer, its bounds, and what is said when there is none.
#include "run/program.h"

#include <doctest/doctest.h>

using namespace apigw;

namespace {

Result<run::Answer> shell(std::string script, run::Question question = {}) {
  question.arguments = {"sh", "-c", std::move(script), "name", "a b", "*"};
  return run::ask(question);
}

}  // namespace

TEST_CASE("a program answers with its status and both of its outputs, as it was told and without stdin") {
  const auto answer = shell("cat; printf '%s|' \"$@\"; echo no >&2; exit 3");
  REQUIRE(answer);
  CHECK(answer->status == 3);
  CHECK(answer->out == "a b|*|");
  CHECK(answer->err == "no\n");
  const auto told = shell("printf %s \"$WORD\"", {.arguments = {}, .environment = {{"WORD", "x=y z"}}});
  REQUIRE(told);
  CHECK(told->out == "x=y z");
  CHECK(shell("kill -9 $$")->status == 137);
}

TEST_CASE("much output on both ends is read while it runs, and more than the bound is an error") {
  const auto answer = shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2");
  REQUIRE(answer);
  CHECK(answer->out.size() == 300'000);
  CHECK(answer->err.size() == 64 << 10);
  const auto much = shell("yes", {.arguments = {}, .limit = 1000});
  REQUIRE_FALSE(much);
  CHECK(much.error().kind == ErrorKind::too_large);
}

TEST_CASE("a program that does not end, or is not there, is told") {
  const auto late = shell("exec sleep 100", {.arguments = {}, .time = std::chrono::milliseconds(50)});
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == ErrorKind::timeout);
  const auto none = run::ask({.arguments = {"apigw-no-such-program"}});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::not_found);
}
