// One HTTP/1.1 exchange in memory: request bytes in, reply bytes out, by httplib's server parser and writer.
//
// httplib reads from and writes to buffers only, so nothing of it blocks, no socket number meets its FD_SETSIZE, and
// what it would let grow is bounded before. Dispatch is ours, from its pre-routing handler: its own routes are
// std::regex. A body is never read.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "control/message.h"

namespace apigw::control {

using Handle = std::function<Reply(const Request&)>;

class Parser {
 public:
  explicit Parser(Handle handle);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  // `head` ends with its empty line. The reply says `connection: close`.
  [[nodiscard]] std::string answer(std::string_view head, const std::string& local_host, int local_port);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace apigw::control
