#include "mock/skills.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "mock/arithmetic.h"
#include "mock/words.h"

namespace apigw::mock {

namespace {

using Said = std::optional<std::string>;
using Phrases = std::span<const std::string_view>;

bool says_any(std::string_view text, Phrases phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) { return says(text, phrase); });
}

std::string instruction(const Asked& asked) {
  return fmt::format("{} {}", asked.system, asked.user);
}

std::string capitalised(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 32);
  return word;
}

/* ------------------------------ small talk ------------------------------ */

Said greet(const Asked& asked) {
  constexpr auto hellos =
      std::to_array<std::string_view>({"hello", "hi", "hey", "good morning", "good evening", "greetings"});
  if (!says_any(asked.user, hellos) || words_of(asked.user).size() > 6) return std::nullopt;
  constexpr auto replies = std::to_array<std::string_view>(
      {"Hello! I am the mock model of apigw. How can I help you today?",
       "Hi there! This is apigw's built-in mock model speaking. What would you like to try?",
       "Good to hear from you! I am apigw's mock model; ask me something."});
  return std::string(replies[asked.seed % replies.size()]);
}

Said part(const Asked& asked) {
  if (words_of(asked.user).size() > 8) return std::nullopt;
  if (says_any(asked.user, std::to_array<std::string_view>({"thanks", "thank you"}))) return "You are welcome!";
  if (says_any(asked.user, std::to_array<std::string_view>({"bye", "goodbye", "see you"})))
    return "Goodbye, and come back soon!";
  return std::nullopt;
}

Said introduce(const Asked& asked) {
  constexpr auto questions =
      std::to_array<std::string_view>({"who are you", "what are you", "your name", "which model", "what model",
                                       "are you real", "are you a mock", "introduce yourself"});
  if (!says_any(asked.user, questions)) return std::nullopt;
  return "I am the mock model that is built into apigw. I need no key and no network: I greet, add up, translate a "
         "few words, "
         "judge sentiment, summarise, list things, tell the time, call tools and fill JSON schemas, always the same "
         "way.";
}

/* --------------------------------- facts -------------------------------- */

Said tell_time(const Asked& asked) {
  constexpr auto clock = std::to_array<std::string_view>({"what time", "the time", "current time", "time is it"});
  constexpr auto calendar = std::to_array<std::string_view>(
      {"what day", "what date", "the date", "today s date", "current date", "which day", "date today"});
  const bool time = says_any(asked.user, clock);
  const bool date = says_any(asked.user, calendar);
  if (!time && !date) return std::nullopt;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(asked.now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64] = {};
  std::strftime(text, sizeof text, time && date ? "%A, %d %B %Y, %H:%M" : time ? "%H:%M" : "%A, %d %B %Y", &utc);
  return fmt::format("It is {}{}.", text, time ? " UTC" : "");
}

Said add_up(const Asked& asked) {
  const auto value = sum_in(asked.user);
  if (!value) return std::nullopt;
  return fmt::format("The result is {}.", *value);
}

struct Capital {
  std::string_view country, city;
};
constexpr auto capitals = std::to_array<Capital>({{"france", "Paris"},
                                                  {"germany", "Berlin"},
                                                  {"spain", "Madrid"},
                                                  {"italy", "Rome"},
                                                  {"portugal", "Lisbon"},
                                                  {"japan", "Tokyo"},
                                                  {"china", "Beijing"},
                                                  {"india", "New Delhi"},
                                                  {"brazil", "Brasília"},
                                                  {"canada", "Ottawa"},
                                                  {"austria", "Vienna"},
                                                  {"poland", "Warsaw"}});

Said name_capital(const Asked& asked) {
  if (!says(asked.user, "capital")) return std::nullopt;
  for (const auto& [country, city] : capitals) {
    if (says(asked.user, country))
      return fmt::format("The capital of {} is {}.", capitalised(std::string(country)), city);
  }
  return std::nullopt;
}

/* ------------------------------- on a text ------------------------------ */

constexpr auto languages = std::to_array<std::string_view>({"french", "german", "spanish", "italian"});

struct Entry {
  std::string_view english;
  std::array<std::string_view, languages.size()> others;
};

