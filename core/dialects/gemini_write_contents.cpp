// The turns of the hub, arranged and written as the system prompt and contents of the Gemini dialect.
//
// Turns of one role that follow each other become one, and the user begins. The results of a turn's calls are a turn
// of their own, one for each call and in their order: a result without its call is dropped, a call without its result
// is answered with an error, because the provider counts them. The proof of a thought goes back on the part that the
// thought led to; a call of a model that demands one and has none gets the word with which the provider lets it pass.
#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/gemini_request.h"
#include "dialects/proof.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Loss;
using chat::Media;
using chat::Message;
using chat::Part;
using chat::Role;

// In the provider's documentation: stands for a signature that a call has lost.
constexpr std::string_view no_signature = "skip_thought_signature_validator";

struct Outgoing {
  const Part* part = nullptr;  // null: the call `unanswered` has no result
  std::string place;
  const chat::ToolCall* answers = nullptr;  // of a result
};
struct Turn {
  enum class Kind : std::uint8_t { user, model, results } kind = Kind::user;
  std::vector<Outgoing> parts;
};

template <class T>
const T* as(const Outgoing& out) {
  return out.part == nullptr ? nullptr : std::get_if<T>(&out.part->content);
}

/* ------------------------------- arranging ------------------------------ */

class Arranging {
 public:
  explicit Arranging(const Writing& writing) : writing_(writing) {}

  Result<std::vector<Turn>> arranged() {
    const auto& messages = writing_.request.messages;
    for (std::size_t i = 0; i < messages.size(); ++i) take(messages[i], chat::place_of(messages[i], i));
    answer(true);
    if (error_) return std::unexpected(*error_);
    if (turns_.empty() || turns_.front().kind != Turn::Kind::user) begin_with_user();
    return std::move(turns_);
  }
  [[nodiscard]] std::vector<Outgoing> system() { return std::move(system_); }

 private:
  void lose(Loss::Kind kind, const std::string& place, std::string_view why) {
    writing_.losses.add(kind, place, std::string(why));
  }

  void take(const Message& message, const std::string& place) {
    if (!message.name.empty()) lose(Loss::Kind::dropped, inside(place, "name"), "Gemini has no name of a speaker");
    if (message.role == Role::assistant) answer(false);
    const std::size_t results = results_.size();
    std::vector<Outgoing> kept;
    for (const Part& part : message.parts) {
      Outgoing out{&part, chat::place_of(message, part, place)};
      if (part.cache)
        lose(Loss::Kind::dropped, inside(out.place, "cache_control"), "Gemini caches of its own accord");
      if (!sayable(message.role, out)) continue;
      if (as<chat::ToolResult>(out))
        results_.push_back(std::move(out));
      else
        kept.push_back(std::move(out));
    }
    if (kept.empty() && results == results_.size() && message.role == Role::user && !error_)
      error_ = Error{ErrorKind::invalid, fmt::format("'{}' says nothing, which Gemini does not take of the user",
                                                     inside(place, writing_.own ? "parts" : "content"))};
    if (message.role == Role::system) {
      if (!kept.empty() && (!turns_.empty() || !users_.empty()))
        lose(Loss::Kind::changed, place, "Gemini has one system prompt; it stands before the conversation");
      std::ranges::move(kept, std::back_inserter(system_));
    } else if (message.role == Role::user) {
      std::ranges::move(kept, std::back_inserter(users_));
    } else {
      model(std::move(kept));
    }
  }

  bool sayable(Role role, const Outgoing& out) {
    if (const auto* text = as<chat::Text>(out)) return !text->text.empty();
    if (const auto* thought = as<chat::Reasoning>(out)) {
      if (role == Role::assistant && thought->origin == own_word) return true;
      lose(Loss::Kind::dropped, out.place, "only Gemini's own thoughts go back to it");
      return false;
    }
    if (const auto* refusal = as<chat::RefusalText>(out)) {
      if (refusal->text.empty()) return false;
      lose(Loss::Kind::changed, out.place, "Gemini has no part for a refusal; it is said as text");
      return true;
    }
    if (as<Media>(out)) {
      if (role == Role::system) lose(Loss::Kind::dropped, out.place, "a system prompt of Gemini is text");
      return role != Role::system;
    }
    const bool call = as<chat::ToolCall>(out) != nullptr;
    if (role == (call ? Role::assistant : Role::user)) return true;
    lose(Loss::Kind::dropped, out.place, "it has no place in this turn");
    return false;
  }

  void model(std::vector<Outgoing> kept) {
    if (kept.empty()) return;
    for (const Outgoing& out : kept) {
      if (const auto* call = as<chat::ToolCall>(out)) calls_.push_back({nullptr, out.place, call});
    }
    if (turns_.empty() || turns_.back().kind != Turn::Kind::model) turns_.push_back({Turn::Kind::model, {}});
    std::ranges::move(kept, std::back_inserter(turns_.back().parts));
  }

