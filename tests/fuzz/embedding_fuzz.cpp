// Calls for vectors and their replies through the hub: what one dialect reads every one writes as what it can read,
// with as many inputs and vectors; and a vector survives the way into its other form and back.
#include <string_view>

#include "dialects/dialect.h"
#include "fuzz/law.h"

namespace chat = apigw::chat;
namespace dialects = apigw::dialects;
namespace json = apigw::json;

namespace {

constexpr json::Limits roomy{.depth = 200, .members = 20'000};
constexpr std::string_view operations[] = {"embeddings", "batch_embeddings"};

void requests(const dialects::Embeddings& from, std::string_view operation, std::string_view body) {
  auto scanned = json::scan(body);
  if (!scanned) return;
  if (const auto list = from.list(operation, body, *scanned)) {
    std::size_t inputs = 0;
    for (const dialects::CutBody& piece : dialects::cut(body, *list, 2)) {
      LAW(piece.inputs > 0 && piece.inputs <= 2);
      const auto again = json::scan(piece.body);
      LAW(again && from.list(operation, piece.body, *again));
      inputs += piece.inputs;
    }
    LAW(inputs == json::elements(body, *list).size());
  }
  const auto request = from.read_request(operation, body, std::move(*scanned));
  if (!request) return;
  LAW(!request->inputs.empty());
  for (const auto& row : dialects::roster()) {
    if (row.dialect->embeddings == nullptr) continue;
    const dialects::Embeddings& to = *row.dialect->embeddings;
    chat::Losses losses;
    const auto written = to.write_request(*request, request->inputs, "m", losses);
    if (!written) {
      LAW(written.error().kind == apigw::ErrorKind::invalid && !written.error().what.empty());
      continue;
    }
    auto again = json::scan(written->body, roomy);
    LAW(again);
    const auto read = to.read_request(written->operation, written->body, std::move(*again));
    LAW(read && read->inputs.size() == request->inputs.size());
  }
}

void replies(const dialects::Embeddings& from, std::string_view body) {
  auto reply = from.read_reply(body, {});
  if (!reply) return;
  for (chat::Vector& vector : reply->vectors) {
    if (!dialects::bring(vector, chat::VectorForm::base64) || !dialects::bring(vector, chat::VectorForm::floats))
      return;
    const std::string digits = vector.text;
    LAW(dialects::bring(vector, chat::VectorForm::base64) && dialects::bring(vector, chat::VectorForm::floats));
    LAW(vector.text == digits);
  }
  for (const auto& row : dialects::roster()) {
    if (row.dialect->embeddings == nullptr) continue;
    for (const std::string_view operation : operations) {
      if (operation == "embeddings" && row.word == "gemini" && reply->vectors.size() != 1) continue;
      chat::Losses losses;
      const auto written = row.dialect->embeddings->write_reply(operation, *reply, {.id = "id", .now = 1}, losses);
      const auto again = row.dialect->embeddings->read_reply(written, roomy);
      LAW(again && again->vectors.size() == reply->vectors.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto& row : dialects::roster()) {
    if (row.dialect->embeddings == nullptr) continue;
    for (const std::string_view operation : operations) requests(*row.dialect->embeddings, operation, body);
    replies(*row.dialect->embeddings, body);
  }
  return 0;
}