// Longer phrases first: "good morning" is no "good" and "morning".
constexpr auto dictionary = std::to_array<Entry>({
    {"how are you", {"comment allez-vous", "wie geht es dir", "cómo estás", "come stai"}},
    {"good morning", {"bonjour", "guten Morgen", "buenos días", "buongiorno"}},
    {"good night", {"bonne nuit", "gute Nacht", "buenas noches", "buona notte"}},
    {"good evening", {"bonsoir", "guten Abend", "buenas tardes", "buonasera"}},
    {"thank you", {"merci", "danke", "gracias", "grazie"}},
    {"hello", {"bonjour", "hallo", "hola", "ciao"}},
    {"goodbye", {"au revoir", "auf Wiedersehen", "adiós", "arrivederci"}},
    {"please", {"s'il vous plaît", "bitte", "por favor", "per favore"}},
    {"friend", {"ami", "Freund", "amigo", "amico"}},
    {"world", {"monde", "Welt", "mundo", "mondo"}},
    {"water", {"eau", "Wasser", "agua", "acqua"}},
    {"bread", {"pain", "Brot", "pan", "pane"}},
    {"house", {"maison", "Haus", "casa", "casa"}},
    {"yes", {"oui", "ja", "sí", "sì"}},
    {"no", {"non", "nein", "no", "no"}},
    {"cat", {"chat", "Katze", "gato", "gatto"}},
    {"dog", {"chien", "Hund", "perro", "cane"}},
});

// "hello" of "Translate hello to French", "Say 'hello' in French" or "Translate to French: hello".
std::string phrase_to_translate(std::string_view user, std::string_view language) {
  std::string subject = subject_of(user);
  if (subject != user || !says(user, "translate")) return subject;
  std::string lowered = text::lower(subject);
  const auto begin = lowered.find("translate") + std::string_view("translate").size();
  const auto named = lowered.find(language, begin);
  for (std::string_view to : {std::string_view(" into "), std::string_view(" to "), std::string_view(" in ")}) {
    const auto end = lowered.rfind(to, named);
    if (named != std::string::npos && end != std::string::npos && end >= begin)
      return subject.substr(begin, end - begin);
  }
  return subject.substr(begin);
}

Said translate(const Asked& asked) {
  const std::string told = instruction(asked);
  const auto* const language =
      std::ranges::find_if(languages, [&](std::string_view name) { return says(told, name); });
  const bool wanted =
      says(told, "translate") || says(told, "translator") || says(told, "translation") || says(told, "say");
  if (language == languages.end() || !wanted) return std::nullopt;
  const auto column = static_cast<std::size_t>(language - languages.begin());
  std::string text = text::join(words_of(phrase_to_translate(asked.user, *language)), " ");
  bool known = false;
  for (const Entry& entry : dictionary) {
    const std::string padded = " " + text + " ";
    const auto at = padded.find(" " + std::string(entry.english) + " ");
    if (at == std::string::npos) continue;
    text.replace(at, entry.english.size(), entry.others[column]);
    known = true;
  }
  if (known) return capitalised(text);
  return fmt::format("I know only a few words of {}, such as \"{}\" for \"hello\".",
                     capitalised(std::string(*language)), dictionary[5].others[column]);
}

Said judge_sentiment(const Asked& asked) {
  if (!says(instruction(asked), "sentiment")) return std::nullopt;
  return capitalised(std::string(sentiment_of(subject_of(asked.user))));
}

Said summarise(const Asked& asked) {
  constexpr auto orders = std::to_array<std::string_view>({"summarize", "summarise", "summary", "tl dr", "in short"});
  if (!says_any(instruction(asked), orders)) return std::nullopt;
  const std::string text = subject_of(asked.user);
  const std::string first = sentences_of(text, words_of(text).size() > 60 ? 2 : 1);
  return first == asked.user ? fmt::format("In short: {} words and no more than that.", words_of(text).size())
                             : fmt::format("In short: {}", first);
}

Said change_case(const Asked& asked) {
  const std::string subject = subject_of(asked.user);
  if (subject == asked.user) return std::nullopt;
  const std::string told = instruction(asked);
  if (says(told, "uppercase") || says(told, "upper case")) {
    return text::upper(subject);
  }
  if (says(told, "lowercase") || says(told, "lower case")) return text::lower(subject);
  if (says(told, "count") && says(told, "words")) return fmt::format("{} words.", words_of(subject).size());
  return std::nullopt;
}

