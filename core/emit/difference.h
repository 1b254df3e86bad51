// What turns one tree into another, as the operations of RFC 6902 or as a merge patch.
#pragma once
#include "emit/tree.h"

namespace apigw::emit {

// An empty list when they are equal. Members are compared one by one; a list of another
// length is replaced whole.
[[nodiscard]] Value difference(const Value& from, const Value& to);
// As an RFC 7396 merge patch of two objects, which is also how Helm lays values over values: none takes a member
// away.
[[nodiscard]] Value merge_difference(const Value& from, const Value& to);
// Order of members does not count.
[[nodiscard]] bool equal(const Value& a, const Value& b);
// A member's name as a step of an RFC 6901 pointer.
[[nodiscard]] std::string pointer_step(std::string_view name);

}  // namespace apigw::emit
