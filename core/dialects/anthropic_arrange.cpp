// The turns of the hub in the order that the Anthropic dialect demands, without a byte of JSON.
//
// Turns of one role that follow each other become one. In a user's turn the results of tools go first, exactly one
// for each call of the turn before: a result without its call is dropped, a call without its result is answered with
// an error, since the provider refuses either. Blank text is refused there too, and goes; a user's turn of nothing
// else is refused here, because without it the turns around it would mean something else. Thoughts that another
// provider signed, or nobody, are never said again as text.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;
using chat::Message;
using chat::Part;
using chat::Role;

constexpr std::size_t most_marks = 4;  // of one request

template <class T>
const T* as(const Outgoing& out) {
  return out.part == nullptr ? nullptr : std::get_if<T>(&out.part->content);
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

class Arranging {
 public:
  explicit Arranging(const Writing& writing) : writing_(writing), request_(writing.request), losses_(writing.losses) {
    const auto& messages = writing.request.messages;
    for (std::size_t i = 0; i < messages.size(); ++i) take(messages[i], chat::place_of(messages[i], i));
  }

  Result<Arranged> arranged() {
    if (error_) return std::unexpected(*error_);
    pair_results();
    if (out_.turns.empty() || out_.turns.front().role != Role::user) begin_with_user();
    for (Turn& turn : out_.turns) {
      if (turn.role == Role::assistant)
        thoughts_first(turn);
      else
        first(turn, answers);
    }
    limit_marks();
    return std::move(out_);
  }

 private:
  void lose(Loss::Kind kind, const std::string& place, std::string why) { losses_.add(kind, place, std::move(why)); }
  [[nodiscard]] std::string said(fmt::format_string<const std::string_view&> why) const {
    return fmt::format(why, writing_.to);
  }

  void take(const Message& message, const std::string& place) {
    if (!message.name.empty()) lose(Loss::Kind::dropped, inside(place, "name"), said("{} has no name of a speaker"));
    std::vector<Outgoing> kept;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const Part& part = message.parts[i];
      Outgoing out{&part, chat::place_of(message, part, place)};
      if (!std::holds_alternative<chat::Reasoning>(part.content)) out.mark = part.cache;
      if (sayable(message.role, out)) kept.push_back(std::move(out));
    }
    if (kept.empty() && message.role == Role::user && !error_)
      error_ = Error{ErrorKind::invalid, fmt::format("'{}' says nothing, which {} does not take of the user",
                                                     inside(place, "content"), writing_.to)};
    if (kept.empty()) return;
    if (message.role == Role::system) return take_system(std::move(kept), place);
    if (out_.turns.empty() || out_.turns.back().role != message.role) out_.turns.push_back({message.role, {}});
    std::ranges::move(kept, std::back_inserter(out_.turns.back().parts));
  }

  void take_system(std::vector<Outgoing> kept, const std::string& place) {
    if (!out_.turns.empty()) {
      lose(Loss::Kind::changed, place, said("{} has one system prompt; it stands before the conversation"));
    }
    std::ranges::move(kept, std::back_inserter(out_.system));
  }

  bool sayable(Role role, const Outgoing& out) {
    if (const auto* text = as<chat::Text>(out)) {
      if (!blank(text->text)) return true;
      if (!text->text.empty()) lose(Loss::Kind::dropped, out.place, said("{} takes no blank text"));
      return false;
    }
    if (const auto* thought = as<chat::Reasoning>(out)) {
      if (role == Role::assistant && writing_.takes_back(*thought)) return true;
      lose(Loss::Kind::dropped, out.place, said("only thoughts that {} signed can go back to it"));
      return false;
    }
    if (const auto* refusal = as<chat::RefusalText>(out)) {
      if (blank(refusal->text)) return false;
      lose(Loss::Kind::changed, out.place, said("{} has no part for a refusal; it is said as text"));
      return true;
    }
    const bool result = as<chat::ToolResult>(out) != nullptr, call = as<chat::ToolCall>(out) != nullptr;
    const bool fits = role == Role::user ? !call : role == Role::assistant && call;
    if (!fits)
      lose(Loss::Kind::dropped, out.place,
           result ? "a result stands in the user's turn alone" : "it has no place in this turn");
    return fits;
  }

  void begin_with_user() {
    lose(Loss::Kind::defaulted, "messages", said("{} wants the user to begin; a turn that says '.' stands first"));
    static const Part dot{.content = chat::Text{"."}, .cache = {}};
    Turn first;
    first.parts.push_back({&dot, "messages"});
    out_.turns.insert(out_.turns.begin(), std::move(first));
  }

  // Moves what fits to the front and keeps the order otherwise.
  template <class Fits>
  static void first(Turn& turn, const Fits& fits) {
    if (std::ranges::is_partitioned(turn.parts, fits)) return;
    std::vector<Outgoing> front, back;
    for (Outgoing& out : turn.parts) (fits(out) ? front : back).push_back(std::move(out));
    std::ranges::move(back, std::back_inserter(front));
    turn.parts = std::move(front);
  }

  static bool answers(const Outgoing& out) { return out.part == nullptr || as<chat::ToolResult>(out) != nullptr; }

  static void thoughts_first(Turn& turn) {
    const auto thought = [](const Outgoing& out) { return as<chat::Reasoning>(out) != nullptr; };
    // Where the turn begins with one, the order is the provider's own.
    if (!turn.parts.empty() && thought(turn.parts.front())) return;
    first(turn, thought);
  }

  // Calls of the turn before that are still without a result, in order.
  struct Call {
    std::string_view id;
    std::string place;
  };

  void pair_results() {
    std::vector<Call> open;
    for (std::size_t i = 0; i < out_.turns.size(); ++i) {
      if (out_.turns[i].role == Role::user) {
        keep_answers(out_.turns[i], open);
        answer_rest(out_.turns[i], open);
      } else {
        open = calls_of(out_.turns[i]);
        const bool last = i + 1 == out_.turns.size();
        if (last && !open.empty()) out_.turns.push_back({Role::user, {}});
      }
    }
    std::erase_if(out_.turns, [](const Turn& turn) { return turn.parts.empty(); });
    merge();
  }

  static std::vector<Call> calls_of(const Turn& turn) {
    std::vector<Call> calls;
    for (const Outgoing& out : turn.parts) {
      if (const auto* call = as<chat::ToolCall>(out)) calls.push_back({call->id, out.place});
    }
    return calls;
  }

  void keep_answers(Turn& turn, std::vector<Call>& open) {
    std::set<std::string_view> wanted;
    for (const Call& call : open) wanted.insert(call.id);
    std::erase_if(turn.parts, [&](const Outgoing& out) {
      const auto* result = as<chat::ToolResult>(out);
      if (result == nullptr || wanted.erase(result->call_id) != 0) return false;
      lose(Loss::Kind::dropped, out.place, "the turn before holds no call that this answers");
      return true;
    });
    std::erase_if(open, [&](const Call& call) { return !wanted.contains(call.id); });
  }

  void answer_rest(Turn& turn, std::vector<Call>& open) {
    std::set<std::string_view> answered;  // calls may share an id, which is answered once
    for (Call& call : open) {
      if (!answered.insert(call.id).second) continue;
      lose(Loss::Kind::defaulted, call.place, "the call has no result; it is answered with an error");
      turn.parts.push_back({nullptr, call.place, call.id});
    }
    open.clear();
  }

  // Turns of one role that came together because one between them was left empty.
  void merge() {
    if (std::ranges::adjacent_find(out_.turns, {}, &Turn::role) == out_.turns.end()) return;
    std::vector<Turn> merged;
    for (Turn& turn : out_.turns) {
      if (merged.empty() || merged.back().role != turn.role) {
        merged.push_back(std::move(turn));
      } else {
        std::ranges::move(turn.parts, std::back_inserter(merged.back().parts));
      }
    }
    out_.turns = std::move(merged);
  }

  // The last marks stay, because they save most of a conversation that grows.
  void limit_marks() {
    const auto of_tools = static_cast<std::size_t>(std::ranges::count_if(
        request_.tools, [&](const chat::Tool& tool) { return tool.cache.has_value() && writing_.allows(tool); }));
    std::vector<Outgoing*> marked;
    const auto find = [&](std::vector<Outgoing>& parts) {
      for (Outgoing& out : parts) {
        if (out.mark) marked.push_back(&out);
      }
    };
    find(out_.system);
    for (Turn& turn : out_.turns) find(turn.parts);
    const std::size_t wanted = of_tools + marked.size();
    std::size_t surplus = wanted > most_marks ? wanted - most_marks : 0;
    out_.marks_not_of_tools = std::min(surplus, of_tools);
    surplus -= out_.marks_not_of_tools;
    for (std::size_t i = 0; i < surplus; ++i) {
      marked[i]->mark.reset();
      lose(Loss::Kind::dropped, inside(marked[i]->place, "cache_control"), said("{} takes four cache marks"));
    }
  }

  const Writing& writing_;
  const chat::Request& request_;
  chat::Losses& losses_;
  Arranged out_;
  std::optional<Error> error_;
};

}  // namespace

Result<Arranged> arrange(const Writing& writing) {
  return Arranging(writing).arranged();
}

}  // namespace apigw::dialects::anthropic
