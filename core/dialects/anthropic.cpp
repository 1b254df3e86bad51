// The Anthropic dialect: messages, the counting of their tokens, and models; on its own path everything is read in
// place. Its halves through the hub stand in the files that begin with this one's name.
//
// Nothing is forced into a request: a stream always tells its usage, first what is known at the start and then
// cumulatively. Only message_stop ends an answer; an upstream that closes before it has cut the stream. What a client
// may switch on with anthropic-beta is a list of what changes the answer alone.
#include "dialects/anthropic.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "dialects/provider_error.h"

namespace apigw::dialects {

namespace {

using anthropic::Counted;

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", "/v1/messages", "chat", "/messages"},
    {"POST", "/v1/messages/count_tokens", "count_tokens", "/messages/count_tokens"},
    {"GET", "/v1/models", "models", "", "anthropic-version"},
    {"GET", "/v1/models/**", "model", "", "anthropic-version"},
});

// Flags of the Messages API as the official libraries list them. Left out is what reaches the data of the account
// (files, skills, memory, batches), makes the provider call other servers (MCP), or names other users (profiles).
constexpr auto betas = std::to_array<std::string_view>({
    "advisor-tool-*",
    "cache-diagnosis-*",
    "claude-code-*",
    "compact-*",
    "computer-use-*",
    "context-1m-*",
    "context-management-*",
    "dev-full-thinking-*",
    "effort-*",
    "extended-cache-ttl-*",
    "fast-mode-*",
    "fine-grained-tool-streaming-*",
    "inline-tools-*",
    "interleaved-thinking-*",
    "max-tokens-*",
    "mid-conversation-*",
    "model-context-window-exceeded-*",
    "output-128k-*",
    "output-300k-*",
    "pdfs-*",
    "prompt-caching-*",
    "redact-thinking-*",
    "structured-outputs-*",
    "task-budgets-*",
    "thinking-*",
    "token-counting-*",
    "token-efficient-tools-*",
    "web-fetch-*",
});

constexpr auto own_names = std::to_array<OwnName>({
    {"stop", "stop_sequences"},
    {"reasoning_effort", "output_config.effort"},
    {"response_format", "output_config.format"},
    {"parallel_tool_calls", "tool_choice.disable_parallel_tool_use"},
});
constexpr auto own_headers = std::to_array<OwnHeader>({
    {.name = "anthropic-version", .otherwise = "2023-06-01", .allowed = {}},
    {.name = "anthropic-beta", .otherwise = "", .allowed = betas},
});

// A member's value, nothing when it is absent or null.
std::optional<json::Slice> present(const json::Document& object, std::string_view key) {
  const json::Member* member = object.find(key);
  if (member == nullptr || member->value.type == json::Type::null) return std::nullopt;
  return member->value;
}

std::string_view text_at(std::string_view text, const json::Document& object, std::string_view key) {
  const auto value = present(object, key);
  if (!value || value->type != json::Type::string) return {};
  return text.substr(value->begin + 1, value->end - value->begin - 2);
}

/* ------------------------------- requests ------------------------------- */

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto request = json::scan(body, limits);
  if (!request) return std::unexpected(request.error());
  if (request->root.type != json::Type::object) return fail(ErrorKind::invalid, "the body must be a JSON object");
  const json::Member* model = request->find("model");
  if (model == nullptr || model->value.type != json::Type::string) {
    return fail(ErrorKind::invalid, "'model' must be given and be a string");
  }
  RequestFacts facts;
  facts.model = *json::string_at(body, model->value);
  facts.model_at = model->value;
  if (facts.model.empty()) return fail(ErrorKind::invalid, "'model' must not be empty");
  facts.scanned = std::move(*request);
  if (operation != "chat") return facts;
  if (const auto stream = present(facts.scanned, "stream")) {
    const auto on = json::boolean_at(body, *stream);
    if (!on) return fail(ErrorKind::invalid, "'stream' must be true or false");
    facts.stream = *on;
    facts.wants_usage = *on;
  }
  return facts;
}

