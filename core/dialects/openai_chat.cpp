// The OpenAI dialect: chat completions, embeddings and models, read in place; and the row that names its halves, with
// what goes to its providers alone. The older completions, whose choices hold a text, are watched here too.
//
// A stream's usage is always asked of the provider, because a call without it cannot be counted; the frame that
// carries only usage is swallowed where the client did not ask. Whether an answer is over is read from finish_reason
// and [DONE].
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/openai_chat_request.h"
#include "dialects/openai_embeddings.h"
#include "dialects/openai_others.h"
#include "dialects/provider_error.h"

namespace apigw::dialects {

namespace {

using openai::Counted;
using openai::done_mark;

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", "/v1/chat/completions", "chat", "/chat/completions"},
    {"POST", "/v1/embeddings", "embeddings", "/embeddings"},
    {"POST", "/v1/moderations", "moderations", "/moderations"},
    {"POST", "/v1/images/generations", "images", "/images/generations"},
    {.method = "POST",
     .path = "/v1/images/edits",
     .operation = "image_edits",
     .upstream = "/images/edits",
     .form = true},
    {.method = "POST",
     .path = "/v1/images/variations",
     .operation = "image_variations",
     .upstream = "/images/variations",
     .form = true},
    {.method = "POST",
     .path = "/v1/audio/speech",
     .operation = "speech",
     .upstream = "/audio/speech",
     .any_reply = true},
    {.method = "POST",
     .path = "/v1/audio/transcriptions",
     .operation = "transcriptions",
     .upstream = "/audio/transcriptions",
     .form = true,
     .any_reply = true},
    {.method = "POST",
     .path = "/v1/audio/translations",
     .operation = "audio_translations",
     .upstream = "/audio/translations",
     .form = true,
     .any_reply = true},
    {"POST", "/v1/rerank", "rerank", "/rerank"},
    {"GET", "/v1/models", "models", ""},
    {"GET", "/v1/models/**", "model", ""},
});

Result<chat::Request> read_request(std::string_view body, json::Document scanned) {
  return openai::read_request(body, std::move(scanned), openai::own_form);
}
Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target, chat::Losses& losses) {
  return openai::write_request(request, target, losses, openai::own_form);
}
Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  return openai::read_reply(body, way_back, limits, openai::own_form);
}
std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return openai::read_events(way_back, limits, openai::own_form);
}

constexpr auto own_headers = std::to_array<OwnHeader>({{.name = "openai-beta", .otherwise = "", .allowed = {}}});

// A member's value, nothing when it is absent or null: clients send nulls for what they leave out.
std::optional<json::Slice> present(const json::Document& object, std::string_view key) {
  const json::Member* member = object.find(key);
  if (member == nullptr || member->value.type == json::Type::null) return std::nullopt;
  return member->value;
}

/* ------------------------------- requests ------------------------------- */

// Where to write that usage is wanted, which depends on how much of stream_options is there.
Result<void> force_usage(std::string_view body, RequestFacts& facts) {
  const json::Member* options = facts.scanned.find("stream_options");
  if (options == nullptr) {
    const std::size_t inside = facts.scanned.root.begin + 1;  // the object has a model, so a comma fits
    facts.forced = {inside, inside, R"("stream_options":{"include_usage":true},)"};
    return {};
  }
  const json::Slice place = options->value;
  if (place.type == json::Type::null) {
    facts.forced = {place.begin, place.end, R"({"include_usage":true})"};
    return {};
  }
  if (place.type != json::Type::object) return fail(ErrorKind::invalid, "'stream_options' must be an object");
  const json::Document inner = json::members(body, place);
  if (const json::Member* include = inner.find("include_usage")) {
    facts.wants_usage = json::boolean_at(body, include->value).value_or(false);
    if (!facts.wants_usage) facts.forced = {include->value.begin, include->value.end, "true"};
    return {};
  }
  const std::size_t inside = place.begin + 1;
  facts.forced = {inside, inside, inner.members.empty() ? R"("include_usage":true)" : R"("include_usage":true,)"};
  return {};
}

/* -------------------------------- streams ------------------------------- */

