// Readers of who may call and how often: authenticators and limits.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/readers.h"

namespace apigw::config {

using yaml::Node;
using yaml::Reading;
using yaml::Type;

const Type AuthReader::type{
    Type::Shape::leaf,
    "key, none or a list",
    R"s("anyOf":[{"enum":["key","none"]},{"type":"array","minItems":1,"items":{"enum":["key","none"]}}])s",
    {}};

namespace {

// True when `word` is built in.
bool add_authenticator(const Node& node, Reading& reading, AuthDraft& auth) {
  const auto word = yaml::scalar(node, reading, "key or none");
  if (!word) return false;
  if (*word == "key") return auth.key = true;
  if (*word == "none") return auth.none = true;
  constexpr std::string_view words[] = {"key", "none"};
  if (const auto meant = text::closest(*word, words))
    refuse_with_fix(205, node, reading, fmt::format("'{}' is no authenticator", shown_value(*word)),
                    std::string(*meant));
  else
    refuse(207, node, reading, *word,
           fmt::format("authenticator '{}' is not enforced by this version yet", shown_value(*word)),
           "key and none are built in");
  return false;
}

}  // namespace

std::optional<AuthDraft> AuthReader::read(const Node& node, Reading& reading) {
  AuthDraft auth;
  bool good = true;
  if (node.kind != yaml::Kind::sequence)
    good = add_authenticator(node, reading, auth);
  else if (!yaml::check_list(node, reading))
    return std::nullopt;
  for (const Node* item : node.items) good = add_authenticator(*item, reading, auth) && good;
  if (!good) return std::nullopt;
  if (!auth.none || !auth.key) return auth;
  refuse(415, node, reading, "", "'none' cannot stand beside another authenticator",
         "with none in the list everybody may call: write none alone, or leave it out");
  return std::nullopt;
}

const Type LimitReader::type{Type::Shape::leaf, "limit", "", {}};

namespace {

// `N [requests|tokens]/[n]unit`: what comes before `per`; or `N at once`.
std::optional<std::string> rate_fault(std::span<const std::string_view> words) {
  constexpr std::string_view units[] = {"second", "minute", "hour", "day", "seconds", "minutes", "hours", "days"};
  constexpr std::string_view form = "write it as 600/minute per consumer or 4 at once per consumer";
  if (words.size() == 3 && words[1] == "at" && words[2] == "once")
    return yaml::parse_count(words[0]) ? std::nullopt
                                       : std::optional(fmt::format("'{}' is no whole number", shown_value(words[0])));
  if (words.empty() || words.size() > 2) return std::string(form);
  const std::string_view last = words.back();
  const auto slash = last.find('/');
  if (slash == std::string_view::npos) return std::string(form);
  const std::string_view number = words.size() == 2 ? words[0] : last.substr(0, slash);
  if (!yaml::parse_count(number)) return fmt::format("'{}' is no whole number", shown_value(number));
  if (words.size() == 2 && last.substr(0, slash) != "requests" && last.substr(0, slash) != "tokens")
    return fmt::format("'{}' is not requests or tokens", shown_value(last.substr(0, slash)));
  std::string_view unit = last.substr(slash + 1);
  unit.remove_prefix(std::min(unit.find_first_not_of("0123456789"), unit.size()));
  if (std::ranges::find(units, unit) == std::end(units))
    return fmt::format("'{}' is not second, minute, hour or day", shown_value(unit));
  return std::nullopt;
}

std::optional<std::string> subject_fault(std::string_view subject) {
  constexpr std::string_view subjects[] = {"consumer", "key", "team", "address", "route"};
  if (std::ranges::find(subjects, subject) != std::end(subjects)) return std::nullopt;
  if (subject.starts_with("header:") && text::is_token(subject.substr(7))) return std::nullopt;
  return fmt::format("'{}' is not consumer, key, team, address, route or header:NAME", shown_value(subject));
}

}  // namespace

std::optional<std::string> limit_fault(std::string_view limit) {
  std::vector<std::string_view> words;
  for (std::string_view word : text::split(limit, ' '))
    if (!word.empty()) words.push_back(word);
  const auto per = std::ranges::find(words, "per");
  if (per == words.end() || per + 1 == words.end())
    return "'per' is missing: say whom it counts, as in 'per consumer'";
  const auto at = static_cast<std::size_t>(per - words.begin());
  if (auto fault = rate_fault(std::span(words).first(at))) return fault;
  if (auto fault = subject_fault(words[at + 1])) return fault;
  const auto rest = std::span(words).subspan(at + 2);
  if (rest.empty() || (rest.size() == 2 && rest[0] == "burst" && yaml::parse_count(rest[1]))) return std::nullopt;
  return fmt::format("'{}' is not 'burst N'", shown_value(rest[0]));
}

std::optional<bool> LimitReader::read(const Node& node, Reading& reading) {
  bool good = true;
  const auto one = [&](const Node& item) {
    const auto limit = yaml::scalar(item, reading, "a limit such as 600/minute per consumer");
    auto fault = limit ? limit_fault(*limit) : std::nullopt;
    // A rate that only leaves open whom it counts: nothing counts yet, which is the one thing to say (AGW207).
    if (fault && !limit_fault(*limit + " per consumer")) fault.reset();
    good = good && limit && !fault;
    if (fault) refuse(212, item, reading, *limit, fmt::format("'{}' is no limit", shown_value(*limit)), *fault);
  };
  if (node.kind != yaml::Kind::sequence) one(node);
  for (const Node* item : node.items) one(*item);
  return good ? std::optional(true) : std::nullopt;
}

}  // namespace apigw::config
