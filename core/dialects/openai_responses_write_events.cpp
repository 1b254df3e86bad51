// Events, written as the typed events of a stream in the Responses dialect.
//
// Every event has its type twice (as the frame's and in its data) and the next number. Items take their index as they
// begin and several may be open at once; what follows a message's part of text goes into the same message until
// something else begins. Each .done repeats what the deltas said and the last event repeats all of it, so the answer
// is kept until then, up to a limit.
#include <map>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_responses.h"

namespace apigw::dialects::responses {

namespace {

constexpr std::size_t most_kept = 32u << 20;  // bytes of the answer

using Kind = WrittenItem::Kind;

struct Item : WrittenItem {
  std::size_t index = 0;  // in `output`
  std::size_t open = 0;   // parts that have not ended
  bool over = false;
  bool cut = false;
};

// A part of the hub within its item.
struct OpenPart {
  std::size_t item = 0;
  std::size_t number = 0;  // among the message's parts
  bool refusal = false;
  std::string text;
};

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : id_(facts.id), now_(facts.now) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    if (gave_up_) return;
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }
  [[nodiscard]] bool gave_up() const override { return gave_up_; }

 private:
  void on(const chat::Began& began) {
    if (!began.id.empty()) id_ = began.id;
    if (began.created != 0) now_ = began.created;
    model_ = began.model;
    list_ = began.list;
    begun_ = true;
    for (const std::string_view type : {"response.created", "response.in_progress"})
      event(type, [&](JsonWriter& json) { response(json, "in_progress", {}); });
  }

  void on(const chat::PartBegan& began) {
    if (other(began.answer)) return;
    std::visit([&](const auto& content) { begin(began, content); }, began.content);
  }

  void begin(const chat::PartBegan& began, const chat::Text& text) { say(began, text.text, false); }
  void begin(const chat::PartBegan& began, const chat::RefusalText& text) { say(began, text.text, true); }

  void say(const chat::PartBegan& began, const std::string& text, bool refusal) {
    refused_ = refused_ || refusal;
    if (!message_) message_ = add({{.kind = Kind::message}});
    Item& item = items_[*message_];
    ++item.open;
    OpenPart& part = parts_[began.part];
    part = {.item = *message_, .number = item.content.size(), .refusal = refusal, .text = {}};
    item.content.push_back(refusal ? refusal_part({}) : text_part({}));
    event("response.content_part.added", [&](JsonWriter& json) {
      at(json, part);
      json.member("part", json::Raw{item.content.back()});
    });
    grow(part, text);
  }

  void begin(const chat::PartBegan& began, const chat::Reasoning& thought) {
    leave_message();
    const std::size_t index = add({{.kind = Kind::reasoning}});
    Item& item = items_[index];
    ++item.open;
    origins_[index] = thought;
    OpenPart& part = parts_[began.part];
    part = {.item = index, .number = 0, .refusal = false, .text = {}};
    if (keep(thought.signature.size() + thought.sealed.size())) grow(part, thought.text);
  }

  void begin(const chat::PartBegan& began, const chat::ToolCall& call) {
    leave_message();
    const std::size_t index = add({{.kind = Kind::call, .id = {}, .call_id = call.id, .name = call.name}});
    ++items_[index].open;
    OpenPart& part = parts_[began.part];
    part = {.item = index, .number = 0, .refusal = false, .text = {}};
    grow(part, call.arguments.text);
  }

  template <class Other>
  void begin(const chat::PartBegan& began, const Other&) {
    losses_->add(chat::Loss::Kind::dropped, began.place.empty() ? element("answers", 0) : began.place,
                 fmt::format("an answer of {} holds no such part", speaker));
  }

  void on(const chat::PartGrew& grew) {
    const auto found = parts_.find(grew.part);
    if (!other(grew.answer) && found != parts_.end()) grow(found->second, grew.text);
  }

  void on(const chat::PartSigned& proof) {
    const auto found = parts_.find(proof.part);
    if (other(proof.answer) || found == parts_.end()) return;
    if (keep(proof.signature.size())) origins_[found->second.item].signature += proof.signature;
  }

  void on(const chat::PartEnded& ended) {
    const auto found = parts_.find(ended.part);
    if (other(ended.answer) || found == parts_.end()) return;
    end(found->second);
    parts_.erase(found);
  }

  void on(const chat::Stopped& stopped) {
    if (other(stopped.answer)) return;
    stop_ = stopped.stop;
    if (message_) items_[*message_].cut = stop_.stop == chat::Stop::length;
    leave_message();
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    const Ending ending = ending_of(stop_, refused_, *losses_);
    const std::string type = fmt::format("response.{}", ending.status);
    event(type, [&](JsonWriter& json) { response(json, ending.status, ending.reason, &finished.usage); });
  }

  // Before the response has begun there is none that could have failed.
  void on(const chat::Failed& failed) {
    const auto& error = failed.error;
    const std::string code = error.code.empty() ? error.type : error.code;
    if (!begun_) {
      event("error", [&](JsonWriter& json) {
        json.member("code", code);
        json.member("message", error.message);
        if (error.param.empty())
          json.null("param");
        else
          json.member("param", error.param);
        json.member("error", json::Raw{inner(openai::error_body(error))});
      });
      return;
    }
    event("response.failed", [&](JsonWriter& json) {
      json.open_object("response");
      head(json, "failed");
      json.open_object("error");
      json.member("code", code);
      json.member("message", error.message);
      json.close();
      json.null("incomplete_details");
      rest(json);
      json.close();
    });
  }

  // The object within {"error":…}.
  static std::string inner(const std::string& body) { return body.substr(9, body.size() - 10); }

  /* ------------------------------- items -------------------------------- */

