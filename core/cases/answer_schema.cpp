#include "cases/answer_schema.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/schema_text.h"

namespace apigw::cases {
namespace {

constexpr std::size_t most_notes = 5;

void note(std::vector<std::string>& notes, std::string text) {
  if (std::ranges::find(notes, text) == notes.end() && notes.size() <= most_notes)
    notes.push_back(notes.size() < most_notes ? std::move(text) : "and more");
}

}  // namespace

AnswerSchema read_answer_schema(const yaml::Node& schema, const yaml::Node& root, bool modern, yaml::Members& members,
                                std::size_t& left) {
  AnswerSchema out;
  if (left == 0) {
    note(out.unchecked,
         "the schema of the answer is not checked: the schemas of the document are too large together");
    return out;
  }
  const contract::SchemaText text = contract::schema_text(schema, {root, members, modern}, contract::Side::answer);
  left -= std::min(left, text.json.size());
  for (const yaml::BrokenReference& broken : text.broken)
    note(out.unchecked, fmt::format("{}: what it stands for is not checked", broken.why));
  for (const std::string_view word : text.passed_over)
    note(out.unchecked, fmt::format("'{}' of a schema is not checked", word));
  if (text.too_large) {
    note(out.unchecked, "the schema of the answer is not checked: it is larger than 1 MiB");
    return out;
  }
  auto compiled = schema::compile(text.json, {.depth = 256});
  if (!compiled) {
    const schema::Finding& first = compiled.error().front();
    note(out.unchecked,
         fmt::format("the schema of the answer is not checked: {}{}",
                     first.keyword.empty() ? "" : fmt::format("'{}' ", text::printable(first.keyword, 60)),
                     first.why));
    return out;
  }
  for (const schema::Finding& finding : compiled->unclaimed())
    note(out.unchecked, fmt::format("schema keyword '{}' is not checked", text::printable(finding.keyword, 60)));
  out.schema = std::move(*compiled);
  return out;
}

}  // namespace apigw::cases
