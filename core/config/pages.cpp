// The config's reference: one page a field and the JSON Schema for editors, both from the field tables.
#include <fmt/format.h>

#include "base/json.h"
#include "config/load.h"
#include "config/tables.h"
#include "yaml/schema.h"

namespace apigw::config {
namespace {

std::string words_of(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

// What only the rosters know: which names bring everything, and which dialects there are.
std::string more(const yaml::Page& page, const Vocabulary& vocabulary) {
  if (page.path == "providers.*.dialect") return "; dialects: " + words_of(vocabulary.spoken());
  if (page.path != "providers") return {};
  std::vector<std::string_view> names;
  for (const KnownProvider& row : vocabulary.providers) names.push_back(row.name);
  return "; known names: " + words_of(names);
}

}  // namespace

std::vector<FieldPage> field_pages(const Vocabulary& vocabulary) {
  std::vector<FieldPage> pages;
  for (yaml::Page& page : yaml::pages_of(root_table())) {
    FieldPage out{page.path, page.type, std::string(page.row->doc) + more(page, vocabulary),
                  std::string(page.row->fallback)};
    out.enforced = page.row->use == yaml::Use::enforced;
    if (page.row->use == yaml::Use::later) out.doc += " (not enforced by this version yet)";
    if (!page.row->example.empty()) out.examples.push_back(fmt::format("{}: {}", page.row->key, page.row->example));
    pages.push_back(std::move(out));
  }
  return pages;
}

std::string json_schema(const Vocabulary&) {
  std::string root = yaml::table_schema(root_table(), {"apigw"});
  root.pop_back();  // the closing brace: definitions follow
  return fmt::format(
      "{{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"title\":\"apigw.yaml\",\"description\":{},{},\n"
      "\"definitions\":{{\"profile\":{}}}}}\n",
      json::quote(root_table().doc), root.substr(1),
      yaml::table_schema(root_table(), {}, {"apigw", "include", "profiles"}));
}

}  // namespace apigw::config
