// The edits that findings carry, made on the texts that they point into.
//
// An edit is all parts of one finding or none of them. Where two edits touch, the earlier finding's is made and the
// other left for another look at the new text; an edit that says the same as one that is made counts as made. Bytes
// outside of an edit stay as they are, comments and layout with them. Judges nothing: whether the result is better
// only its reader can say.
#pragma once
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "diag/diagnostic.h"

namespace apigw::diag {

// The findings among `findings` whose edits can be made together; only those with parts in known places.
[[nodiscard]] std::vector<const Diagnostic*> compatible_edits(std::span<const Diagnostic> findings);

// New texts of the sources that change. `text` gives the bytes of one as they are now; offsets past its end are its
// end. `edits` must be compatible.
[[nodiscard]] std::map<SourceId, std::string> edited(std::span<const Diagnostic* const> edits,
                                                     const std::function<std::string(SourceId)>& text);

}  // namespace apigw::diag
