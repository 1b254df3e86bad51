#include "dialects/dialect.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "base/text.h"
#include "http/target.h"

namespace apigw::dialects {

namespace {

std::string renamed(std::string_view body, const RequestFacts& facts, std::string_view model) {
  const std::string name = json::quote(fmt::format("{}{}", facts.named_as, model));
  std::string out;
  std::size_t done = 0;
  for (const json::Slice& place : facts.named_again) {
    out.append(body.substr(done, place.begin - done)).append(name);
    done = place.end;
  }
  return out.append(body.substr(done));
}

}  // namespace

void append_upstream(std::string& target, const Endpoint& endpoint, std::string_view model, bool stream) {
  constexpr std::string_view variable = "{model}";
  const std::string_view path = stream && !endpoint.streamed.empty() ? endpoint.streamed : endpoint.upstream;
  const auto at = path.find(variable);
  target.append(path.substr(0, at));
  if (at != std::string_view::npos) target.append(http::encode(model)).append(path.substr(at + variable.size()));
}

bool asks_answer(std::string_view operation) {
  return operation == "chat" || operation == "generate";
}

bool asks_ranking(std::string_view operation) {
  return operation == "rerank";
}

std::string edited(std::string_view body, const RequestFacts& facts, std::string_view model) {
  if (!facts.named_again.empty() && model != facts.model) return renamed(body, facts, model);
  // The model's place and the forced edit never overlap, so the earlier one goes first and the bytes between go as
  // they are.
  const bool renames = model != facts.model && facts.model_at.end != 0;
  std::string quoted = !renames ? "" : facts.form ? std::string(model) : json::quote(model);
  if (renames && facts.model_at.begin == facts.model_at.end)
    quoted = fmt::format(R"("model":{}{})", quoted, facts.scanned.members.empty() ? "" : ",");
  const Splice rename{.begin = facts.model_at.begin, .end = facts.model_at.end, .text = quoted};
  const Splice* edits[2] = {};
  std::size_t count = 0;
  if (!quoted.empty()) edits[count++] = &rename;
  if (facts.forced) edits[count++] = &*facts.forced;
  if (count == 2 && edits[1]->begin < edits[0]->begin) std::swap(edits[0], edits[1]);
  std::string out;
  out.reserve(body.size() + quoted.size() + (facts.forced ? facts.forced->text.size() : 0));
  std::size_t done = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out.append(body.substr(done, edits[i]->begin - done)).append(edits[i]->text);
    done = edits[i]->end;
  }
  return out.append(body.substr(done));
}

std::string value_for_provider(const OwnHeader& header, const http::Headers& from) {
  if (header.allowed.empty()) return std::string(from.find(header.name).value_or(header.otherwise));
  std::string kept;
  for (const auto [name, value] : from) {
    if (name != header.name) continue;
    for (const std::string_view word : text::split(value, ',')) {
      const std::string_view flag = text::trim(word);
      const auto fits = [&](std::string_view pattern) { return text::glob(pattern, flag); };
      if (std::ranges::any_of(header.allowed, fits)) kept.append(kept.empty() ? "" : ",").append(flag);
    }
  }
  return kept.empty() ? std::string(header.otherwise) : kept;
}

std::string TargetTraits::why(std::string_view known, std::string_view taken) const {
  return assumed ? fmt::format("this model is not known here, so it is taken {}", taken) : std::string(known);
}

const Dialect* find_dialect(std::string_view word) {
  const auto rows = roster();
  const auto found = std::ranges::find(rows, word, &RosterRow::word);
  return found == rows.end() ? nullptr : found->dialect;
}

const Dialect* find_spoken(std::string_view word) {
  const auto rows = of_providers();
  const auto found = std::ranges::find(rows, word, &RosterRow::word);
  return found == rows.end() ? find_dialect(word) : found->dialect;
}

const Dialect& for_mock(const Dialect& spoken) {
  if (spoken.variant_of != nullptr) return *spoken.variant_of;
  return spoken.read_request != nullptr ? spoken : *find_dialect("openai");
}

std::string_view word_of(const Dialect& dialect) {
  const auto found = std::ranges::find(roster(), &dialect, &RosterRow::dialect);
  assert(found != roster().end());
  return found->word;
}

Result<chat::Request> read_request(const Dialect& dialect, std::string_view body, const json::Limits& limits) {
  auto scanned = json::scan(body, limits);
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  return dialect.read_request(body, std::move(*scanned));
}

Result<chat::Request> read_scanned(const Dialect& dialect, std::string_view body, const RequestFacts& facts) {
  auto request = dialect.read_request(body, facts.scanned);
  if (!request || dialect.read_path == nullptr) return request;
  request->model = facts.model;
  request->stream = request->stream_usage = facts.stream;
  return request;
}

Result<WrittenRequest> write_request(const Dialect& client, const Dialect& target, const chat::Request& request,
                                     const TargetTraits& traits, chat::Losses& losses) {
  auto written = target.write_request(request, traits, losses);
  for (const OwnName& name : client.own_names) losses.rename(name.hub, name.own);
  return written;
}

const Endpoint* find_endpoint(const Dialect& dialect, std::string_view operation) {
  const auto found = std::ranges::find(dialect.endpoints, operation, &Endpoint::operation);
  return found == dialect.endpoints.end() ? nullptr : &*found;
}

const Endpoint& endpoint(const Dialect& dialect, std::string_view operation) {
  const Endpoint* found = find_endpoint(dialect, operation);
  assert(found != nullptr);
  return *found;
}

}  // namespace apigw::dialects
