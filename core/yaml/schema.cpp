#include "yaml/schema.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"

namespace apigw::yaml {
namespace {

std::string schema_of(const Type& type);  // members without braces

std::string braced(const Type& type) {
  return "{" + schema_of(type) + "}";
}

std::string members_of_table(const Table& table, const std::vector<std::string_view>& required,
                             const std::vector<std::string_view>& leave_out);

std::string schema_of(const Type& type) {
  switch (type.shape) {
    case Type::Shape::leaf:
      return std::string(type.schema);
    case Type::Shape::list:
      return R"("type":"array","minItems":1,"items":)" + braced(*type.parts[0]);
    case Type::Shape::map:
      return fmt::format(R"("type":"object","patternProperties":{{{}:{}}},"additionalProperties":false)",
                         json::quote(type.key_pattern), braced(*type.parts[0]));
    case Type::Shape::table:
      return members_of_table(type.table(), {}, {});
    case Type::Shape::any:
      break;
  }
  std::string out;
  for (const Type* part : type.parts) out += (out.empty() ? "" : ",") + braced(*part);
  return R"("anyOf":[)" + out + "]";
}

// A default as JSON where it is one value; words such as "caps.body" stay in the description.
std::string default_of(const Row& row) {
  const std::string_view value = row.fallback;
  if (value.empty() || value.find(' ') != std::string_view::npos) return {};
  if (value == "true" || value == "false") return fmt::format(R"(,"default":{})", value);
  const bool number = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (number) return fmt::format(R"(,"default":{})", value);
  const bool reference =
      value.find('.') != std::string_view::npos && value.find_first_of("0123456789") == std::string_view::npos;
  return reference ? std::string{} : fmt::format(R"(,"default":{})", json::quote(value));
}

std::string description_of(const Row& row) {
  std::string text(row.doc);
  if (row.use == Use::later) text += " (not enforced by this version yet: an error)";
  if (!row.fallback.empty()) text += fmt::format(". Default: {}", row.fallback);
  if (!row.example.empty()) text += fmt::format(". Example: {}", row.example);
  return text;
}

std::string property(const Row& row) {
  // What is not enforced is an error of validate, so that an editor shows it too.
  const std::string type = row.use == Use::later ? R"("not":{})" : schema_of(*row.type);
  return fmt::format(R"({}:{{"description":{}{}{}{}}})", json::quote(row.key), json::quote(description_of(row)),
                     type.empty() ? "" : ",", type, default_of(row));
}

std::string members_of_table(const Table& table, const std::vector<std::string_view>& required,
                             const std::vector<std::string_view>& leave_out) {
  std::string properties;
  for (const Row& row : table.rows) {
    if (std::ranges::find(leave_out, row.key) != leave_out.end()) continue;
    properties += (properties.empty() ? "\n" : ",\n") + property(row);
  }
  std::string out = fmt::format(R"("type":"object","additionalProperties":false,"properties":{{{}}})", properties);
  if (required.empty()) return out;
  std::string names;
  for (std::string_view name : required) names += (names.empty() ? "" : ",") + json::quote(name);
  return out + fmt::format(R"(,"required":[{}])", names);
}

void add_pages(const Table& table, const std::string& above, std::vector<Page>& pages);

void add_pages_below(const Type& type, const std::string& path, std::vector<Page>& pages) {
  switch (type.shape) {
    case Type::Shape::leaf:
      return;
    case Type::Shape::table:
      return add_pages(type.table(), path, pages);
    case Type::Shape::map:
      return add_pages_below(*type.parts[0], path + ".*", pages);
    case Type::Shape::list:
      return add_pages_below(*type.parts[0], path, pages);
    case Type::Shape::any:
      break;
  }
  // A list repeats the fields of its single form: the first alternative with fields has them all.
  for (const Type* part : type.parts) {
    const std::size_t before = pages.size();
    add_pages_below(*part, path, pages);
    if (pages.size() != before) return;
  }
}

void add_pages(const Table& table, const std::string& above, std::vector<Page>& pages) {
  for (const Row& row : table.rows) {
    std::string path = above.empty() ? std::string(row.key) : fmt::format("{}.{}", above, row.key);
    pages.push_back({path, type_words(*row.type), &row});
    add_pages_below(*row.type, path, pages);
  }
}

}  // namespace

std::string type_words(const Type& type) {
  switch (type.shape) {
    case Type::Shape::leaf:
      return std::string(type.word);
    case Type::Shape::table:
      return "mapping";
    case Type::Shape::map:
      return "mapping of " + type_words(*type.parts[0]);
    case Type::Shape::list:
      return "list of " + type_words(*type.parts[0]);
    case Type::Shape::any:
      break;
  }
  const Type& first = *type.parts[0];
  const bool repeated =
      type.parts.size() == 2 && type.parts[1]->shape == Type::Shape::list && type.parts[1]->parts[0] == &first;
  if (repeated) return type_words(first) + ", or a list of them";
  std::string out;
  for (const Type* part : type.parts) out += (out.empty() ? "" : " or ") + type_words(*part);
  return out;
}

std::string table_schema(const Table& table, const std::vector<std::string_view>& required,
                         const std::vector<std::string_view>& leave_out) {
  return "{" + members_of_table(table, required, leave_out) + "}";
}

std::vector<Page> pages_of(const Table& table) {
  std::vector<Page> pages;
  add_pages(table, "", pages);
  return pages;
}

}  // namespace apigw::yaml
