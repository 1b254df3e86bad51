// One try at one target: the request as it goes on the wire, the only destination it may go to, and its body.
//
// Made only from a GrantedCall, and only an Attempt is dispatched: skipping admission or permission does not compile.
// The credential is written into the request here, beside the destination that it belongs to; both come from the same
// line of the Plan, none from a request. Pure: explain and tests make the same Attempts and send none.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/compiled.h"
#include "gateway/outcome.h"
#include "gateway/transport.h"
#include "gateway/upstream_request.h"
#include "policy/permission.h"

namespace apigw::gateway {

class Attempt {
 public:
  // To instance `instance` of the service that `match` leads to. `request` is cleared and filled; it and what the
  // match views must outlive the attempt. Error invalid: the route's rewrite names what its path has not.
  static Result<Attempt> to_service(const policy::GrantedCall& granted, const Compiled& compiled,
                                    const http::RequestHead& head, const routing::Match& match, std::size_t instance,
                                    const Introduction& introduction, UpstreamRequest& request);
  // To target number `target` of the grant's permit; `losses` are cleared and filled. Refusals: those of write_body.
  static std::variant<Attempt, policy::Refusal> to_model(const policy::GrantedCall& granted, const Compiled& compiled,
                                                         ModelRequest& call, std::size_t target,
                                                         const Introduction& introduction, UpstreamRequest& request,
                                                         chat::Losses& losses);

  [[nodiscard]] const UpstreamRequest& request() const { return *request_; }
  [[nodiscard]] const Destination& destination() const { return *destination_; }
  [[nodiscard]] const model::Timeouts& timeouts() const { return *timeouts_; }
  // Of a model call.
  [[nodiscard]] std::string_view body() const { return written_.body; }
  [[nodiscard]] const dialects::Dialect& dialect() const { return *dialect_; }
  [[nodiscard]] bool translated() const { return written_.translated; }
  [[nodiscard]] const dialects::WayBack& way_back() const { return written_.way_back; }
  // Of a call for vectors through the hub; null: it is none.
  [[nodiscard]] const EmbeddingCalls* calls() const { return written_.calls.get(); }
  // Becomes the next of its calls; false: there is none. The request of the one before must be over.
  [[nodiscard]] bool go_on();
  [[nodiscard]] bool mock() const { return mock_; }
  [[nodiscard]] Instance& instance() const { return *instance_; }
  // Where the provider's access token is; null: its credential stands in the request.
  [[nodiscard]] credential::TokenSlot* token() const { return token_; }
  // Writes the token into the request. The destination is the one that it belongs to.
  void bear(const Secret& token) const;
  // What the log will call it.
  [[nodiscard]] AttemptRecord record() const;

 private:
  Attempt(const policy::GrantedCall& /*proof*/, UpstreamRequest& request) : request_(&request) {}

  UpstreamRequest* request_;
  const Destination* destination_ = nullptr;
  const model::Timeouts* timeouts_ = nullptr;
  WrittenBody written_;
  const dialects::Dialect* dialect_ = nullptr;
  bool mock_ = false;
  UpstreamSeries* upstream_ = nullptr;
  ModelSeries* series_ = nullptr;
  Instance* instance_ = nullptr;
  credential::TokenSlot* token_ = nullptr;
  std::string_view model_;
  const catalogue::ModelRow* row_ = nullptr;
};

}  // namespace apigw::gateway