// Whether a delta says more than who speaks. `bytes` grows by what its strings hold.
bool says_something(std::string_view text, json::Slice delta, std::uint64_t& bytes) {
  if (delta.type != json::Type::object) return false;
  bool says = false;
  for (const json::Member& member : json::members(text, delta).members) {
    const std::string_view value = json::at(text, member.value);
    if (member.key == "role" || member.value.type == json::Type::null || value == R"("")" || value == "[]") continue;
    says = true;
    json::each_string(value, [&](std::string_view said) { bytes += said.size(); });
  }
  return says;
}

class OpenAiStream final : public StreamWatch {
 public:
  OpenAiStream(const RequestFacts& facts, const json::Limits& limits)
      : wants_usage_(facts.wants_usage), limits_(limits) {}

  FrameVerdict feed(const wire::Frame& frame) override {
    using State = FrameVerdict::State;
    if (!frame.has_data || frame.data.empty()) return {};
    if (frame.data == done_mark) {
      if (!semantic_) return broken("the provider sent a stream without an answer");
      done_ = true;
      return {.state = State::done};
    }
    const auto chunk = json::scan(frame.data, limits_);
    if (!chunk || chunk->root.type != json::Type::object) {
      return broken(chunk ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + chunk.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *chunk)) {
      return failed(openai::error_in(frame.data, *chunk));
    }
    FrameVerdict verdict;
    const auto choices = present(*chunk, "choices");
    if (choices) verdict.semantic = read_choices(frame.data, *choices);
    semantic_ = semantic_ || verdict.semantic;
    if (const auto usage = present(*chunk, "usage"); usage && usage->type == json::Type::object) {
      counted_.read(frame.data, *usage);
      const bool only_usage = !choices || json::at(frame.data, *choices) == "[]";
      verdict.swallow = only_usage && !wants_usage_;
    }
    if (error_) return {.state = State::failed};
    return verdict;
  }

  // Some servers leave [DONE] out; a stream is over too when each choice that began has ended.
  [[nodiscard]] bool complete() const override {
    return !error_ && (done_ || (begun_ != 0 && (begun_ & ~ended_) == 0));
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !complete();
    return usage;
  }

  [[nodiscard]] std::uint64_t said_bytes() const override { return said_; }
  [[nodiscard]] const chat::ProviderError* error() const override { return error_ ? &*error_ : nullptr; }

 private:
  FrameVerdict failed(chat::ProviderError error) {
    error_ = std::move(error);
    return {.state = FrameVerdict::State::failed};
  }
  FrameVerdict broken(std::string what) {
    return failed({.status = 502, .type = "server_error", .message = std::move(what)});
  }

  bool read_choices(std::string_view text, json::Slice choices) {
    bool semantic = false;
    for (const json::Slice element : json::elements(text, choices)) {
      const json::Document choice = json::members(text, element);
      const json::Member* index = choice.find("index");
      const std::uint64_t bit = std::uint64_t{1}
                                << (index == nullptr ? 0 : json::number_at(text, index->value).value_or(0) % 64);
      begun_ |= bit;
      if (const auto delta = present(choice, "delta")) semantic = says_something(text, *delta, said_) || semantic;
      if (const auto words = present(choice, "text"); words && json::at(text, *words).size() > 2) {
        semantic = true;
        said_ += words->end - words->begin - 2;
      }
      const auto finish = present(choice, "finish_reason");
      if (!finish) continue;
      const std::string_view word = json::at(text, *finish);
      if (word == R"("")" || word == R"("null")") continue;  // some servers write either for null
      if (word == R"("error")") static_cast<void>(broken("the provider ended its answer with an error"));
      ended_ |= bit;
      semantic = true;
    }
    return semantic;
  }

  bool wants_usage_;
  json::Limits limits_;
  Counted counted_;
  std::uint64_t said_ = 0;               // bytes
  std::uint64_t begun_ = 0, ended_ = 0;  // a bit a choice, by its index modulo 64
  bool semantic_ = false;                // some frame was
  bool done_ = false;
  std::optional<chat::ProviderError> error_;
};

/* ---------------------------- what clients get --------------------------- */

std::string broken_stream(const ClientError& error) {
  return openai::error_frame(openai::error_body(error));
}

}  // namespace