/* -------------------------------- replies ------------------------------- */

Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body, const json::Limits& limits) {
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  if (is_error(body, *reply)) {
    return fail(ErrorKind::protocol, "the provider sent an error with a status of success");
  }
  if (operation == "count_tokens") {
    const auto counted = present(*reply, "input_tokens");
    if (!counted || !json::number_at(body, *counted)) {
      return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
    }
    return chat::Usage{.known = true};  // counting uses no tokens
  }
  const auto content = present(*reply, "content");
  if (!content || content->type != json::Type::array) {
    return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
  }
  Counted counted;
  if (const auto usage = present(*reply, "usage")) counted.read(body, *usage);
  return counted.disjoint();
}

/* -------------------------------- streams ------------------------------- */

class AnthropicStream final : public StreamWatch {
 public:
  explicit AnthropicStream(const json::Limits& limits) : limits_(limits) {}

  FrameVerdict feed(const wire::Frame& frame) override {
    if (!frame.has_data || frame.data.empty()) return {};
    const auto event = json::scan(frame.data, limits_);
    if (!event || event->root.type != json::Type::object) {
      return broken(event ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + event.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *event)) {
      return failed(anthropic::error_in(frame.data, *event));
    }
    const std::string_view type = text_at(frame.data, *event, "type");
    if (type == "message_stop") return stop();
    FrameVerdict verdict;
    if (type == "message_start") {
      if (const auto message = present(*event, "message")) count(frame.data, json::members(frame.data, *message));
    } else if (type == "content_block_start") {
      verdict.semantic = begins_with_something(frame.data, *event);
    } else if (type == "content_block_delta") {
      verdict.semantic = true;
      hear(frame.data, *event);
    } else if (type == "message_delta") {
      count(frame.data, *event);
      const auto delta = present(*event, "delta");
      verdict.semantic = delta && present(json::members(frame.data, *delta), "stop_reason");
    }
    semantic_ = semantic_ || verdict.semantic;
    return verdict;
  }

  [[nodiscard]] bool complete() const override { return !error_ && done_; }

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
    return failed({.status = 502, .type = "api_error", .message = std::move(what)});
  }

  FrameVerdict stop() {
    if (!semantic_) return broken("the provider sent a stream without an answer");
    done_ = true;
    return {.state = FrameVerdict::State::done};
  }

  void hear(std::string_view text, const json::Document& event) {
    const auto delta = present(event, "delta");
    if (!delta) return;
    for (const json::Member& member : json::members(text, *delta).members) {
      if (member.value.type == json::Type::string && member.key != "type" && member.key != "signature")
        said_ += member.value.end - member.value.begin - 2;
    }
  }

  void count(std::string_view text, const json::Document& holder) {
    if (const auto usage = present(holder, "usage")) counted_.read(text, *usage);
  }

  // A text or thought begins empty; every other block says what it is.
  static bool begins_with_something(std::string_view text, const json::Document& event) {
    const auto block = present(event, "content_block");
    if (!block) return false;
    const json::Document fields = json::members(text, *block);
    const std::string_view type = text_at(text, fields, "type");
    if (type == "text" || type == "thinking") return !text_at(text, fields, type).empty();
    return !type.empty();
  }

  json::Limits limits_;
  Counted counted_;
  std::uint64_t said_ = 0;  // bytes
  bool semantic_ = false;   // some frame was
  bool done_ = false;
  std::optional<chat::ProviderError> error_;
};

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& /*facts*/, const json::Limits& limits) {
  return std::make_unique<AnthropicStream>(limits);
}

/* ---------------------------- what clients get --------------------------- */

std::string error_frame(std::string_view body) {
  return fmt::format("event: error\ndata: {}\n\n", body);
}

std::string broken_stream(const ClientError& error) {
  return error_frame(anthropic::error_body(error));
}

