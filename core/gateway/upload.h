// Carries a request body that is not all there yet from the client to the upstream, while the reply may already come.
//
// A client that fails aborts the upstream call, and `client_error` says why; an upstream that stops reading only ends
// the upload, since its reply may still be on the way. The owner waits for `end` before it goes.
#pragma once
#include <optional>

#include "dialects/form_request.h"
#include "gateway/signal.h"
#include "gateway/transport.h"
#include "http/exchange.h"

namespace apigw::gateway {

class Upload {
 public:
  Upload(http::Exchange& exchange, boost::asio::io_context& io) : exchange_(exchange), io_(io), ended_(io) {
    ended_.raise();
  }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  // `call` and `form` must live until `end` is done, whatever became of it. A form (null: it is none) reads each
  // piece before it goes up, and what it cannot take ends the upload as a client's error.
  void start(UpstreamCall& call, dialects::FormRequest* form = nullptr);
  [[nodiscard]] bool running() const { return running_; }
  // Ends what is not over. An upstream that answered and stopped reading is let go, and a client that is still
  // sending is not waited for: what it sends behind its reply is nobody's time but its own.
  [[nodiscard]] Task<void> end();
  [[nodiscard]] const std::optional<Error>& client_error() const { return client_error_; }

 private:
  Task<void> pump(dialects::FormRequest* form);

  http::Exchange& exchange_;
  boost::asio::io_context& io_;
  UpstreamCall* call_ = nullptr;  // since start
  Signal ended_;
  bool running_ = false;
  std::optional<Error> client_error_;
};

}  // namespace apigw::gateway
