// Providers' errors: every shape gives the same words under either dialect's name, and says what it can of a status.
#include "dialects/provider_error.h"

#include <doctest/doctest.h>

#include "dialects/dialect.h"

using namespace apigw;

TEST_CASE("an error is read in every shape that servers send, whichever dialect they are asked in") {
  struct Row {
    const char* name;
    int status;
    std::string_view body, type, code, message;  // no type: the dialect's own for the status
  };
  const Row rows[] = {
      {"OpenAI's", 429, R"({"error":{"message":"slow","type":"requests","param":null,"code":"rate_limit_exceeded"}})",
       "requests", "rate_limit_exceeded", "slow"},
      {"Anthropic's", 529, R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})",
       "overloaded_error", "", "busy"},
      {"in an array", 400, R"([{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}])", "", "400",
       "bad"},
      {"flat", 404, R"({"object":"error","message":"no model","type":"NotFoundError","code":404})", "NotFoundError",
       "404", "no model"},
      {"a text", 418, R"({"error":"teapot"})", "", "", "teapot"},
      {"FastAPI's text", 422, R"({"detail":"no such field"})", "", "", "no such field"},
      {"FastAPI's list", 422, R"({"detail":[{"loc":["body"],"msg":"missing"}]})", "", "",
       R"([{"loc":["body"],"msg":"missing"}])"},
      {"an object for a message", 400, R"({"error":{"message":{"a":1}}})", "", "", R"({"a":1})"},
      {"a page", 502, "<html>nginx</html>", "", "", "the provider answered with status 502"},
      {"no words", 503, R"({"error":{}})", "", "", "the provider answered with status 503"},
      {"an empty text", 500, R"({"error":{"message":""}})", "", "", "the provider answered with status 500"},
      {"an empty body", 500, "", "", "", "the provider answered with status 500"},
  };
  for (const Row& row : rows) {
    for (const dialects::RosterRow& dialect : dialects::roster()) {
      CAPTURE(row.name);
      CAPTURE(dialect.word);
      const auto error = dialect.dialect->read_error(row.status, {}, row.body);
      CHECK(error.status == row.status);
      // Gemini's number is the status of HTTP once more, and its reason stands elsewhere.
      const bool number = dialect.word == "gemini" && row.body.contains(R"("status")");
      CHECK(error.code == (number ? std::string_view() : row.code));
      CHECK(error.message == row.message);
      CHECK(!error.type.empty());
      if (!row.type.empty()) CHECK(error.type == row.type);
    }
  }
}

TEST_CASE("words of a provider are bounded") {
  const auto error = dialects::provider_error(400, {}, R"({"error":{"message":")" + std::string(9'000, 'x') + "\"}}");
  CHECK(error.message.size() == 2'000);
}

TEST_CASE("an error in a reply of success is found, with the status that its code implies") {
  struct Row {
    std::string_view body;
    int status;  // 0: it is no error
  };
  const Row rows[] = {
      {R"({"error":{"message":"Quota exceeded: buy more","code":402}})", 402},
      {R"({"error":{"message":"slow","code":"rate_limit_exceeded"}})", 429},
      {R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})", 529},
      {R"([{"error":{"message":"m","code":503}}])", 503},
      {R"({"error":{"message":"m","code":200}})", 502},
      {R"({"error":"boom"})", 502},
      {R"({"object":"error","message":"m"})", 502},
      {R"({"error":null,"choices":[]})", 0},
      {R"({"message":"m"})", 0},
      {"[]", 0},
      {"[1]", 0},
      {"<html>", 0},
      {"", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const auto error = dialects::error_of_success({}, row.body, {});
    CHECK((error ? error->status : 0) == row.status);
  }
}

TEST_CASE("a dialect knows the shape of its own errors") {
  struct Row {
    std::string_view body;
    bool openai, anthropic;
  };
  const Row rows[] = {
      {R"({"error":{"message":"m","type":"t","param":null,"code":null}})", true, false},
      {R"({"error":{"message":"m","code":402,"metadata":{}}})", true, false},
      {R"({"type":"error","error":{"type":"api_error","message":"m"},"request_id":"r"})", true, true},
      {R"({"type":"error","error":{"message":"m"}})", true, false},
      {R"({"type":"error","error":{"type":"api_error","message":{}}})", false, false},
      {R"({"error":"m"})", false, false},
      {R"({"object":"error","message":"m"})", false, false},
      {R"({"detail":[]})", false, false},
      {R"([{"error":{"message":"m"}}])", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const auto scanned = json::scan(row.body);
    REQUIRE(scanned);
    CHECK(dialects::find_dialect("openai")->is_own_error(row.body, *scanned) == row.openai);
    CHECK(dialects::find_dialect("anthropic")->is_own_error(row.body, *scanned) == row.anthropic);
  }
}