  // What the user said since the model's last turn: the results of its calls, then the rest. Two turns of the model
  // in a row are one, whose calls are answered behind it.
  void answer(bool last) {
    if (results_.empty() && users_.empty() && (!last || calls_.empty())) return;
    std::multimap<std::string_view, Outgoing*> found;
    for (Outgoing& out : results_) found.emplace(as<chat::ToolResult>(out)->call_id, &out);
    Turn results{Turn::Kind::results, {}};
    for (Outgoing& call : calls_) {
      const auto result = found.find(call.answers->id);
      if (result == found.end()) {
        lose(Loss::Kind::defaulted, call.place, "the call has no result; it is answered with an error");
        results.parts.push_back(std::move(call));
        continue;
      }
      result->second->answers = call.answers;
      results.parts.push_back(std::move(*result->second));
      found.erase(result);
    }
    for (const auto& [id, out] : found)
      lose(Loss::Kind::dropped, out->place, "the turn before holds no call that this answers");
    calls_.clear();
    results_.clear();
    if (!results.parts.empty()) {
      pictures_of(results);
      turns_.push_back(std::move(results));
    }
    if (users_.empty()) return;
    if (turns_.empty() || turns_.back().kind != Turn::Kind::user) turns_.push_back({Turn::Kind::user, {}});
    std::ranges::move(users_, std::back_inserter(turns_.back().parts));
    users_.clear();
  }
  // What of a result is no text goes into the user's turn behind it.
  void pictures_of(const Turn& results) {
    std::vector<Outgoing> pictures;
    for (const Outgoing& out : results.parts) {
      const auto* result = as<chat::ToolResult>(out);
      if (result == nullptr) continue;
      for (const Part& part : result->content) {
        if (!std::holds_alternative<Media>(part.content)) continue;
        const std::string place = part.place.empty() ? out.place : part.place;
        lose(Loss::Kind::changed, place, "a result of Gemini is an object; it stands in the turn behind it");
        pictures.push_back({&part, place});
      }
    }
    std::ranges::move(users_, std::back_inserter(pictures));
    users_ = std::move(pictures);
  }

  void begin_with_user() {
    lose(Loss::Kind::defaulted, writing_.own ? "contents" : "messages",
         "Gemini wants the user to begin; a turn that says '.' stands first");
    static const Part dot{.content = chat::Text{"."}, .cache = {}};
    turns_.insert(turns_.begin(), {Turn::Kind::user, {{&dot, "messages"}}});
  }

  const Writing& writing_;
  std::vector<Turn> turns_;
  std::vector<Outgoing> system_;
  std::vector<Outgoing> calls_;    // of the model's last turn
  std::vector<Outgoing> results_;  // since then
  std::vector<Outgoing> users_;    // likewise, what else was said
  std::optional<Error> error_;
};

/* -------------------------------- writing ------------------------------- */

class Contents {
 public:
  Contents(JsonWriter& json, const Writing& writing) : json_(json), writing_(writing) {}

  void write(const std::vector<Turn>& turns) {
    json_.open_array("contents");
    for (const Turn& turn : turns) {
      if (error_) break;
      json_.open_object();
      json_.member("role", turn.kind == Turn::Kind::model ? "model" : "user");
      json_.open_array("parts");
      if (turn.kind == Turn::Kind::model)
        model(turn.parts);
      else
        for (const Outgoing& out : turn.parts) turn.kind == Turn::Kind::results ? result(out) : said(out, {});
      json_.close();
      json_.close();
    }
    json_.close();
  }
  void system(const std::vector<Outgoing>& parts) {
    if (parts.empty()) return;
    json_.open_object("systemInstruction");
    json_.open_array("parts");
    for (const Outgoing& out : parts) said(out, {});
    json_.close();
    json_.close();
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }
  void lose(Loss::Kind kind, const std::string& place, std::string_view why) {
    writing_.losses.add(kind, place, std::string(why));
  }

