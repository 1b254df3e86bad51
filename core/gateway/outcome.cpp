#include "gateway/outcome.h"

namespace apigw::gateway {

std::string_view word(End end) {
  switch (end) {
    case End::done:
      return "done";
    case End::refused:
      return "refused";
    case End::answered:
      return "answered";
    case End::failed:
      return "failed";
    case End::cut:
      return "cut";
    case End::client_left:
      return "client_left";
  }
  return "failed";
}

}  // namespace apigw::gateway
