#include "gateway/reply_head.h"

#include <doctest/doctest.h>

using namespace apigw;
using chat::Loss;

TEST_CASE("losses go into a head as a list and a count") {
  chat::Losses losses;
  http::Headers headers;
  gateway::tell_losses(losses, headers);
  CHECK(headers.size() == 0);
  losses.add(Loss::Kind::dropped, "messages[2].name", "w");
  losses.add(Loss::Kind::defaulted, "max_tokens", "w");
  gateway::tell_losses(losses, headers);
  CHECK(headers.find("x-apigw-loss") == "dropped messages[2].name, defaulted max_tokens");
  CHECK(headers.find("x-apigw-loss-count") == "2");
}

TEST_CASE("a head's list of losses is bounded, whatever was lost") {
  chat::Losses losses;
  for (int i = 0; i < 100; ++i) losses.add(Loss::Kind::dropped, std::string(10'000, 'x'), "w");
  http::Headers headers;
  gateway::tell_losses(losses, headers);
  CHECK(headers.find("x-apigw-loss")->size() <= gateway::most_loss_bytes);
  CHECK(headers.find("x-apigw-loss-count") == "100");
  chat::Losses many;
  for (int i = 0; i < 20; ++i) many.add(Loss::Kind::dropped, "p", "w");
  gateway::tell_losses(many, headers);
  CHECK(headers.find("x-apigw-loss") ==
        "dropped p, dropped p, dropped p, dropped p, dropped p, dropped p, dropped p, dropped p");
}

TEST_CASE("what would end a field or an entry is percent-encoded, and a name that no header carries is not told") {
  chat::Losses losses;
  losses.add(Loss::Kind::dropped, "a\r\nb, c\xc3\xa4", "w");
  http::Headers headers;
  gateway::tell_losses(losses, headers);
  CHECK(headers.find("x-apigw-loss") == "dropped a%0D%0Ab%2C%20c%C3%A4");
  chat::Losses long_one;  // 6 bytes a letter: the 17th would not fit whole
  std::string letters = "100%";
  for (int i = 0; i < 20; ++i) letters += "\xc3\xa4";
  long_one.add(Loss::Kind::dropped, letters, "w");
  gateway::tell_losses(long_one, headers);
  CHECK(headers.find("x-apigw-loss")->size() == std::string_view("dropped 100%25").size() + std::size_t{15} * 6);
  CHECK(headers.find("x-apigw-loss")->ends_with("%C3%A4"));
  for (const std::string_view name : {"", "a b", "a\r\nx: 1", "\xc3\xa4"}) {
    CAPTURE(name);
    gateway::tell_model(name, headers);
    CHECK_FALSE(headers.has("x-apigw-model"));
  }
  gateway::tell_model("openai/gpt-5", headers);
  CHECK(headers.find("x-apigw-model") == "openai/gpt-5");
}
