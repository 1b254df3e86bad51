// Templates of a team's own: a folder of files, and in it template.yaml, which says how a service starts and what is
// asked.
//
// Files are filled as the built-in ones are, their paths too; findings have places in the template's own files. Pure:
// the folder's content is handed in.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "render/file_tree.h"
#include "scaffold/service.h"

namespace apigw::scaffold {

inline constexpr std::string_view template_file = "template.yaml";

// What is asked of who makes a service.
struct Parameter {
  std::string name;  // letters, digits and '_'
  std::string description;
  enum class Kind : std::uint8_t { text, number, boolean } kind = Kind::text;
  std::vector<std::string> choices;     // empty: any
  std::optional<std::string> fallback;  // absent: it must be given
};
// A value as text; what is wrong with it as a sentence, empty when nothing is.
[[nodiscard]] std::string fault_of(const Parameter& parameter, std::string_view value);

struct OwnTemplate {
  Stack stack;
  std::string kind = "http";
  std::vector<std::string> verbatim;  // globs of paths that are copied as they are
  std::vector<Parameter> parameters;
};

// Nothing when it has errors.
[[nodiscard]] std::optional<OwnTemplate> read_template(SourceId source, const diag::Sources& sources,
                                                       diag::Report& report);

using ParameterValues = std::map<std::string, std::string, std::less<>>;

// The files of a service, by their paths in it. `files` is the folder without template.yaml, by path; `shown` is what
// findings call the folder. A file whose template comes out blank is left out, one that begins with "#!" may be run.
// Errors leave what could be made.
[[nodiscard]] render::FileTree fill_template(const OwnTemplate& made, const std::map<std::string, std::string>& files,
                                             std::string_view shown, const ServiceRequest& request,
                                             const ParameterValues& values, diag::Sources& sources,
                                             diag::Report& report);

}  // namespace apigw::scaffold
