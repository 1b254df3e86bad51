// What no fixture shows of vectors: their two forms at the ends of what floats can say, and where a body is cut.
#include "dialects/embedding.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"

using namespace apigw;
using chat::Vector;
using chat::VectorForm;

namespace {

std::string brought(std::string text, VectorForm from, VectorForm to) {
  Vector vector{from, std::move(text)};
  return dialects::bring(vector, to) ? vector.text : "nothing";
}

}  // namespace

TEST_CASE("numbers become the nearest floats in base64, and floats the shortest digits") {
  struct Row {
    std::string_view name;
    std::string digits, base64, back;
  };
  for (const Row& row :
       {Row{"one", "[1]", "AACAPw==", "[1]"}, Row{"blanks", "[ 1 ,\n-2.0\t]", "AACAPwAAAMA=", "[1,-2]"},
        Row{"rounded", "[0.10000000149011612]", "zczMPQ==", "[0.1]"},
        Row{"the largest", "[3.4028234663852886e38]", "//9/fw==", "[3.4028235e+38]"},
        Row{"rounded up to no more than the largest", "[3.40282350e+38]", "//9/fw==", "[3.4028235e+38]"},
        Row{"the smallest", "[1e-45]", "AQAAAA==", "[1e-45]"}, Row{"smaller", "[1e-60,-1E-400]", "AAAAAAAAAAA=", ""},
        Row{"below zero", "[-0.0]", "AAAAgA==", "[-0]"}, Row{"too large", "[1e39]", "nothing", ""},
        Row{"far too large", "[1,1e999]", "nothing", ""}}) {
    CAPTURE(row.name);
    const std::string base64 = brought(row.digits, VectorForm::floats, VectorForm::base64);
    CHECK(base64 == row.base64);
    if (!row.back.empty()) CHECK(brought(base64, VectorForm::base64, VectorForm::floats) == row.back);
    CHECK(brought(row.digits, VectorForm::floats, VectorForm::floats) == row.digits);
  }
  for (const std::string none : {"AACA", "AACAPw", "AACAfw==", "AADAfw==", "", "AACA\"Pw="}) {
    CAPTURE(none);
    const bool cut_padding = none == "AACAPw";
    CHECK(brought(none, VectorForm::base64, VectorForm::floats) == (cut_padding ? "[1]" : "nothing"));
  }
}

TEST_CASE("an array is one of numbers when nothing else is in it") {
  for (const std::string_view yes : {"[1]", "[ -1.5e-3 , 2\n]"}) CHECK(dialects::is_numbers(yes));
  for (const std::string_view no : {"[]", "[ ]", "[[1]]", "[1,null]", R"(["1"])", "1", "{}", "[true]"}) {
    CAPTURE(no);
    CHECK_FALSE(dialects::is_numbers(no));
  }
}

TEST_CASE("a body is cut between the elements of its list and nowhere else") {
  const std::string body = R"({"a":[9], "input" : [ "x,]" , ["y"],"z" ] ,"b":1})";
  const auto scanned = json::scan(body);
  REQUIRE(scanned);
  const json::Slice list = scanned->find("input")->value;
  const auto pieces = dialects::cut(body, list, 2);
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].body == R"({"a":[9], "input" : ["x,]" , ["y"]] ,"b":1})");
  CHECK(pieces[0].inputs == 2);
  CHECK(pieces[1].body == R"({"a":[9], "input" : ["z"] ,"b":1})");
  CHECK(pieces[1].inputs == 1);
  CHECK(dialects::cut(body, list, 3).size() == 1);
}

TEST_CASE("vectors are asked of dialects that have them, by whichever name a client's has for it") {
  struct Row {
    std::string_view word;
    bool one, batch;
  };
  for (const Row& row : {Row{"openai", true, true}, Row{"mistral", true, true}, Row{"gemini", true, true},
                         Row{"anthropic", false, false}, Row{"openai-responses", false, false}}) {
    CAPTURE(row.word);
    const auto& dialect = *dialects::find_dialect(row.word);
    CHECK(dialects::offers(dialect, "embeddings") == row.one);
    CHECK(dialects::offers(dialect, "batch_embeddings") == row.batch);
    CHECK(dialects::offers(dialect, "chat"));
    CHECK_FALSE(dialects::offers(dialect, "sounds"));
  }
}

TEST_CASE("where usage tells a total alone it is that of the inputs, on the way around the hub too") {
  for (const std::string_view word : {"openai", "mistral"}) {
    const auto& dialect = *dialects::find_dialect(word);
    const auto usage = [&](std::string_view told) {
      const auto read = dialect.scan_reply("embeddings", R"({"data":[])" + std::string(told) + "}", {});
      REQUIRE(read);
      return read->known ? static_cast<int>(read->total()) : -1;
    };
    CHECK(usage(R"(,"usage":{"total_tokens":9})") == 9);
    CHECK(usage(R"(,"usage":{"prompt_tokens":8,"total_tokens":8})") == 8);
    CHECK(usage(R"(,"usage":{})") == -1);
    CHECK(usage(R"(,"usage":null)") == -1);
    CHECK(usage("") == -1);
  }
}
