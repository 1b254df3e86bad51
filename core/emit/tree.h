// The words for typed trees, as emitters say them.
#pragma once
#include "render/tree.h"

namespace apigw::emit {

using render::boolean;
using render::find;
using render::list;
using render::number;
using render::object;
using render::Pair;
using render::put;
using render::text;
using render::texts;
using render::Value;

}  // namespace apigw::emit
