#include "assembly/translate.h"

#include "dialects/dialect.h"
#include "dialects/provider_error.h"
#include "gateway/translation.h"
#include "model/plan.h"
#include "wire/splitter.h"

namespace apigw::assembly {
namespace {

using dialects::Dialect;

// What a gateway whose config says nothing of them allows clients and upstreams.
constexpr model::Caps caps;
constexpr json::Limits of_client{.depth = caps.json_depth}, of_upstream{.depth = caps.upstream_json_depth};
constexpr std::size_t event_cap = caps.sse_event;

struct Pair {
  const Dialect& from;
  const Dialect& to;
};

Result<Translation> request(const Pair& pair, const TranslationTask& task, std::string_view input) {
  const auto read = dialects::read_request(pair.from, input, of_client);
  if (!read) return std::unexpected(read.error());
  Translation out;
  const std::string_view to = task.provider.empty() ? pair.to.maker : task.provider;
  const auto traits = gateway::target_traits(task.models, pair.to, to,
                                             task.model.empty() ? std::string_view(read->model) : task.model);
  auto written = dialects::write_request(pair.from, pair.to, *read, traits, out.losses);
  if (!written) return std::unexpected(std::move(written.error()));
  out.text = std::move(written->body);
  if (pair.to.edit_body != nullptr) out.text = pair.to.edit_body(std::move(out.text));
  return out;
}

Translation error(const Pair& pair, std::string_view input) {
  const chat::ProviderError told = pair.from.read_error(0, {}, input);  // the body implies its status
  Translation out{.text = {}, .losses = {}, .failure = told.message};
  out.text = pair.to.error_body({.status = told.status,
                                 .code = told.code.empty() ? told.type : told.code,
                                 .message = told.message,
                                 .param = told.param});
  return out;
}

Result<Translation> reply(const Pair& pair, const dialects::ReplyFacts& facts, std::string_view input) {
  if (dialects::error_of_success({}, input, of_upstream)) return error(pair, input);
  const auto read = pair.from.read_reply(input, {}, of_upstream);
  if (!read) return fail(ErrorKind::invalid, read.error().what);
  Translation out;
  out.text = pair.to.write_reply(*read, facts, out.losses);
  return out;
}

class Streaming {
 public:
  Streaming(const Pair& pair, const dialects::ReplyFacts& facts)
      : from_(pair.from),
        to_(pair.to),
        reader_(pair.from.read_events(way_back_, of_upstream)),
        writer_(pair.to.write_events(facts)) {}

  Result<Translation> run(std::string_view input) {
    wire::Splitter splitter(from_.framing, event_cap);
    splitter.feed(input);
    for (;;) {
      const auto frame = splitter.next();
      if (!frame) return std::unexpected(frame.error());
      if (!*frame) break;
      feed(**frame);
    }
    if (const auto rest = splitter.finish()) feed(*rest);
    events_.clear();
    reader_->finish(events_);
    write();
    return std::move(out_);
  }

 private:
  void feed(const wire::Frame& frame) {
    events_.clear();
    reader_->feed(frame, events_);
    write();
  }
  void write() {
    for (const chat::Event& event : events_) {
      if (const auto* failed = std::get_if<chat::Failed>(&event)) out_.failure = failed->error.message;
      writer_->feed(event, out_.text, out_.losses);
      if (!out_.failure.empty() || !writer_->gave_up()) continue;
      out_.failure = "too much of the answer came out of turn";
      out_.text += to_.broken_stream({.status = 502, .code = "upstream_protocol", .message = out_.failure});
    }
  }

  const Dialect& from_;
  const Dialect& to_;
  const dialects::WayBack way_back_;
  std::unique_ptr<dialects::EventReader> reader_;
  std::unique_ptr<dialects::EventWriter> writer_;
  std::vector<chat::Event> events_;
  Translation out_;
};

Result<const Dialect*> named(std::string_view word) {
  const Dialect* dialect = dialects::find_spoken(word);
  if (!dialect) return fail(ErrorKind::invalid, fmt::format("there is no dialect '{}'", word));
  return dialect;
}

}  // namespace

Result<Translation> translate(const TranslationTask& task, std::string_view input) {
  const auto from = named(task.from), to = named(task.to);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  const Pair pair{**from, **to};
  const bool asks = task.what == TranslationTask::What::request;
  if (asks ? pair.from.read_request == nullptr : pair.to.write_reply == nullptr)
    return fail(ErrorKind::invalid, fmt::format("no client speaks '{}'", asks ? task.from : task.to));
  const dialects::ReplyFacts facts{.id = "translated", .now = task.now};
  using What = TranslationTask::What;
  if (task.what == What::request) return request(pair, task, input);
  if (task.what == What::reply) return reply(pair, facts, input);
  return Streaming(pair, facts).run(input);
}

}  // namespace apigw::assembly
