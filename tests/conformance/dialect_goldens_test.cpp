// Each fixture of a dialect as the hub reads it (NAME.hub), and as every dialect writes that (NAME.WORD).
#include <doctest/doctest.h>

#include "conformance/hub.h"
#include "http/headers.h"

using namespace apigw;

namespace {

void check(std::filesystem::path fixture, std::string_view extension, const std::string& actual) {
  CAPTURE(fixture.string());
  golden::check(fixture.replace_extension(extension), actual);
}

http::Headers headers_of(std::string_view head, int& status) {
  http::Headers headers;
  for (const std::string_view line : text::split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      status = static_cast<int>(text::parse_number(line).value_or(0));
    else
      headers.add(line.substr(0, colon), text::trim(line.substr(colon + 1)));
  }
  return headers;
}

}  // namespace

TEST_CASE("requests are read as their hub files say and written as each dialect's files say") {
  for (const auto& [word, dialect] : hub::rows()) {
    for (const auto& fixture : hub::fixtures(word, "requests", ".json")) {
      const auto read = dialects::read_request(*dialect, golden::read(fixture), hub::limits());
      if (!read) {
        check(fixture, ".hub",
              "error " + std::string(apigw::word(read.error().kind)) + ": " + read.error().what + "\n");
        continue;
      }
      check(fixture, ".hub", chat_dump::of(*read));
      for (const auto& target : hub::targets()) {
        chat::Losses losses;
        const auto written = dialects::write_request(*dialect, *target.dialect, *read, hub::generous(), losses);
        std::string text = written ? written->body + "\n" : "error: " + written.error().what + "\n";
        if (written) {
          for (const auto& row : written->way_back.tools)
            text += fmt::format("tool {} is {}\n", row.sent, row.original);
        }
        check(fixture, "." + std::string(target.word), text + chat_dump::of(losses));
      }
    }
  }
}

TEST_CASE("replies are read as their hub files say and written as each dialect's files say") {
  for (const auto& [word, dialect] : hub::targets()) {
    for (const auto& fixture : hub::fixtures(word, "replies", ".json")) {
      const auto read = dialect->read_reply(golden::read(fixture), {}, hub::limits());
      if (!read) {
        check(fixture, ".hub",
              "error " + std::string(apigw::word(read.error().kind)) + ": " + read.error().what + "\n");
        continue;
      }
      check(fixture, ".hub", chat_dump::of(*read));
      for (const auto& target : hub::rows()) {
        chat::Losses losses;
        const std::string body = target.dialect->write_reply(*read, hub::facts(), losses);
        check(fixture, "." + std::string(target.word), body + "\n" + chat_dump::of(losses));
      }
    }
  }
}

TEST_CASE("streams are read as their hub files say and written as each dialect's files say") {
  for (const auto& [word, dialect] : hub::targets()) {
    for (const auto& fixture : hub::fixtures(word, "streams", hub::stream_extension(*dialect))) {
      const auto events = hub::events(*dialect, hub::stream_of(*dialect, fixture), 1 << 20);
      check(fixture, ".hub", chat_dump::of(events));
      for (const auto& target : hub::rows()) {
        chat::Losses losses;
        const std::string frames = hub::written(*target.dialect, events, losses);
        check(fixture, "." + std::string(target.word), frames + chat_dump::of(losses));
      }
    }
  }
}

TEST_CASE("errors of providers are read as their hub files say") {
  for (const auto& [word, dialect] : hub::targets()) {
    for (const auto& fixture : hub::fixtures(word, "errors", ".http")) {
      const std::string file = golden::read(fixture);
      const auto end = file.find("\n\n");
      REQUIRE(end != std::string::npos);
      int status = 0;
      const http::Headers headers = headers_of(std::string_view(file).substr(0, end), status);
      check(fixture, ".hub",
            chat_dump::of(dialect->read_error(status, headers, std::string_view(file).substr(end + 2))) + "\n");
    }
  }
}
