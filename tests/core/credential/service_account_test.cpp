#include "credential/service_account.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "credential/token_slot.h"
#include "support/service_account.h"

using namespace apigw;
using credential::ServiceAccount;

namespace {

constexpr std::chrono::sys_seconds at{std::chrono::seconds{1'700'000'000}};

// What another library (Python's cryptography) made of the same key, claims and time.
constexpr std::string_view form =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJhbGciOiJSUzI1NiIsInR5c"
    "CI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJnYXRld2F5QHNob3AuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJzY29wZ"
    "SI6Imh0dHBzOi8vd3d3Lmdvb2dsZWFwaXMuY29tL2F1dGgvY2xvdWQtcGxhdGZvcm0iLCJhdWQiOiJodHRwczovL29hdXRoMi5nb"
    "29nbGVhcGlzLmNvbS90b2tlbiIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.p1KPojplQyS3d1GEKgI_1ebC71"
    "Lpk0L8vl3Gy8RQtGCQDkisG2uwcW0rMV1fFp4J4PFmJKJmMVZv80OyZ0ZQqNJDXGlfMYdoxamfxZsG5R9ilVyJbrDHhit6jeH1dy"
    "xEPwT5nEXNoqI54UNlmFocpjknsR2BChLRboUceageaS4toJYopjB1zEyzrL6D3AnDhR5mssE0Dri5PQ4Sw35oSId2WJE8gFxcOC"
    "W3H7QffXtmbCcvMO9Lsn_ZmS428xYTrF2wG70J5V3lqWHM4kRHyspVOHkuB6sni6AilebyBs96IdhNRGCP7rYi0wm6S6IU6S0YpI"
    "yxxhPpDf5i9MxIlg";

std::string why_not(const std::string& content) {
  const auto read = ServiceAccount::read(Secret(content));
  return read ? "" : read.error().what;
}

}  // namespace

TEST_CASE("an account asks for a token as another library does it") {
  const auto account = ServiceAccount::read(Secret(test::account("https://oauth2.googleapis.com/token")));
  REQUIRE(account);
  CHECK(account->email() == "gateway@shop.iam.gserviceaccount.com");
  CHECK(account->origin() == "https://oauth2.googleapis.com");
  CHECK(account->path() == "/token");
  const auto asks = account->asks(at);
  REQUIRE(asks);
  CHECK(asks->expose() == form);
  CHECK(account->asks(at + std::chrono::seconds(1))->expose() != form);
}

TEST_CASE("what is no usable key of an account says why, and nothing of the key") {
  const std::string whole = test::account("https://oauth2.googleapis.com/token");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK(why_not(whole).empty());
  CHECK(why_not("{").ends_with("it is no JSON"));
  CHECK(why_not("{}").ends_with("it has no type"));
  CHECK(why_not(with("service_account", "authorized_user")).ends_with("its type is 'authorized_user'"));
  CHECK(why_not(with("gateway@shop.iam.gserviceaccount.com", "")).ends_with("it has no client_email"));
  CHECK(why_not(with("BEGIN PRIVATE", "BEGIN PUBLIC")).ends_with("its private_key is no RSA key"));
  CHECK(why_not(test::account("https://oauth2.googleapis.com/token", test::small_key))
            .ends_with("fewer than 2048 bits"));
  for (const std::string_view uri : {"http://oauth2.googleapis.com/token", "http://127.0.0.1.example/token",
                                     "https://", "ftp://x/token", "", "https://a b/token", "https://u@h/token"}) {
    CAPTURE(uri);
    CHECK(why_not(test::account(uri)).ends_with("its token_uri is no https address"));
  }
  for (const std::string_view uri : {"http://127.0.0.1:8000/token", "http://localhost/token", "http://[::1]:1/t",
                                     "https://sts.example/v1/token?x=1", "https://sts.example"}) {
    CAPTURE(uri);
    CHECK(why_not(test::account(uri)).empty());
  }
}

TEST_CASE("a token is told from an account, white space before it or not") {
  CHECK(credential::is_account(Secret(test::account("https://a/t"))));
  CHECK(credential::is_account(Secret(" {}")));
  CHECK_FALSE(credential::is_account(Secret("ya29.token")));
  CHECK_FALSE(credential::is_account(Secret()));
}

TEST_CASE("a reply of the token endpoint is a token with its end, or the endpoint's own words") {
  const auto token =
      credential::read_token(200, R"({"access_token":"ya29.c","expires_in":3599,"token_type":"Bearer"})", at);
  REQUIRE(token);
  CHECK(token->value.expose() == "ya29.c");
  CHECK(token->until == at + std::chrono::seconds(3599));
  CHECK(credential::read_token(200, R"({"access_token":"a"})", at)->until == at + std::chrono::hours(1));
  CHECK(credential::read_token(200, R"({"access_token":"a","expires_in":999999999})", at)->until ==
        at + std::chrono::hours(24));
  struct Row {
    int status;
    const char *body, *what;
  };
  for (const Row& row :
       {Row{400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})",
            "the token endpoint answered 400, invalid_grant: Invalid JWT Signature."},
        Row{401, R"({"error":"invalid_client"})", "the token endpoint answered 401, invalid_client"},
        Row{502, "<html>", "the token endpoint answered 502"}, Row{200, "ya29.c", "the token endpoint answered 200"},
        Row{200, "{}", "the token endpoint gave no token"},
        Row{200, R"({"access_token":"a\nb"})", "the token endpoint gave no token"}}) {
    CAPTURE(row.what);
    const auto none = credential::read_token(row.status, row.body, at);
    REQUIRE_FALSE(none);
    CHECK(none.error().what == row.what);
  }
}

TEST_CASE("a slot gives what is good, has others wait for a fetch, and says no while none is due") {
  credential::TokenSlot slot;
  int ready = 0;
  bool waits = false;
  const auto ask = [&](std::chrono::sys_seconds now) {
    const auto token = slot.good_or(now, [&] { ++ready; }, waits);
    return std::string(token ? token->expose() : "");
  };
  CHECK(ask(at).empty());
  CHECK_FALSE(waits);  // nobody fetches
  slot.keep(true);
  CHECK(ask(at).empty());
  CHECK(waits);
  CHECK(ready == 0);
  slot.give({Secret("one"), at + std::chrono::minutes(1)});
  CHECK(ready == 1);
  CHECK(ask(at) == "one");
  slot.give_up(at + std::chrono::seconds(10));  // a renewal that failed takes nothing away
  CHECK(ask(at) == "one");
  CHECK(ready == 1);
  CHECK(ask(at + std::chrono::minutes(1)).empty());
  CHECK(waits);  // the next fetch is due
  slot.give_up(at + std::chrono::minutes(2));
  CHECK(ready == 2);
  CHECK(ask(at + std::chrono::seconds(90)).empty());
  CHECK_FALSE(waits);
  CHECK(ask(at + std::chrono::minutes(3)).empty());
  CHECK(waits);
  slot.keep(false);
  CHECK(ready == 3);
}