  // Clients of some dialects send all proofs before all that they prove: what a call must have is kept for it.
  void model(const std::vector<Outgoing>& parts) {
    std::deque<const chat::Reasoning*> proofs;
    const auto next = [&] {
      std::string proof;
      if (!proofs.empty()) {
        proof = written_signature(*proofs.front());
        proofs.pop_front();
      }
      return proof;
    };
    bool called = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (const auto* thought = as<chat::Reasoning>(parts[i])) {
        if (proves_next(*thought))
          proofs.push_back(thought);
        else
          think(*thought);
      } else if (const auto* call = as<chat::ToolCall>(parts[i])) {
        std::string proof = next();
        if (proof.empty() && !called && writing_.target.thinks_by_effort) {
          lose(Loss::Kind::defaulted, parts[i].place, "the proof of the thought before the call is not there");
          proof = no_signature;
        }
        function(parts[i], *call, proof);
        called = true;
      } else {
        const bool spare = proofs.size() > 1 || called || !call_waits(parts, i);
        said(parts[i], spare ? next() : std::string());
      }
    }
    while (!proofs.empty()) {
      json_.open_object();
      json_.member("text", std::string_view());
      json_.member("thoughtSignature", next());
      json_.close();
    }
  }

  // Whether the next call has no proof of its own.
  static bool call_waits(const std::vector<Outgoing>& parts, std::size_t from) {
    for (std::size_t i = from + 1; i < parts.size(); ++i) {
      const auto* thought = as<chat::Reasoning>(parts[i]);
      if (thought != nullptr && proves_next(*thought)) return false;
      if (as<chat::ToolCall>(parts[i])) return true;
    }
    return false;
  }

  void think(const chat::Reasoning& thought) {
    const std::string proof = written_signature(thought);
    if (thought.text.empty() && proof.empty()) return;
    json_.open_object();
    json_.member("text", thought.text);
    json_.member("thought", true);
    json_.filled("thoughtSignature", proof);
    json_.close();
  }

  void function(const Outgoing& out, const chat::ToolCall& call, const std::string& proof) {
    const auto args = object_of(call.arguments);
    if (!args)
      return refuse(out.place, fmt::format("calls the tool '{}' with arguments that are no JSON object",
                                           text::printable(call.name, 64)));
    json_.open_object();
    json_.open_object("functionCall");
    write_id(call.id);
    json_.member("name", writing_.names.sent(call.name));
    json_.member("args", *args);
    json_.close();
    json_.filled("thoughtSignature", proof);
    json_.close();
  }

  // Not every server of the dialect takes ids: only a client of the dialect knows its own.
  void write_id(std::string_view id) {
    if (writing_.own && !id.starts_with(made_id)) json_.filled("id", id);
  }

  void result(const Outgoing& out) {
    const auto* result = as<chat::ToolResult>(out);
    json_.open_object();
    json_.open_object("functionResponse");
    write_id(out.answers->id);
    json_.member("name", writing_.names.sent(out.answers->name));
    const std::string text = result == nullptr ? "no result was given" : chat::text_of(result->content);
    const bool failed = result == nullptr || result->failed;
    const auto scanned = json::scan(text);
    const bool object = scanned && scanned->root.type == json::Type::object;
    if (object && !failed) {
      json_.member("response", json::Raw{text});
    } else {
      json_.open_object("response");
      if (object)
        json_.member("error", json::Raw{text});
      else
        json_.member(failed ? "error" : "output", text);
      json_.close();
    }
    json_.close();
    json_.close();
  }

  void said(const Outgoing& out, const std::string& proof) {
    json_.open_object();
    if (const auto* text = as<chat::Text>(out))
      json_.member("text", text->text);
    else if (const auto* refusal = as<chat::RefusalText>(out))
      json_.member("text", refusal->text);
    else if (const auto* media = as<Media>(out))
      write(out, *media);
    json_.filled("thoughtSignature", proof);
    json_.close();
  }

  void write(const Outgoing& out, const Media& media) {
    const chat::Source& source = media.source;
    if (!source.file_id.empty() && !writing_.own)
      return refuse(out.place, "holds a file that is stored with another provider; send its data instead");
    if (!source.text.empty()) {
      lose(Loss::Kind::changed, out.place, "a plain-text document goes as text");
      return json_.member("text", media.name.empty() ? source.text : media.name + "\n\n" + source.text);
    }
    if (!write_media(json_, media, writing_.own)) return refuse(out.place, "holds a picture without its data");
    if (!media.name.empty() && !writing_.own)
      lose(Loss::Kind::dropped, inside(out.place, "name"), "Gemini takes no name of a file");
    write_detail(out, media.detail);
  }

  void write_detail(const Outgoing& out, std::string_view detail) {
    if (detail.empty() || detail == "auto") return;
    const bool known = detail == "low" || detail == "medium" || detail == "high";
    if (!known || !writing_.target.thinks_by_effort)
      return lose(Loss::Kind::dropped, inside(out.place, "detail"),
                  writing_.target.why("the model takes no such choice for one picture",
                                      "for one that takes no such choice for one picture"));
    json_.open_object("mediaResolution");
    json_.member("level", "MEDIA_RESOLUTION_" + text::upper(detail));
    json_.close();
  }

  JsonWriter& json_;
  const Writing& writing_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> write_contents(JsonWriter& json, const Writing& writing) {
  Arranging arranging(writing);
  const auto turns = arranging.arranged();
  if (!turns) return std::unexpected(turns.error());
  Contents contents(json, writing);
  contents.system(arranging.system());
  contents.write(*turns);
  if (contents.error()) return std::unexpected(*contents.error());
  return {};
}

}  // namespace apigw::dialects::gemini
