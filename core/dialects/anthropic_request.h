// The halves of writing a request in the Anthropic dialect that stand in files of their own. Bedrock, whose rules are
// those of Anthropic's models, arranges its turns and settles what excludes what by the same.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "dialects/anthropic.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::anthropic {

// What writing one request needs everywhere.
struct Writing {
  const chat::Request& request;
  const TargetTraits& target;
  ToolNames& names;
  chat::Losses& losses;
  std::set<std::string_view> allowed{};  // tools that the choice leaves; empty: all
  std::string_view to = speaker;         // who is written to, as losses name it
  bool (*takes_back)(const chat::Reasoning& thought) = own_proof;
  bool demands_limit = true;  // of the answer
  bool excludes = true;       // thinking, forced tools and sampling each other, as Claude does
  [[nodiscard]] bool allows(const chat::Tool& tool) const { return allowed.empty() || allowed.contains(tool.name); }
};

// A part on its way out, with its place in what came in.
struct Outgoing {
  const chat::Part* part = nullptr;
  std::string place;
  std::string_view unanswered{};  // instead of a part: the id of a call whose result is missing
  std::optional<chat::CacheMark> mark{};
};

struct Turn {
  chat::Role role = chat::Role::user;
  std::vector<Outgoing> parts;
};

// The turns as the dialect wants them: they alternate and begin with the user, results first and each with its call,
// thoughts before what was thought about, nothing empty, and no more cache marks than the dialect takes.
struct Arranged {
  std::vector<Outgoing> system;
  std::vector<Turn> turns;
  std::size_t marks_not_of_tools = 0;  // so many marks of tools, from the first on, are one too many
};
// Error invalid: a turn of the user that says nothing.
[[nodiscard]] Result<Arranged> arrange(const Writing& writing);

// The members `system` and `messages`. `instruction`: one more line for the model, empty: none. Error invalid: what
// the dialect cannot say and must not leave out.
[[nodiscard]] Result<void> write_turns(JsonWriter& json, const Writing& writing, const Arranged& arranged,
                                       std::string_view instruction);

// The member `cache_control`; a lifetime that has no word here is a loss.
void write_mark(JsonWriter& json, const std::optional<chat::CacheMark>& mark, const std::string& place,
                chat::Losses& losses);

// The members `type` and `source` of a picture or document, else why it cannot be said, with nothing written.
// `own_files`: ids of files are those of this dialect's providers.
[[nodiscard]] std::string_view write_media(JsonWriter& json, const chat::Media& media, bool own_files);

// What excludes what, decided.
struct Settled {
  std::uint64_t max_output = 0;  // tokens; 0: nobody says, and nobody must
  bool disabled = false;         // thinking, in so many words
  bool adaptive = false;
  std::optional<std::uint64_t> budget;  // tokens of thinking
  std::string_view effort;
  bool answer_tool = false;  // a tool that must be called stands in for the form of the answer
  chat::ToolChoice::Mode mode = chat::ToolChoice::Mode::automatic;
  [[nodiscard]] bool thinks() const { return adaptive || budget; }
};
[[nodiscard]] Settled settle(const Writing& writing, const Arranged& arranged);

// The members `tools` and `tool_choice`. Error invalid: a tool that cannot be declared.
[[nodiscard]] Result<void> write_tools(JsonWriter& json, const Writing& writing, const Arranged& arranged,
                                       const Settled& settled);
// Every name that may go out as it is, before the first is asked for.
void reserve_names(const Writing& writing, const Arranged& arranged);

// A schema without the keywords that the dialect refuses in the form of an answer, and closed where it must be; what
// was taken out is a loss at `place`. `schema` is valid JSON.
[[nodiscard]] json::Raw sayable_schema(const json::Raw& schema, const std::string& place, chat::Losses& losses);

}  // namespace apigw::dialects::anthropic
