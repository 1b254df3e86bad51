#include "import/config_draft.h"

#include <algorithm>
#include <cassert>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "render/yaml_writer.h"

namespace apigw::import {
namespace {

constexpr std::string_view order[] = {"listen", "defaults", "timeouts", "caps",      "outbound",
                                      "routes", "services", "models",   "providers", "consumers"};
constexpr std::size_t line_limit = 110;  // of what stands on one line in braces

void write_value(const Value& value, std::size_t indent, const std::string& note, std::string& out);

// The value behind "-": of a mapping the first member stands on the same line.
void write_item(const Value& value, std::size_t indent, std::string& out) {
  std::string lines;
  write_value(value, indent, {}, lines);
  out += lines.starts_with('\n') ? " " + lines.substr(1 + indent) : lines;
}

// The value behind "key:", its lines at `indent`; `note` stands on the first line.
void write_value(const Value& value, std::size_t indent, const std::string& note, std::string& out) {
  const std::string flow = render::write_yaml_line(value);
  if (flow.size() + indent <= line_limit || (value.items.empty() && value.members.empty())) {
    out += fmt::format(" {}{}\n", flow, note);
    return;
  }
  out += note + '\n';
  for (const Value& item : value.items) {
    out.append(indent, ' ') += '-';
    write_item(item, indent + 2, out);
  }
  for (const render::Member& member : value.members) {
    out.append(indent, ' ').append(render::write_yaml_line(text(member.name))) += ':';
    write_value(member.value, indent + 2, {}, out);
  }
}

std::string note_of(const diag::Sources& sources, Span from, std::string_view comment) {
  std::string out;
  if (from.known()) out = fmt::format("line {}", sources.position(from.source, from.begin).line);
  if (!comment.empty()) out += fmt::format("{}{}", out.empty() ? "" : ", ", text::printable(comment, 80));
  return out.empty() ? out : "  # " + out;
}

}  // namespace

Value text(std::string_view s) {
  return render::text_value(std::string(s));
}
Value number(std::uint64_t n) {
  return {Value::Kind::number, std::to_string(n), {}, {}};
}
Value boolean(bool b) {
  return {Value::Kind::boolean, b ? "true" : "false", {}, {}};
}
Value texts(const std::vector<std::string>& items) {
  Value out{Value::Kind::list, {}, {}, {}};
  for (const std::string& item : items) out.items.push_back(text(item));
  return out;
}
Value object() {
  return {Value::Kind::object, {}, {}, {}};
}
void put(Value& object, std::string_view name, Value value) {
  const auto there = std::ranges::find(object.members, name, &render::Member::name);
  if (there != object.members.end())
    there->value = std::move(value);
  else
    object.members.push_back({std::string(name), std::move(value)});
}

std::string literal(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s.substr(i).starts_with("${")) out += '$';
    out += s[i];
  }
  return out;
}

ConfigDraft::Section& ConfigDraft::section(std::string_view name) {
  assert(std::ranges::find(order, name) != std::end(order));
  return sections_.try_emplace(std::string(name)).first->second;
}

Entry& ConfigDraft::entry(std::string_view name, std::string_view key, Span from, std::string comment) {
  Section& in = section(name);
  const auto [at, fresh] = in.index.emplace(key, in.entries.size());
  if (fresh) in.entries.push_back({std::string(key), from, std::move(comment), {}});
  return in.entries[at->second];
}

Entry* ConfigDraft::find(std::string_view name, std::string_view key) {
  Section& in = section(name);
  const auto at = in.index.find(key);
  return at == in.index.end() ? nullptr : &in.entries[at->second];
}

std::vector<Entry>& ConfigDraft::entries(std::string_view name) {
  return section(name).entries;
}

void ConfigDraft::set(std::string_view name, Value value, Span from) {
  section(name).value = std::move(value);
  section(name).from = from;
}

