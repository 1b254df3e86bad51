#include "chat/embedding.h"

#include <iterator>

namespace apigw::chat {

void join(EmbeddingReply& whole, EmbeddingReply later) {
  whole.vectors.insert(whole.vectors.end(), std::make_move_iterator(later.vectors.begin()),
                       std::make_move_iterator(later.vectors.end()));
  whole.native.fields.insert(whole.native.fields.end(), std::make_move_iterator(later.native.fields.begin()),
                             std::make_move_iterator(later.native.fields.end()));
  const bool known = whole.usage.known && later.usage.known;
  whole.usage = known ? Usage{.input = whole.usage.input + later.usage.input, .known = true} : Usage{};
}

}  // namespace apigw::chat
