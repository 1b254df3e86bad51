#include "gateway/upload.h"

#include <boost/asio/detached.hpp>

namespace apigw::gateway {

void Upload::start(UpstreamCall& call, dialects::FormRequest* form) {
  running_ = true;
  ended_.lower();
  boost::asio::co_spawn(io_, pump(call, form), boost::asio::detached);
}

Task<void> Upload::pump(UpstreamCall& call, dialects::FormRequest* form) {
  for (bool last = false; !last;) {
    auto piece = co_await exchange_.read_body();
    last = piece && (piece->empty() || exchange_.body_done());
    auto taken = !piece ? Result<void>(std::unexpected(std::move(piece.error())))
                 : form ? form->feed(*piece, last)
                        : Result<void>();
    if (!taken) {
      client_error_ = std::move(taken.error());
      call.abort();
      break;
    }
    const auto sent = co_await call.send_more(*piece, last);
    if (!sent) break;
  }
  exchange_.body_used();
  running_ = false;
  ended_.raise();
}

}  // namespace apigw::gateway
