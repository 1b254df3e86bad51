#include "yaml/insert.h"

#include <algorithm>
#include <span>

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

// Whether the blank lines behind a node are its own: its last leaf is a block scalar that keeps them (`|+`, `>+`).
bool keeps_blank_lines(std::string_view text, const Node& node) {
  if (node.defined_at.known()) return false;
  if (node.kind == Kind::sequence) return !node.items.empty() && keeps_blank_lines(text, *node.items.back());
  if (node.kind == Kind::mapping) return !node.entries.empty() && keeps_blank_lines(text, *node.entries.back().value);
  const std::string_view header =
      text.substr(node.span.begin, std::min<std::size_t>(3, text.size() - node.span.begin));
  return node.style == Style::block && header.substr(0, header.find('\n')).contains('+');
}

// Behind the blank lines that follow the line in which `at` stands: in the last of them.
std::size_t over_blank_lines(std::string_view text, std::size_t at) {
  for (std::size_t feed = text.find('\n', at); feed != std::string_view::npos;) {
    const std::size_t next = text.find('\n', feed + 1);
    const std::string_view line = text.substr(feed + 1, next == std::string_view::npos ? next : next - feed - 1);
    if (!std::ranges::all_of(line, is_space)) break;
    if (next == std::string_view::npos) return line.empty() ? feed : feed + 1;
    at = next;
    feed = next;
  }
  return at;
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
  const std::size_t end = end_of(mapping.entries.back());
  return below_line(text, keeps_blank_lines(text, mapping) ? over_blank_lines(text, end) : end,
                    fmt::format("{}{}", indent, entry));
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

// Of the document: a line `...` ends it. None stands inside of a text, where it would end that too.
std::size_t end_of_document(std::string_view text) {
  for (std::size_t line = 0; line < text.size();) {
    if (text.substr(line).starts_with("...") && ends_word(text, line + 3)) return line;
    const std::size_t feed = text.find('\n', line);
    line = feed == std::string_view::npos ? text.size() : feed + 1;
  }
  return text.size();
}

// At the end of the document, an empty line in front unless it would be one more of a block scalar's own.
Insertion as_new_section(std::string_view whole, const Node& root, std::string_view section, std::string_view entry) {
  const std::string_view newline = line_end_of(whole), text = whole.substr(0, end_of_document(whole));
  std::string added = text.empty() || text.ends_with('\n') ? "" : std::string(newline);
  if (!text.empty() && !keeps_blank_lines(text, root)) added += newline;
  return {text.size(), added + fmt::format("{}:{}  {}{}", section, newline, entry, newline)};
}

Result<Insertion> find_place(std::string_view text, const Node& root, std::string_view section,
                             const NewEntry& entry) {
  if (root.is_null()) return as_new_section(text, root, section, in_block(entry));
  if (root.kind != Kind::mapping) return fail(ErrorKind::invalid, "the document is no mapping");
  for (const Entry& candidate : root.entries)
    if (candidate.key->value == section) return into_section(text, candidate, entry);
  if (text[root.span.begin] == '{')
    return into_flow(text, root, fmt::format("{}: {{ {} }}", section, in_flow(entry)));
  return as_new_section(text, root, section, in_block(entry));
}

bool same(const Node& before, const Node& after);

bool same_entries(std::span<const Entry> before, std::span<const Entry> after) {
  return std::ranges::equal(
      before, after, [](const Entry& a, const Entry& b) { return same(*a.key, *b.key) && same(*a.value, *b.value); });
}

// As a reader of the document sees the two: where they stand does not matter. As deep as the parser lets a tree be.
bool same(const Node& before, const Node& after) {
  return before.kind == after.kind && before.style == after.style && before.value == after.value &&
         before.tag == after.tag && same_entries(before.entries, after.entries) &&
         std::ranges::equal(before.items, after.items, [](const Node* a, const Node* b) { return same(*a, *b); });
}

// Whether `after` has all that `before` has (nothing: null) and one entry more, the last, with that key.
bool one_more(const Node* before, const Node& after, std::string_view key) {
  const std::span<const Entry> had = before == nullptr ? std::span<const Entry>{} : before->entries;
  return after.kind == Kind::mapping && after.entries.size() == had.size() + 1 &&
         after.entries.back().key->value == key && same_entries(had, std::span(after.entries).first(had.size())) &&
         (before == nullptr || before->tag == after.tag);
}

// Whether `after` is `before` with that one entry more in the section, which is the last where it was missing.
bool adds_only(const Node& before, const Node& after, std::string_view section, std::string_view key) {
  const Node* const grown = after.find(section);
  if (grown == nullptr) return false;
  if (before.find(section) == nullptr) return one_more(&before, after, section) && one_more(nullptr, *grown, key);
  return std::ranges::equal(before.entries, after.entries, [&](const Entry& a, const Entry& b) {
    return same(*a.key, *b.key) &&
           (a.key->value == section ? one_more(a.value, *b.value, key) : same(*a.value, *b.value));
  });
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
    return fail(ErrorKind::invalid,
                fmt::format("to add to '{}' would change something else too{}", section,
                            text_.ends_with('\n') ? "" : ", as the last line of the file has no end"));
  *this = std::move(*grown);
  return {};
}

}  // namespace apigw::yaml