// RFC 3339, in UTC.
std::string written_time(std::int64_t seconds) {
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string model_body(const ListedModel& model) {
  const std::string id = json::quote(model.id);
  return fmt::format(R"({{"type":"model","id":{},"display_name":{},"created_at":"{}"}})", id, id,
                     written_time(model.created));
}

std::string models_body(std::span<const ListedModel> models) {
  std::string body = R"({"data":[)";
  for (const ListedModel& model : models) {
    if (&model != models.data()) body += ',';
    body += model_body(model);
  }
  const auto id = [&](const ListedModel& model) { return json::quote(model.id); };
  return fmt::format(R"({}],"has_more":false,"first_id":{},"last_id":{}}})", body,
                     models.empty() ? "null" : id(models.front()), models.empty() ? "null" : id(models.back()));
}

std::string count_body(std::uint64_t tokens) {
  return fmt::format(R"({{"input_tokens":{}}})", tokens);
}

}  // namespace

namespace anthropic {

void Counted::read(std::string_view text, json::Slice usage) {
  if (usage.type != json::Type::object) return;
  const json::Document fields = json::members(text, usage);
  take_tokens(text, fields, "input_tokens", input);
  take_tokens(text, fields, "output_tokens", output);
  take_tokens(text, fields, "cache_read_input_tokens", cache_read);
  take_tokens(text, fields, "cache_creation_input_tokens", cache_write);
  if (const auto split = present(fields, "cache_creation")) {
    const json::Document inner = json::members(text, *split);
    std::optional<std::uint64_t> short_lived, long_lived, both;
    take_tokens(text, inner, "ephemeral_5m_input_tokens", short_lived);
    take_tokens(text, inner, "ephemeral_1h_input_tokens", long_lived);
    take_tokens(text, fields, "cache_creation_input_tokens", both);
    if (long_lived) hour_writes = long_lived;
    if ((short_lived || long_lived) && !both) cache_write = short_lived.value_or(0) + long_lived.value_or(0);
  }
  if (const auto details = present(fields, "output_tokens_details")) {
    take_tokens(text, json::members(text, *details), "thinking_tokens", thinking);
  }
}

chat::Usage Counted::disjoint() const {
  chat::Usage usage;
  usage.known = input || output;
  usage.input = input.value_or(0);
  usage.cache_read = cache_read.value_or(0);
  usage.cache_write = cache_write.value_or(0);
  usage.hour_writes = std::min(hour_writes.value_or(0), usage.cache_write);
  usage.reasoning = std::min(thinking.value_or(0), output.value_or(0));
  usage.output = output.value_or(0) - usage.reasoning;
  usage.cache_read_told = cache_read.has_value();
  usage.reasoning_told = thinking.has_value();
  return usage;
}

}  // namespace anthropic

extern const Dialect anthropic_messages;
constinit const Dialect anthropic_messages{
    .maker = "anthropic",
    .endpoints = endpoints,
    .credential_header = "x-api-key",
    .credential_prefix = "",
    .provider_models = "/models",
    .own_headers = own_headers,
    .heartbeat = "event: ping\ndata: {\"type\":\"ping\"}\n\n",
    .says_overloaded = true,
    .own_names = own_names,
    .scan_request = scan_request,
    .scan_reply = scan_reply,
    .watch_stream = watch_stream,
    .read_request = anthropic::read_request,
    .write_request = anthropic::write_request,
    .read_reply = anthropic::read_reply,
    .write_reply = anthropic::write_reply,
    .read_events = anthropic::read_events,
    .write_events = anthropic::write_events,
    .read_error = anthropic::read_error,
    .is_own_error = anthropic::is_own_error,
    .error_body = anthropic::error_body,
    .error_frame = error_frame,
    .broken_stream = broken_stream,
    .models_body = models_body,
    .model_body = model_body,
    .count_body = count_body,
};

}  // namespace apigw::dialects
