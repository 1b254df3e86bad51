#include <string>

#include <doctest/doctest.h>

#include "chat/loss.h"
#include "chat/request.h"

using namespace apigw;

TEST_CASE("an effort and its word lead to each other") {
  for (const auto effort : {chat::Effort::none, chat::Effort::minimal, chat::Effort::low, chat::Effort::medium,
                            chat::Effort::high, chat::Effort::xhigh, chat::Effort::max}) {
    CAPTURE(chat::word(effort));
    CHECK(chat::effort_of(chat::word(effort)) == effort);
  }
  CHECK_FALSE(chat::effort_of("huge"));
}

TEST_CASE("losses beyond the bound are counted and not kept") {
  chat::Losses losses;
  for (int i = 0; i < 100; ++i)
    losses.add(chat::Loss::Kind::dropped, "messages[" + std::to_string(i) + "].name", "no name");
  CHECK(losses.count() == 100);
  CHECK(losses.list().size() == chat::Losses::kept);
  CHECK(losses.list().back().path == "messages[63].name");
}
