// What an upstream is asked, as a value: the routed call of a client turned into the request that goes on.
//
// Pure, and the only place where such requests are written: what is dispatched and what `explain` shows come from
// here. Decides nothing about who may call; only an Attempt, made from a GrantedCall, is ever sent.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "gateway/compiled.h"
#include "gateway/translation.h"
#include "gateway/transport.h"
#include "http/message.h"
#include "routing/router.h"

namespace apigw::gateway {

// What the gateway says about a call to its upstream.
struct Introduction {
  std::string_view request_id;
  std::string_view traceparent;
  std::string_view instance;                       // our name in Via
  std::chrono::system_clock::time_point now = {};  // when it is sent, where its signature says so
};

// To instance `instance` of the service that `match` leads to. `request` is cleared and filled. Error invalid: the
// route's rewrite names what its path has not.
[[nodiscard]] Result<void> write_service_request(const Compiled& compiled, const http::RequestHead& head,
                                                 const routing::Match& match, std::size_t instance,
                                                 const Introduction& introduction, UpstreamRequest& request);

// To `target`, which was written `body`, with `credential` as the value of its provider's header (empty: none). A
// signature is not among what is written: it stands over all of it.
void write_model_request(const Compiled& compiled, const ModelRequest& call, const model::Target& target,
                         const WrittenBody& body, const Introduction& introduction, std::string_view credential,
                         UpstreamRequest& request);

}  // namespace apigw::gateway
