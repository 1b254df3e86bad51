// A call in the hub's words, and what writers make of it.
#pragma once
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "chat/loss.h"
#include "chat/request.h"
#include "dialects/dialect.h"

namespace apigw::test {

inline chat::Request asked() {
  chat::Request request{.model = "m"};
  request.messages.push_back(
      {.role = chat::Role::user, .parts = {{chat::Text{"hi"}, {}, {}}}, .name = {}, .place = {}});
  return request;
}

inline nlohmann::ordered_json written(const dialects::Dialect& dialect, const chat::Request& request,
                                      const dialects::TargetTraits& target, chat::Losses& losses) {
  const auto out = dialect.write_request(request, target, losses);
  REQUIRE(out);
  return nlohmann::ordered_json::parse(out->body);
}

// A line for each: its kind and its path.
inline std::string lost(const chat::Losses& losses) {
  std::string out;
  for (const chat::Loss& loss : losses.list()) out += fmt::format("{} {}\n", word(loss.kind), loss.path);
  return out;
}

}  // namespace apigw::test
