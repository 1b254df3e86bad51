#include "gateway/translation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialects/form_request.h"
#include "gateway/prompt_call.h"

namespace apigw::gateway {
namespace {

const ProviderLine& line_of(const Compiled& compiled, const model::Target& target) {
  return compiled.providers[static_cast<std::size_t>(target.provider)];
}

policy::Refusal lossy(const chat::Loss& loss) {
  return {400,
          "lossy_translation",
          fmt::format("'{}' would be {} on the way to this model: {}", text::printable(loss.path, 100),
                      word(loss.kind), loss.why),
          {}};
}

Writing translated(ModelRequest& call, const dialects::Dialect& dialect, const dialects::TargetTraits& traits,
                   bool refuse_losses, chat::Losses& losses) {
  const auto& read = call.in_hub();
  if (!read) return unreadable(read.error());
  if (call.prompt) losses = call.prompt->unsaid;
  auto written = dialects::write_request(call.client, dialect, *read, traits, losses);
  if (!written) return unreadable(written.error());
  if (dialect.edit_body != nullptr) written->body = dialect.edit_body(std::move(written->body));
  if (refuse_losses) {
    if (const chat::Loss* loss = chat::first_lost(losses)) return lossy(*loss);
  }
  return WrittenBody{std::move(written->body), true, std::move(written->way_back)};
}

WrittenBody first_of(EmbeddingCalls calls, bool translated) {
  auto made = std::make_unique<EmbeddingCalls>(std::move(calls));
  std::string body = made->next().value_or(std::string());
  return {std::move(body), translated, {}, std::move(made)};
}

Writing embedding(ModelRequest& call, const dialects::Embeddings& target, std::string_view model, bool refuse_losses,
                  chat::Losses& losses) {
  const auto& read = call.vectors_in_hub();
  if (!read) return unreadable(read.error());
  auto calls = write_calls(*read, target, model, losses);
  if (!calls) return unreadable(calls.error());
  if (refuse_losses) {
    if (const chat::Loss* loss = chat::first_lost(losses)) return lossy(*loss);
  }
  return first_of(std::move(*calls), true);
}

// Makers whose models on a platform take no JSON schema for their answer.
constexpr auto without_schema = std::to_array<std::string_view>({"ai21", "amazon", "cohere", "meta", "writer"});

Writing edited(const Compiled& compiled, const ModelRequest& call, const dialects::Dialect& dialect,
               std::string_view model) {
  std::string body = dialects::edited(call.body, call.facts(), model);
  if (dialect.edit_body != nullptr) body = dialect.edit_body(std::move(body));
  if (takes_at_once(call.client, call.operation, call.body, call.facts().scanned))
    return WrittenBody{std::move(body), false, {}};
  auto calls = cut_calls(call.client, call.operation, body, {.depth = compiled.plan->caps.json_depth});
  if (!calls) return unreadable(calls.error());
  return first_of(std::move(*calls), false);
}

}  // namespace

std::variant<CallFacts, policy::Refusal> read_call(const dialects::Dialect& client, std::string_view operation,
                                                   const CallPath& path, std::string_view body,
                                                   const json::Limits& limits) {
  std::optional<dialects::PathCall> named;
  if (client.read_path) {
    named = client.read_path(path.rest, path.query);
    if (!named) return policy::Refusal{404, "no_route", "no such operation on a model is served here", {}};
    operation = named->operation;
  }
  auto facts = client.scan_request(operation, body, limits);
  if (!facts) return unreadable(facts.error());
  if (named) {
    facts->model = std::move(named->model);
    facts->stream = facts->wants_usage = named->stream;
    facts->framing = named->framing;
  }
  return CallFacts{operation, std::move(*facts)};
}

std::variant<CallFacts, policy::Refusal> read_form_call(std::string_view operation, std::string_view content_type,
                                                        std::string_view body) {
  auto form = dialects::FormRequest::of(content_type);
  if (!form) return unreadable(form.error());
  if (const auto read = form->feed(body, true); !read) return unreadable(read.error());
  return CallFacts{operation, *form->facts()};
}

policy::Refusal unreadable(const Error& error) {
  return {error.kind == ErrorKind::too_large ? 413 : 400, "invalid_request", error.what, {}};
}

const Result<chat::Request>& ModelRequest::in_hub() {
  static const Result<chat::Request> gone = fail(ErrorKind::invalid, "the call was given up to its last target");
  if (forgotten_) return gone;
  if (!hub_) hub_ = std::make_unique<Result<chat::Request>>(dialects::read_scanned(client, body, facts_));
  return *hub_;
}

const Result<chat::EmbeddingRequest>& ModelRequest::vectors_in_hub() {
  if (!vectors_)
    vectors_ = std::make_unique<Result<chat::EmbeddingRequest>>(
        client.embeddings->read_request(operation, body, facts_.scanned));
  return *vectors_;
}

void ModelRequest::forget() {
  hub_.reset();
  vectors_.reset();
  facts_.scanned = {};
  forgotten_ = true;
}

std::string_view model_at(const model::Target& target, const dialects::RequestFacts& facts) {
  return target.model.empty() ? std::string_view(facts.model) : std::string_view(target.model);
}

Way way(const dialects::Dialect& client, std::string_view operation, const dialects::Dialect& target) {
  const dialects::Endpoint* own = dialects::find_endpoint(client, operation);
  if (own != nullptr && own->upstream.empty()) return Way::here;
  const bool spoken = &client == &target || &client == target.variant_of || client.also_at == &target ||
                      dialects::asks_ranking(operation);
  const bool served = own != nullptr && dialects::find_endpoint(target, operation) != nullptr;
  if (spoken && served) return Way::bytes;
  if (operation == "count_tokens" && client.count_body) return Way::estimated;
  if (spoken) return Way::refused;
  const bool vectors = dialects::asks_vectors(operation) && client.embeddings && target.embeddings;
  return dialects::asks_answer(operation) || vectors ? Way::translated : Way::refused;
}

Writing write_body(const Compiled& compiled, ModelRequest& call, const model::Target& target, bool refuse_losses,
                   chat::Losses& losses) {
  const dialects::Dialect& dialect = *line_of(compiled, target).dialect;
  const std::string_view name = model_at(target, call.facts());
  const Way by = call.prompt ? Way::translated : way(call.client, call.operation, dialect);
  if (by != Way::bytes && by != Way::translated) {
    return policy::Refusal{
        501,
        "not_offered",
        fmt::format("the provider '{}' does not offer {}", compiled.plan->at(target.provider).name, call.operation),
        {}};
  }
  if (name == "." || name == "..")  // where it stands in a path, that would be another one
    return policy::Refusal{400, "invalid_request", fmt::format("no model is named '{}'", name), {}};
  if (by == Way::bytes) return edited(compiled, call, dialect, name);
  if (!call.prompt && dialects::asks_vectors(call.operation))
    return embedding(call, *dialect.embeddings, name, refuse_losses, losses);
  return translated(call, dialect,
                    target_traits(*compiled.models, dialect, compiled.plan->at(target.provider).name, name),
                    refuse_losses, losses);
}

dialects::TargetTraits target_traits(const catalogue::Models& models, std::string_view provider,
                                     std::string_view model) {
  using dialects::TargetTraits;
  const catalogue::Traits known = models.traits(provider, model);
  constexpr auto thoughts = std::to_array(
      {TargetTraits::Thoughts::none, TargetTraits::Thoughts::text_only, TargetTraits::Thoughts::details});
  return {.model = std::string(model),
          .max_output = known.max_output,
          .thinks_by_effort = known.thinks_by_effort,
          .native_schema = known.native_schema,
          .thinks = known.thinks,
          .always_thinks = known.always_thinks,
          .two_efforts = known.two_efforts,
          .fixed_sampling = known.fixed_sampling,
          .max_tokens_only = known.max_tokens_only,
          .top_k = known.top_k,
          .cache_marks = known.cache_marks ? TargetTraits::CacheMarks::control : TargetTraits::CacheMarks::none,
          .thoughts = thoughts[static_cast<std::size_t>(known.thoughts)],
          .assumed = known.assumed};
}

dialects::TargetTraits target_traits(const catalogue::Models& models, const dialects::Dialect& spoken,
                                     std::string_view provider, std::string_view model) {
  if (spoken.variant_of != nullptr) {  // a version may stand behind an @
    dialects::TargetTraits traits = target_traits(models, spoken.maker, model.substr(0, model.find('@')));
    traits.model = model;
    return traits;
  }
  if (spoken.read_request != nullptr) return target_traits(models, provider, model);
  const catalogue::Made made = catalogue::made_by(model);
  dialects::TargetTraits traits;
  if (made.maker == "anthropic")
    traits = target_traits(models, made.maker, made.model);
  else
    traits.native_schema = std::ranges::find(without_schema, made.maker) == without_schema.end();
  traits.model = model;
  traits.maker = made.maker;
  if (const catalogue::ModelRow* row = models.find(provider, model)) traits.max_output = row->max_output;
  return traits;
}

bool counts_here(const Compiled& compiled, const ModelRequest& call, const model::Target& target) {
  return way(call.client, call.operation, *line_of(compiled, target).dialect) == Way::estimated;
}

int client_status(int status, const dialects::Dialect& client) {
  if (status == 529 && !client.says_overloaded) return 503;
  return status < 400 || status > 599 ? 502 : status;
}

}  // namespace apigw::gateway
