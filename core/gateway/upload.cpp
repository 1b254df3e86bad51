#include "gateway/upload.h"

#include <boost/asio/detached.hpp>

namespace apigw::gateway {

void Upload::start(UpstreamCall& call, dialects::FormRequest* form) {
  call_ = &call;
  running_ = true;
  ended_.lower();
  boost::asio::co_spawn(io_, pump(form), boost::asio::detached);
}

Task<void> Upload::end() {
  if (running_) {
    call_->abort();
    exchange_.stop_body();
  }
  co_await ended_.wait();
}

Task<void> Upload::pump(dialects::FormRequest* form) {
  for (bool last = false; !last;) {
    auto piece = co_await exchange_.read_body();
    last = piece && (piece->empty() || exchange_.body_done());
    auto taken = !piece ? Result<void>(std::unexpected(std::move(piece.error())))
                 : form ? form->feed(*piece, last)
                        : Result<void>();
    if (!taken) {
      client_error_ = std::move(taken.error());
      call_->abort();
      break;
    }
    const auto sent = co_await call_->send_more(*piece, last);
    if (!sent) break;
  }
  exchange_.body_used();
  running_ = false;
  ended_.raise();
}

}  // namespace apigw::gateway
