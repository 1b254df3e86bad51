// Another program's file on its way into a config: read, imported, and what was lost told.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "command.h"
#include "import/importer.h"

namespace apigw::cli {

// The text of `file`, '-' for stdin. Complains where it cannot be read.
[[nodiscard]] std::expected<std::string, Exit> importable_text(Env& env, const std::string& file);

// Of one of the kinds of `import`. `beside` as of import::read_document.
[[nodiscard]] import::Imported imported(std::string_view kind, const std::string& file, std::string text,
                                        const std::string& beside);

// The path of `file` from `folder`, by which a config there may name it; empty where it stands elsewhere, comes from
// stdin, or has a name that a config cannot say.
[[nodiscard]] std::string path_beside(const Env& env, const std::string& file, const std::string& folder);

// On stderr: in full where nothing was imported and a person reads, else a line each and how many are not shown.
void tell_losses(Env& env, const import::Imported& done);

}  // namespace apigw::cli
