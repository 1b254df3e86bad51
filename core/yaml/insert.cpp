#include "yaml/insert.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "yaml/place.h"
#include "yaml/tree.h"

namespace apigw::yaml {
namespace {

struct Insertion {
  std::size_t at = 0;
  std::string text;
};

std::string_view line_end_of(std::string_view text) {
  return text.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
}

// Behind the line break of the line in which `at` stands; what is inserted there may have to bring one along.
Insertion below_line(std::string_view text, std::size_t at, std::string line) {
  const std::string_view newline = line_end_of(text);
  const std::size_t feed = text.find('\n', at);
  if (feed == std::string_view::npos) return {text.size(), fmt::format("{}{}{}", newline, line, newline)};
  return {feed + 1, fmt::format("{}{}", line, newline)};
}

// The last byte that belongs to an entry.
std::size_t end_of(const Entry& entry) {
  return entry.value->span.begin == entry.value->span.end ? entry.key->span.end : entry.value->span.end;
}

std::string in_flow(const NewEntry& entry) {
  return fmt::format("{}: {}", entry.flow, entry.value);
}

std::string in_block(const NewEntry& entry) {
  return fmt::format("{}: {}{}{}", entry.block, entry.value, entry.comment.empty() ? "" : "  ", entry.comment);
}

Result<Insertion> into_flow(std::string_view text, const Node& mapping, std::string_view entry) {
  if (!mapping.entries.empty()) return Insertion{end_of(mapping.entries.back()), fmt::format(", {}", entry)};
  const std::size_t inside = mapping.span.begin + 1;
  const bool blank = text.substr(inside, 1) == " ";
  return Insertion{inside, fmt::format(" {}{}", entry, blank ? "" : " ")};
}

Result<Insertion> into_block(std::string_view text, const Node& mapping, std::string_view entry) {
  const std::size_t key = mapping.entries.back().key->span.begin;
  const std::size_t line = start_of_line(text, key);
  const std::string_view indent = text.substr(line, key - line);
  if (!std::ranges::all_of(indent, is_blank)) return fail(ErrorKind::invalid, "its entries do not begin their lines");
  return below_line(text, end_of(mapping.entries.back()), fmt::format("{}{}", indent, entry));
}

Result<Insertion> into_section(std::string_view text, const Entry& section, const NewEntry& entry) {
  const Node& node = *section.value;
  if (node.defined_at.known()) return fail(ErrorKind::invalid, "it is an alias of another place");
  const bool left_out = node.is_null() && node.span.begin == node.span.end;
  if (left_out) return below_line(text, section.key->span.end, fmt::format("  {}", in_block(entry)));
  if (node.kind != Kind::mapping) return fail(ErrorKind::invalid, "it is no mapping");
  return text[node.span.begin] == '{' ? into_flow(text, node, in_flow(entry))
                                      : into_block(text, node, in_block(entry));
}

// At the end of the document, an empty line in front.
Insertion as_new_section(std::string_view text, std::string_view section, std::string_view entry) {
  const std::string_view newline = line_end_of(text);
  std::string added = text.empty() || text.ends_with('\n') ? "" : std::string(newline);
  if (!text.empty()) added += newline;
  return {text.size(), added + fmt::format("{}:{}  {}{}", section, newline, entry, newline)};
}

Result<Insertion> find_place(std::string_view text, const Node& root, std::string_view section,
                             const NewEntry& entry) {
  if (root.is_null()) return as_new_section(text, section, in_block(entry));
  if (root.kind != Kind::mapping) return fail(ErrorKind::invalid, "the document is no mapping");
  for (const Entry& candidate : root.entries)
    if (candidate.key->value == section) return into_section(text, candidate, entry);
  if (text[root.span.begin] == '{')
    return into_flow(text, root, fmt::format("{}: {{ {} }}", section, in_flow(entry)));
  return as_new_section(text, section, in_block(entry));
}

std::vector<std::string_view> keys_of(const Node* node) {
  std::vector<std::string_view> keys;
  if (node != nullptr)
    for (const Entry& entry : node->entries) keys.push_back(entry.key->value);
  return keys;
}

// Whether `after` has the keys of `before` at its top and in the section, and there one more, the last.
bool adds_only(const Node& before, const Node& after, std::string_view section, std::string_view key) {
  auto top = keys_of(&before), inside = keys_of(before.find(section));
  if (std::ranges::find(top, section) == top.end()) top.push_back(section);
  inside.push_back(key);
  return keys_of(&after) == top && keys_of(after.find(section)) == inside;
}

}  // namespace

Result<OpenDocument> OpenDocument::read(std::string text) {
  diag::Sources sources;
  diag::Report report;
  auto tree = parse(sources.add("", text), sources, report);
  if (!tree || report.has_errors()) return fail(ErrorKind::invalid, "the text is broken YAML");
  return OpenDocument(std::move(text), std::move(*tree));
}

Result<void> OpenDocument::add(std::string_view section, const NewEntry& entry) {
  const Node& root = tree_.root();
  const Node* const there = root.kind == Kind::mapping ? root.find(section) : nullptr;
  if (there != nullptr && there->kind == Kind::mapping && there->find(entry.key) != nullptr) return {};
  const auto place = find_place(text_, root, section, entry);
  if (!place)
    return fail(ErrorKind::invalid, fmt::format("'{}' cannot be added to: {}", section, place.error().what));
  auto grown = read(std::string(text_).insert(place->at, place->text));
  if (!grown || !adds_only(root, grown->tree_.root(), section, entry.key))
    return fail(ErrorKind::invalid, fmt::format("'{}' would hold more than one new entry", section));
  *this = std::move(*grown);
  return {};
}

}  // namespace apigw::yaml
