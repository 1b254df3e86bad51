// Each fixture of a dialect that has embeddings as the hub reads it (NAME.hub), and as every such dialect writes that
// (NAME.WORD): a request in calls of two inputs, a reply in both forms of a vector. And what holds for all of them.
#include <doctest/doctest.h>

#include "conformance/hub.h"

using namespace apigw;
using chat::VectorForm;

namespace {

std::vector<dialects::RosterRow> rows() {
  std::vector<dialects::RosterRow> found;
  for (const auto& row : dialects::roster()) {
    if (row.dialect->embeddings != nullptr) found.push_back(row);
  }
  return found;
}

void check(std::filesystem::path fixture, std::string_view extension, const std::string& actual) {
  CAPTURE(fixture.string());
  golden::check(fixture.replace_extension(extension), actual);
}

std::string told(const Error& error) {
  return fmt::format("error {}: {}\n", word(error.kind), error.what);
}

// The operation that a body asks: Gemini has two, and Ollama.
std::string_view operation_of(std::string_view body) {
  if (body.contains("\"prompt\"")) return "prompt_embedding";
  return body.contains("\"requests\"") ? "batch_embeddings" : "embeddings";
}

Result<chat::EmbeddingRequest> read(const dialects::Embeddings& dialect, const std::string& body) {
  auto scanned = json::scan(body, hub::limits());
  if (!scanned) return std::unexpected(scanned.error());
  return dialect.read_request(operation_of(body), body, std::move(*scanned));
}

std::string natives(const chat::Native& native) {
  std::string out;
  for (const auto& field : native.fields) out += fmt::format("native {} {}\n", field.path, field.value.text);
  return out;
}

std::string dump(const chat::EmbeddingRequest& request) {
  std::string out = "model \"" + request.model + "\"\n";
  for (const auto& input : request.inputs)
    out += fmt::format("{} {}\n", input.place, input.other ? input.other->text : json::quote(input.text));
  if (request.dimensions) out += fmt::format("dimensions {}\n", *request.dimensions);
  if (request.form) out += *request.form == VectorForm::base64 ? "as base64\n" : "as floats\n";
  return out + natives(request.native);
}

std::string dump(const chat::EmbeddingReply& reply) {
  std::string out = fmt::format("id \"{}\" model \"{}\"\n", reply.id, reply.model);
  for (const auto& vector : reply.vectors) out += vector.text + "\n";
  out += reply.usage.known ? fmt::format("usage {}\n", reply.usage.total()) : "usage unknown\n";
  return out + natives(reply.native);
}

std::string written(const dialects::Embeddings& target, const chat::EmbeddingRequest& request) {
  chat::Losses losses, again;
  std::string out;
  for (std::size_t from = 0; from < request.inputs.size(); from += 2) {
    const auto some = std::span(request.inputs).subspan(from, std::min<std::size_t>(2, request.inputs.size() - from));
    const auto body = target.write_request(request, some, "target-model", from == 0 ? losses : again);
    if (!body) return told(body.error());
    out += fmt::format("{} {}\n", body->operation, body->body);
  }
  return out + chat_dump::of(losses);
}

std::string written(const dialects::Embeddings& client, chat::EmbeddingReply reply, VectorForm form) {
  for (auto& vector : reply.vectors) {
    if (!dialects::bring(vector, form)) return "cannot be said\n";
  }
  chat::Losses losses;
  const std::string_view operation = reply.vectors.size() > 1 ? "batch_embeddings" : "embeddings";
  return client.write_reply(operation, reply, hub::facts(), losses) + "\n" + chat_dump::of(losses);
}

}  // namespace

TEST_CASE("requests for vectors are read as their hub files say and written as each dialect's files say") {
  std::size_t seen = 0;
  for (const auto& row : rows()) {
    for (const auto& fixture : hub::fixtures(row.word, "embeddings/requests", ".json")) {
      ++seen;
      const auto request = read(*row.dialect->embeddings, golden::read(fixture));
      check(fixture, ".hub", request ? dump(*request) : told(request.error()));
      if (!request) continue;
      for (const auto& target : rows())
        check(fixture, "." + std::string(target.word), written(*target.dialect->embeddings, *request));
    }
  }
  CHECK(seen > 15);
}

TEST_CASE("replies with vectors are read as their hub files say and written as each dialect's files say") {
  std::size_t seen = 0;
  for (const auto& row : rows()) {
    for (const auto& fixture : hub::fixtures(row.word, "embeddings/replies", ".json")) {
      ++seen;
      const auto reply = row.dialect->embeddings->read_reply(golden::read(fixture), hub::limits());
      check(fixture, ".hub", reply ? dump(*reply) : told(reply.error()));
      if (!reply) continue;
      for (const auto& client : rows()) {
        std::string text = written(*client.dialect->embeddings, *reply, VectorForm::floats);
        if (client.word != "gemini" && client.word != "ollama" && client.word != "cohere")
          text += written(*client.dialect->embeddings, *reply, VectorForm::base64);
        check(fixture, "." + std::string(client.word), text);
      }
    }
  }
  CHECK(seen > 10);
}

TEST_CASE("what a dialect writes of a call for vectors it reads again, the same texts and as many vectors") {
  for (const auto& row : rows()) {
    const auto& dialect = *row.dialect->embeddings;
    CAPTURE(row.word);
    chat::EmbeddingRequest request{
        .model = "m", .inputs = {}, .dimensions = 8, .form = VectorForm::floats, .native = {}};
    for (const std::string text : {"a", "", "\"é\n"}) {
      request.inputs.push_back({text, {}, {}});
      chat::Losses losses;
      const auto body = dialect.write_request(request, request.inputs, "m", losses);
      REQUIRE(body);
      const auto again = read(dialect, body->body);
      REQUIRE(again);
      CHECK(chat::first_lost(losses) == nullptr);
      CHECK(again->dimensions == 8);
      REQUIRE(again->inputs.size() == request.inputs.size());
      for (std::size_t i = 0; i < request.inputs.size(); ++i) CHECK(again->inputs[i].text == request.inputs[i].text);
      chat::EmbeddingReply reply{.id = "i", .model = "m", .vectors = {}, .usage = {}, .native = {}};
      for (std::size_t i = 0; i < request.inputs.size(); ++i)
        reply.vectors.push_back({VectorForm::floats, fmt::format("[{}.50,1e-3]", i)});
      const auto told =
          dialect.read_reply(dialect.write_reply(body->operation, reply, hub::facts(), losses), hub::limits());
      REQUIRE(told);
      CHECK_FALSE(told->usage.known);
      REQUIRE(told->vectors.size() == reply.vectors.size());
      for (std::size_t i = 0; i < reply.vectors.size(); ++i) CHECK(told->vectors[i].text == reply.vectors[i].text);
    }
  }
}
