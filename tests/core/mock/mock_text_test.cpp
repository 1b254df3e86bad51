// The mock's words: tokens, small readings of a text, sums, skills and vectors.
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "mock/arithmetic.h"
#include "mock/embedding.h"
#include "mock/skills.h"
#include "mock/tokens.h"
#include "mock/words.h"

namespace mock = apigw::mock;

TEST_CASE("tokens in a row are the text, and none cuts a character") {
  for (const std::string text :
       {"", "one", "one two  three\n", "incomprehensibilities", "漢字 Grüße 🙂!", " x ", "\xff\xfe"}) {
    CAPTURE(text);
    std::string joined;
    for (const std::string& token : mock::tokens(text)) joined += token;
    CHECK(joined == text);
    CHECK(mock::count_tokens(text) == mock::tokens(text).size());
  }
  CHECK(mock::tokens("one two") == std::vector<std::string>{"one", " two"});
  CHECK(mock::count_tokens("漢字") == 2);
  CHECK(mock::count_tokens("incomprehensibilities") == 3);
}

TEST_CASE("sums are read from sentences") {
  struct Row {
    const char* text;
    const char* value;
  };
  for (const Row& row :
       {Row{"what is 2 + 3 * 4?", "14"}, Row{"(2+3)*4", "20"}, Row{"12 divided by 5", "2.4"}, Row{"7 minus 10", "-3"},
        Row{"-2 * -3", "6"}, Row{"6 × 7", "42"}, Row{"in 2026, is 1+1=2?", "2"}, Row{"0.1 + 0.2", "0.3"}}) {
    CAPTURE(row.text);
    CHECK(mock::sum_in(row.text) == row.value);
  }
  for (const char* text : {"", "no sum", "12", "1 / 0", "2026-", "((((", "call 555", "1 + "}) {
    CAPTURE(text);
    CHECK(!mock::sum_in(text));
  }
  CHECK(!mock::sum_in(std::string(100, '(') + "1" + std::string(100, ')') + "+1"));
}

TEST_CASE("sentiment counts kind and unkind words and minds a negation") {
  CHECK(mock::sentiment_of("I love it, great work") == "positive");
  CHECK(mock::sentiment_of("Terrible and slow") == "negative");
  CHECK(mock::sentiment_of("This is not good") == "negative");
  CHECK(mock::sentiment_of("The box is on the table") == "neutral");
}

TEST_CASE("small readings of a text") {
  CHECK(mock::sentences_of("One. Two! Three", 2) == "One. Two!");
  CHECK(mock::sentences_of("v1.2 is out. Now.", 1) == "v1.2 is out.");
  CHECK(mock::subject_of("Translate: hello") == "hello");
  CHECK(mock::subject_of("Say \"good morning\" please") == "good morning");
  CHECK(mock::subject_of("see https://x.example") == "see https://x.example");
  CHECK(mock::number_in("give me three, not 4") == 3);
  CHECK(!mock::number_in("none here"));
  CHECK(mock::name_in("Weather in Paris?") == "Paris");
  CHECK(mock::name_in("flights to New York today") == "New York");
  CHECK(!mock::name_in("Hello. Then I left"));
  CHECK(mock::says("How are YOU?", "are you"));
  CHECK(!mock::says("software", "are"));
}

TEST_CASE("each skill answers its kind of question") {
  struct Row {
    const char* name;
    const char* system;
    const char* user;
    const char* part;
  };
  const Row rows[] = {
      {"greeting", "", "Hello!", "mock"},
      {"thanks", "", "thank you", "welcome"},
      {"goodbye", "", "bye", "Goodbye"},
      {"who", "", "Who are you?", "built into apigw"},
      {"sum", "You are helpful.", "What is 12 plus 30?", "42"},
      {"time", "", "What time is it?", "13:37 UTC"},
      {"date", "", "What day is it today?", "Friday, 13 February 2009"},
      {"capital", "", "What is the capital of France?", "Paris"},
      {"translation", "", "Translate hello to French", "Bonjour"},
      {"translation behind a colon", "", "Translate to German: good morning", "Guten Morgen"},
      {"translation by system", "Translate the user's text into Spanish.", "thank you friend", "Gracias amigo"},
      {"translation of unknown words", "", "Translate zeppelin to Italian", "only a few words of Italian"},
      {"sentiment", "Classify the sentiment.", "I hate waiting", "Negative"},
      {"summary", "", "Summarize: First things first. Then the rest. And more.", "In short: First things first."},
      {"summary of what has one sentence", "Summarise.", "Short", "1 words"},
      {"list", "", "List 3 colors", "1. Red\n2. Blue\n3. Green"},
      {"list by word", "", "Give me two names", "1. Ada\n2. Alan"},
      {"list of unknown things", "", "name 2 gadgets", "1. Gadget number 1\n2. Gadget number 2"},
      {"upper case", "", "uppercase: abc", "ABC"},
      {"anything else", "", "Explain quantum entanglement to me?", "quantum, entanglement"},
      {"nothing", "", "", "mock model"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto now = std::chrono::system_clock::from_time_t(1'234'532'220);
    const std::string said = mock::plain_answer({.system = row.system, .user = row.user, .seed = 0, .now = now});
    CHECK_MESSAGE(said.find(row.part) != std::string::npos, said);
    CHECK(said != row.user);
  }
}

TEST_CASE("vectors have length one, are the same every time, and near for texts that share words") {
  const auto near = [](const std::vector<float>& a, const std::vector<float>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  for (const std::size_t dimensions : {1u, 4u, 256u}) {
    for (const char* text : {"", "a", "one two three", "漢字"}) {
      const auto vector = mock::embedding_of(text, dimensions);
      CHECK(vector.size() == dimensions);
      CHECK(std::abs(near(vector, vector) - 1) < 1e-4);
      CHECK(vector == mock::embedding_of(text, dimensions));
    }
  }
  const auto cats = mock::embedding_of("cats chase mice", 256);
  CHECK(near(cats, mock::embedding_of("cats chase dogs", 256)) >
        near(cats, mock::embedding_of("interest rates rise", 256)) + 0.3);
}

TEST_CASE("packed vectors are little-endian floats in padded base64") {
  CHECK(mock::packed({}) == "");
  CHECK(mock::packed({1.0F}) == "AACAPw==");
  CHECK(mock::packed({1.0F, -2.0F}) == "AACAPwAAAMA=");
  CHECK(mock::packed({0.0F, 0.0F, 1.0F}) == "AAAAAAAAAAAAAIA/");
}
