// Requests of the OpenAI dialect: an edited body is JSON, names the target's model and nothing else differs that was
// not asked for.
#include <string>
#include <string_view>

#include "dialects/dialect.h"
#include "fuzz/law.h"

namespace dialects = apigw::dialects;
namespace json = apigw::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const dialects::Dialect& openai = *dialects::find_dialect("openai");
  const auto facts = openai.scan_request("chat", body, {});
  if (!facts) return 0;
  const std::string model = "a \"b\" / \xc3\xa9";
  const std::string edited = dialects::edited(body, *facts, model);
  const auto again = openai.scan_request("chat", edited, {.depth = 65, .members = 10'001});
  LAW(again && again->model == model && again->stream == facts->stream);
  LAW(!again->forced && (!again->stream || again->wants_usage));
  LAW(edited.size() <= body.size() + model.size() + 64);
  // Undone, the edit of the model leaves the original bytes wherever usage was not forced.
  if (!facts->forced) {
    const std::string back = dialects::edited(edited, *again, facts->model);
    LAW(back.starts_with(body.substr(0, facts->model_at.begin)) && back.ends_with(body.substr(facts->model_at.end)));
  }
  return 0;
}
