#include "http/form.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace apigw;
using http::FormPart;
using http::FormReader;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view type = "multipart/form-data; boundary=xyz";

const std::string whole{
    "a preamble\r\n--xyz\r\n"
    "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
    "--xyz  \r\n"
    "content-type: audio/mpeg\r\nCONTENT-DISPOSITION: form-data; filename=\"a;b\\\".mp3\"; name=\"file\"\r\n\r\n"
    "--xy\r\n--xyy \r\n-\0\xff\r\n"
    "\r\n--xyz\r\n"
    "content-disposition: form-data; name=empty\r\n\r\n\r\n"
    "--xyz--\r\nan epilogue"sv};

struct Read {
  std::vector<FormPart> parts;
  std::optional<std::string> error;
  bool done = false;
};

Read read(std::string_view content_type, std::string_view body, std::size_t step) {
  Read out;
  auto reader = FormReader::of(content_type);
  REQUIRE(reader);
  for (std::size_t at = 0; at < body.size() && !out.error; at += step) {
    const auto fed = reader->feed(body.substr(at, step), out.parts);
    if (!fed) out.error = fed.error().what;
  }
  out.done = reader->done();
  return out;
}

std::string part(std::string_view head, std::string_view value) {
  return fmt::format("--xyz\r\n{}\r\n\r\n{}\r\n", head, value);
}

}  // namespace

TEST_CASE("a form's parts are found however it is cut") {
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{4096}}) {
    CAPTURE(step);
    const Read form = read(type, whole, step);
    CHECK_FALSE(form.error);
    CHECK(form.done);
    REQUIRE(form.parts.size() == 3);
    CHECK(form.parts[0].name == "model");
    CHECK(form.parts[0].value == "whisper-1");
    CHECK(whole.substr(form.parts[0].begin, form.parts[0].end - form.parts[0].begin) == "whisper-1");
    CHECK(form.parts[1].name == "file");
    CHECK(form.parts[1].file);
    CHECK(form.parts[1].value.empty());
    CHECK(whole.substr(form.parts[1].begin, 4) == "--xy");
    CHECK(form.parts[2].name == "empty");
    CHECK_FALSE(form.parts[2].file);
    CHECK(form.parts[2].begin == form.parts[2].end);
  }
}

TEST_CASE("a boundary stands in the content-type, in quotes or not") {
  for (const auto& [header, fine] : {std::pair("multipart/form-data; boundary=xyz", true),
                                     {"Multipart/Form-Data;charset=utf-8; BOUNDARY=\"xyz\"", true},
                                     {"multipart/form-data", false},
                                     {"multipart/form-data; boundary=", false},
                                     {"multipart/mixed; boundary=xyz", false},
                                     {"application/json", false},
                                     {"", false}}) {
    CAPTURE(std::string(header));
    CHECK(FormReader::of(header).has_value() == fine);
    if (fine) CHECK(read(header, whole, 5).parts.size() == 3);
  }
  CHECK(FormReader::of(fmt::format("multipart/form-data; boundary={}", std::string(70, 'b'))));
  CHECK_FALSE(FormReader::of(fmt::format("multipart/form-data; boundary={}", std::string(71, 'b'))));
}

TEST_CASE("what is no form, or one beyond its limits, is an error that stays") {
  const std::string named = R"(content-disposition: form-data; name="a")";
  std::string many;
  for (std::size_t i = 0; i <= FormReader::most_parts; ++i) many += part(named, "x");
  for (const auto& [name, body] : {std::pair("a word behind the boundary", std::string("--xyz!\r\n")),
                                   {"no name", part("content-disposition: form-data", "x")},
                                   {"no head", "--xyz\r\n\r\nx\r\n--xyz--"},
                                   {"a line without a colon", part("hello", "x")},
                                   {"a head without end", "--xyz\r\n" + std::string(FormReader::most_head + 9, 'h')},
                                   {"a large value", part(named, std::string(FormReader::most_value + 9, 'v'))},
                                   {"many parts", many}}) {
    CAPTURE(std::string(name));
    for (const std::size_t step : {std::size_t{1}, std::size_t{100'000}}) CHECK(read(type, body, step).error);
    auto reader = FormReader::of(type);
    std::vector<FormPart> parts;
    CHECK_FALSE(reader->feed(body, parts));
    CHECK_FALSE(reader->feed(part(named, "x"), parts));
  }
  CHECK_FALSE(read(type, part(named, "x"), 9).done);
  const std::string file =
      part(R"(content-disposition: form-data; name="f"; filename="f")", std::string(300'000, 'x'));
  CHECK(read(type, file + "--xyz--", 70'000).done);
}
