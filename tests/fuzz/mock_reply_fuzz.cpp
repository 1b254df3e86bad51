// Chat and embedding requests to the mock, in every dialect: nothing thrown, bounded, and what comes out is JSON or a
// whole stream of it.
#include <string_view>

#include "base/json.h"
#include "fuzz/law.h"
#include "mock/reply.h"
#include "wire/sse.h"

namespace json = apigw::json;
namespace mock = apigw::mock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const std::string_view target :
       {"/v1/chat/completions", "/v1/embeddings", "/v1/messages", "/v1/responses", "/models/m:generateContent",
        "/models/m:streamGenerateContent", "/models/m:countTokens", "/models/m:batchEmbedContents"}) {
    const mock::Reply reply = mock::reply_to({.method = "POST", .target = target, .body = body}, {});
    LAW(reply.status == 200 || !reply.streamed);
    if (reply.end != mock::Reply::End::whole || reply.content_type == "text/html") continue;
    for (const std::string& piece : reply.pieces) {
      if (!reply.streamed) {
        LAW(json::scan(piece, {.depth = 128}).has_value());
        continue;
      }
      apigw::wire::SseSplitter splitter;
      splitter.feed(piece);
      const auto frame = splitter.next();
      LAW(frame && *frame && (*frame)->raw == piece);
      LAW((*frame)->data == "[DONE]" || json::scan((*frame)->data).has_value());
    }
  }
  return 0;
}