namespace openai {

constinit const Form own_form{.word = own_word, .speaker = speaker, .write_media = write_media};

Result<RequestFacts> scan_model(std::string_view body, const json::Limits& limits, std::string_view otherwise) {
  auto request = json::scan(body, limits);
  if (!request) return std::unexpected(request.error());
  if (request->root.type != json::Type::object) return fail(ErrorKind::invalid, "the body must be a JSON object");
  RequestFacts facts;
  if (const auto model = present(*request, "model"); !model && !otherwise.empty()) {
    facts.model = otherwise;
    const json::Member* const null = request->find("model");
    const std::size_t inside = request->root.begin + 1;
    facts.model_at = null != nullptr ? null->value : json::Slice{.begin = inside, .end = inside};
  } else if (!model || model->type != json::Type::string) {
    return fail(ErrorKind::invalid, "'model' must be given and be a string");
  } else {
    facts.model = *json::string_at(body, *model);
    facts.model_at = *model;
  }
  if (facts.model.empty()) return fail(ErrorKind::invalid, "'model' must not be empty");
  facts.scanned = std::move(*request);
  return facts;
}

Result<void> scan_stream_flag(std::string_view body, RequestFacts& facts) {
  const auto stream = present(facts.scanned, "stream");
  if (!stream) return {};
  const auto on = json::boolean_at(body, *stream);
  if (!on) return fail(ErrorKind::invalid, "'stream' must be true or false");
  facts.stream = *on;
  return {};
}

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  const OtherOperation* const other = other_operation(operation);
  auto facts = scan_model(body, limits, other ? other->usual_model : std::string_view());
  if (!facts || (operation != "chat" && !other)) return facts;
  if (auto read = other ? scan_stream(*other, body, *facts) : scan_stream_flag(body, *facts); !read)
    return std::unexpected(read.error());
  if (!facts->stream || other) return facts;
  if (auto forced = force_usage(body, *facts); !forced) return std::unexpected(forced.error());
  return facts;
}

Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body, const json::Limits& limits) {
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  const bool error = is_error(body, *reply);
  const OtherOperation* const other = other_operation(operation);
  const auto answer = present(*reply, operation == "chat" ? "choices" : other ? other->answers_in : "data");
  const bool text = other && answer && answer->type == json::Type::string;
  if (error || !answer || (answer->type != json::Type::array && !text)) {
    return fail(ErrorKind::protocol, error ? "the provider sent an error with a status of success"
                                           : "the provider's reply is not one of this operation");
  }
  const auto usage = present(*reply, "usage");
  // Nobody counts moderations and pictures as tokens of a prompt; what a ranking cost some servers tell.
  if (other && !asks_ranking(operation)) return chat::Usage{};
  if (operation != "chat") return usage ? embedding_usage(body, *usage) : chat::Usage{};
  Counted counted;
  if (usage) counted.read(body, *usage);
  return counted.disjoint();
}

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& facts, const json::Limits& limits) {
  if (facts.typed_events) return watch_typed_events(limits);
  return std::make_unique<OpenAiStream>(facts, limits);
}

std::string error_frame(std::string_view body) {
  return fmt::format("data: {}\n\n", body);
}

std::string model_body(const ListedModel& model) {
  return fmt::format(R"({{"id":{},"object":"model","created":{},"owned_by":{}}})", json::quote(model.id),
                     model.created, json::quote(model.owner));
}

std::string list_body(std::span<const ListedModel> models, std::string (*one)(const ListedModel& model)) {
  std::string body = R"({"object":"list","data":[)";
  for (const ListedModel& model : models) {
    if (&model != models.data()) body += ',';
    body += one(model);
  }
  return body + "]}";
}

std::string models_body(std::span<const ListedModel> models) {
  return list_body(models, model_body);
}

}  // namespace openai

extern const Dialect openai_chat;
constinit const Dialect openai_chat{
    .maker = "openai",
    .endpoints = endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/models",
    .own_headers = own_headers,
    .end_mark = openai::done_frame,
    .scan_request = openai::scan_request,
    .scan_reply = openai::scan_reply,
    .watch_stream = openai::watch_stream,
    .read_request = read_request,
    .write_request = write_request,
    .read_reply = read_reply,
    .write_reply = openai::write_reply,
    .read_events = read_events,
    .write_events = openai::write_events,
    .read_error = openai::read_error,
    .is_own_error = openai::is_own_error,
    .error_body = openai::error_body,
    .error_frame = openai::error_frame,
    .broken_stream = broken_stream,
    .models_body = openai::models_body,
    .model_body = openai::model_body,
    .embeddings = &openai::embeddings,
};

}  // namespace apigw::dialects