  std::size_t add(Item item) {
    item.index = items_.size();
    item.id = item_id(item.kind, id_, item.index);
    items_.push_back(std::move(item));
    const Item& added = items_.back();
    event("response.output_item.added", [&](JsonWriter& json) {
      json.member("output_index", added.index);
      write_item(json, "item", added, "in_progress");
    });
    return added.index;
  }

  void at(JsonWriter& json, const OpenPart& part) const {
    const Item& item = items_[part.item];
    json.member("item_id", item.id);
    json.member("output_index", item.index);
    if (item.kind == Kind::message) json.member("content_index", part.number);
    if (item.kind == Kind::reasoning) json.member("summary_index", 0);
  }

  void grow(OpenPart& part, const std::string& text) {
    if (text.empty() || !keep(text.size())) return;
    const Item& item = items_[part.item];
    if (item.kind == Kind::reasoning && part.text.empty())
      event("response.reasoning_summary_part.added", [&](JsonWriter& json) { summary(json, part); });
    part.text += text;
    event(kind_of(item, part) + ".delta", [&](JsonWriter& json) {
      at(json, part);
      json.member("delta", text);
      if (item.kind == Kind::message && !part.refusal) empty_list(json, "logprobs");
    });
  }

  static void empty_list(JsonWriter& json, std::string_view key) {
    json.open_array(key);
    json.close();
  }

  void summary(JsonWriter& json, const OpenPart& part) const {
    at(json, part);
    json.open_object("part");
    json.member("type", "summary_text");
    json.member("text", part.text);
    json.close();
  }

  static std::string kind_of(const Item& item, const OpenPart& part) {
    if (item.kind == Kind::reasoning) return "response.reasoning_summary_text";
    if (item.kind == Kind::call) return "response.function_call_arguments";
    return part.refusal ? "response.refusal" : "response.output_text";
  }

  void end(OpenPart& part) {
    Item& item = items_[part.item];
    const bool silent = item.kind == Kind::reasoning && part.text.empty();
    if (!silent) {
      event(kind_of(item, part) + ".done", [&](JsonWriter& json) {
        at(json, part);
        if (item.kind == Kind::call) json.member("name", item.name);
        json.member(item.kind == Kind::call ? "arguments" : part.refusal ? "refusal" : "text", part.text);
        if (item.kind == Kind::message && !part.refusal) empty_list(json, "logprobs");
      });
    }
    if (item.kind == Kind::message) {
      item.content[part.number] = part.refusal ? refusal_part(part.text) : text_part(part.text);
      event("response.content_part.done", [&](JsonWriter& json) {
        at(json, part);
        json.member("part", json::Raw{item.content[part.number]});
      });
    } else if (item.kind == Kind::reasoning && !silent) {
      event("response.reasoning_summary_part.done", [&](JsonWriter& json) { summary(json, part); });
    }
    if (item.kind != Kind::message) item.text = std::move(part.text);
    --item.open;
    if (item.kind != Kind::message || message_ != item.index) close(item);
  }

  // The next text begins a new message.
  void leave_message() {
    if (!message_) return;
    Item& item = items_[*message_];
    message_.reset();
    close(item);
  }

  void close(Item& item) {
    if (item.open != 0 || item.over) return;
    item.over = true;
    if (item.kind == Kind::reasoning) item.proof = written_proof(origins_[item.index]);
    event("response.output_item.done", [&](JsonWriter& json) {
      json.member("output_index", item.index);
      write_item(json, "item", item, status_of(item));
    });
  }

  // A message that is open when its answer is cut is what was cut.
  [[nodiscard]] std::string_view status_of(const Item& item) const { return item.cut ? "incomplete" : "completed"; }

  // Answers beside the first have no place; told once.
  bool other(unsigned answer) {
    if (answer == 0) return false;
    if (!others_) lose_answer(list_, answer, *losses_);
    return others_ = true;
  }

  bool keep(std::size_t bytes) {
    kept_ += bytes;
    gave_up_ = gave_up_ || kept_ > most_kept;
    return !gave_up_;
  }

  /* ------------------------------- events ------------------------------- */

  template <class Members>
  void event(std::string_view type, const Members& members) {
    out_->append("event: ").append(type).append("\ndata: ");
    JsonWriter json(*out_);
    json.open_object();
    json.member("type", type);
    json.member("sequence_number", number_++);
    members(json);
    json.close();
    out_->append("\n\n");
  }

  void head(JsonWriter& json, std::string_view status) const {
    json.member("id", id_);
    json.member("object", "response");
    json.member("created_at", now_);
    json.member("status", status);
  }

  void rest(JsonWriter& json) const {
    json.member("model", model_);
    json.open_array("output");
    for (const Item& item : items_) {
      if (item.over) write_item(json, {}, item, status_of(item));
    }
    json.close();
    write_demanded(json);
  }

  void response(JsonWriter& json, std::string_view status, std::string_view reason,
                const chat::Usage* usage = nullptr) const {
    json.open_object("response");
    head(json, status);
    write_no_error(json, reason);
    rest(json);
    if (usage != nullptr) write_usage(json, *usage);
    json.close();
  }

  std::string id_;
  std::int64_t now_;
  std::string model_, list_;
  std::vector<Item> items_;
  std::map<unsigned, OpenPart> parts_;              // open ones, of the first answer
  std::map<std::size_t, chat::Reasoning> origins_;  // of thoughts, by item: whose proof it is
  std::optional<std::size_t> message_;              // that takes what is said next
  chat::StopReason stop_;
  std::size_t number_ = 0, kept_ = 0;
  bool begun_ = false, refused_ = false, others_ = false, gave_up_ = false;
  std::string* out_ = nullptr;      // of the call at work,
  chat::Losses* losses_ = nullptr;  // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::responses