std::string ConfigDraft::free_name(std::string_view name, std::string_view wanted) {
  constexpr std::size_t longest = 56;  // of 64, with room for a number
  std::string out(config::is_name(wanted) && wanted.size() <= longest ? wanted : "");
  for (const char c : out.empty() ? wanted.substr(0, 4 * longest) : "") {
    const bool kept = config::letter(c) || config::digit(c) || ((c == '.' || c == '_') && !out.empty());
    if (kept)
      out += text::lower(c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
    if (out.size() >= longest) break;
  }
  while (!out.empty() && (out.back() == '-' || out.back() == '.' || out.back() == '_')) out.pop_back();
  if (out.empty()) out = "api";
  const std::string base = out;
  std::size_t& n = numbers_[fmt::format("{} {}", name, base)];
  while (find(name, out) != nullptr) out = fmt::format("{}-{}", base, ++n + 1);
  return out;
}

Span ConfigDraft::from(const Place& place) const {
  const auto in = sections_.find(place.section);
  if (in == sections_.end()) return {};
  if (place.key.empty()) return in->second.from;
  const auto at = in->second.index.find(place.key);
  return at == in->second.index.end() ? Span{} : in->second.entries[at->second].from;
}

void ConfigDraft::remove(const std::vector<Place>& places) {
  // By section and key, copied: those of the places are views into what goes.
  struct Gone {
    bool whole = false;
    std::set<std::size_t> alternatives;
  };
  std::map<std::string, std::map<std::string, Gone>> gone;
  for (const Place& place : places) {
    Gone& here = gone[std::string(place.section)][std::string(place.key)];
    here.whole = here.whole || !place.alternative;
    if (place.alternative) here.alternatives.insert(*place.alternative);
  }
  for (const auto& [name, keys] : gone) {
    Section& in = section(name);
    if (keys.contains("")) in.value.reset();
    std::erase_if(in.entries, [&](Entry& entry) {
      const auto at = keys.find(entry.key);
      if (at == keys.end()) return false;
      std::size_t i = 0;
      std::erase_if(entry.values, [&](const Value&) { return at->second.alternatives.contains(i++); });
      return at->second.whole || entry.values.empty();
    });
    in.index.clear();
    for (std::size_t i = 0; i < in.entries.size(); ++i) in.index.emplace(in.entries[i].key, i);
  }
}

ConfigText ConfigDraft::write(const diag::Sources& sources, std::string_view head) const {
  ConfigText out{.text = fmt::format("# {}\napigw: 1\n", text::printable(head, 400)), .places = {}};
  for (const std::string_view name : order) {
    const auto at = sections_.find(name);
    if (at == sections_.end()) continue;
    const Section& in = at->second;
    const auto note = [&](std::string_view key, std::size_t begin, std::optional<std::size_t> alternative = {}) {
      out.places.push_back({begin, out.text.size(), at->first, key, alternative});
    };
    if (in.value) {
      const std::size_t begin = out.text.size();
      out.text += fmt::format("\n{}:", name);
      write_value(*in.value, 2, note_of(sources, in.from, {}), out.text);
      note({}, begin);
    }
    if (in.entries.empty()) continue;
    out.text += fmt::format("\n{}:\n", name);
    for (const Entry& entry : in.entries) {
      const std::size_t begin = out.text.size();
      const std::string words = note_of(sources, entry.from, entry.comment);
      out.text += fmt::format("  {}:", render::write_yaml_key(entry.key));
      if (entry.values.size() == 1) {
        write_value(entry.values[0], 4, words, out.text);
        note(entry.key, begin);
        continue;
      }
      out.text += entry.values.empty() ? fmt::format(" {{}}{}\n", words) : words + '\n';
      note(entry.key, begin);
      for (std::size_t i = 0; i < entry.values.size(); ++i) {
        const std::size_t item = out.text.size();
        out.text += "    -";
        write_item(entry.values[i], 6, out.text);
        note(entry.key, item, i);
      }
    }
  }
  return out;
}

}  // namespace apigw::import