/* --------------------------------- lists -------------------------------- */

struct Known {
  std::string_view noun;  // without its s
  std::array<std::string_view, 8> things;
};

constexpr auto known_lists = std::to_array<Known>({
    {"color", {"red", "blue", "green", "yellow", "orange", "purple", "black", "white"}},
    {"colour", {"red", "blue", "green", "yellow", "orange", "purple", "black", "white"}},
    {"fruit", {"apple", "banana", "cherry", "grape", "lemon", "mango", "orange", "pear"}},
    {"animal", {"cat", "dog", "elephant", "fox", "horse", "otter", "owl", "tiger"}},
    {"planet", {"Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"}},
    {"name", {"Ada", "Alan", "Barbara", "Dennis", "Edsger", "Grace", "Ken", "Margaret"}},
    {"city", {"Berlin", "Cairo", "Lima", "London", "Nairobi", "Paris", "Seoul", "Toronto"}},
    {"citie", {"Berlin", "Cairo", "Lima", "London", "Nairobi", "Paris", "Seoul", "Toronto"}},
    {"language", {"C", "C++", "Go", "Java", "JavaScript", "Python", "Rust", "SQL"}},
});

constexpr long long longest_list = 50;

Said list_things(const Asked& asked) {
  constexpr auto orders = std::to_array<std::string_view>({"list", "name", "give me", "suggest", "write me"});
  const auto count = number_in(asked.user);
  if (!count || *count < 1 || !says_any(asked.user, orders)) return std::nullopt;
  const auto words = words_of(asked.user);
  const auto number = std::ranges::find_if(words, [&](const std::string& word) { return number_in(word) == count; });
  if (number == words.end() || number + 1 == words.end()) return std::nullopt;
  std::string noun =
      words.back().size() > 2 && number + 2 < words.end() &&
              std::ranges::any_of(known_lists,
                                  [&](const Known& known) { return words.back().starts_with(known.noun); })
          ? words.back()
          : *(number + 1);
  if (noun.ends_with('s')) noun.pop_back();
  const auto* const known = std::ranges::find(known_lists, noun, &Known::noun);
  std::string out;
  for (long long i = 0; i < std::min(*count, longest_list); ++i) {
    const bool listed = known != known_lists.end() && static_cast<std::size_t>(i) < known->things.size();
    out += fmt::format("{}{}. {}", i == 0 ? "" : "\n", i + 1,
                       listed ? capitalised(std::string(known->things[static_cast<std::size_t>(i)]))
                              : fmt::format("{} number {}", capitalised(noun), i + 1));
  }
  return out;
}

/* ------------------------------- otherwise ------------------------------ */

// The longest words, in their order: what the text is about.
std::string topic_of(std::string_view text) {
  std::vector<std::string> words = words_of(text.substr(0, 2'000));
  std::vector<std::string> longest;
  for (const std::string& word : words) {
    if (word.size() > 3 && std::ranges::find(longest, word) == longest.end()) longest.push_back(word);
  }
  std::ranges::sort(longest, [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  longest.resize(std::min<std::size_t>(longest.size(), 3));
  std::string topic;
  for (const std::string& word : words) {
    const auto at = std::ranges::find(longest, word);
    if (at == longest.end()) continue;
    topic.append(topic.empty() ? "" : ", ").append(text::printable(word, 40));
    longest.erase(at);
  }
  return topic;
}

std::string admit(const Asked& asked) {
  const std::string topic = topic_of(asked.user);
  if (topic.empty()) return "This is apigw's mock model. Ask me something in a sentence, and I will do my best.";
  return fmt::format(
      "This is apigw's mock model, which knows little about {}. {} Configure a provider with a key for a real "
      "answer.",
      topic,
      asked.user.contains('?') ? "A real model would answer your question here."
                               : "A real model would take it from here.");
}

// In order: the first that has something to say speaks. What works on a given text stands before what only hears a
// word.
constexpr auto skills =
    std::to_array<Said (*)(const Asked&)>({introduce, judge_sentiment, summarise, translate, change_case, add_up,
                                           tell_time, name_capital, list_things, greet, part});

}  // namespace

std::string plain_answer(const Asked& asked) {
  for (auto* const skill : skills) {
    if (Said said = skill(asked)) return *std::move(said);
  }
  return admit(asked);
}

}  // namespace apigw::mock
