#include "output.h"

#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/on_screen.h"
#include "base/text.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

std::string json(const ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

// A cell as one line of text.
std::string cell(const ordered_json& row, std::string_view key) {
  const auto found = row.find(std::string{key});
  if (found == row.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_boolean()) return found->get<bool>() ? "yes" : "no";
  if (!found->is_array()) return json(*found, -1);
  std::string list;
  for (const ordered_json& item : *found)
    list += (list.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : json(item, -1));
  return list;
}

std::string shown(const ordered_json& row, std::string_view key) {
  return text::printable(cell(row, key), 4096);
}

std::size_t width_of(std::string_view s) {
  return static_cast<std::size_t>(std::ranges::count_if(s, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string for_people(const Table& table, const ordered_json& rows, bool color) {
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) {
    std::size_t width = width_of(column.title);
    for (const ordered_json& row : rows) width = std::max(width, width_of(shown(row, column.key)));
    widths.push_back(width);
  }
  const auto line = [&](auto&& text_of) {
    std::string out;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string text = text_of(table.columns[i]);
      out += text;
      if (i + 1 < widths.size()) out.append(widths[i] - width_of(text) + 2, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  const std::string titles = line([](const Column& column) { return std::string{column.title}; });
  std::string out = color ? "\x1b[1m" + titles + "\x1b[0m\n" : titles + "\n";
  for (const ordered_json& row : rows)
    out += line([&](const Column& column) { return shown(row, column.key); }) + "\n";
  return out;
}

std::string tab_separated(const Table& table, const ordered_json& rows) {
  std::string out;
  for (const ordered_json& row : rows)
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      out += shown(row, table.columns[i].key) + (i + 1 < table.columns.size() ? "\t" : "\n");
  return out;
}

// RFC 4180, with the newline of this system.
std::string comma_separated(const Table& table, const ordered_json& rows) {
  const auto quoted = [](const std::string& value) {
    if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
    std::string out = "\"";
    for (const char c : value) out += c == '"' ? std::string{"\"\""} : std::string{c};
    return out + "\"";
  };
  std::string out;
  const auto end = [&](std::size_t i) { return i + 1 < table.columns.size() ? "," : "\n"; };
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += quoted(std::string{table.columns[i].key}) + end(i);
  for (const ordered_json& row : rows)
    for (std::size_t i = 0; i < table.columns.size(); ++i) out += quoted(cell(row, table.columns[i].key)) + end(i);
  return out;
}

// A text that YAML 1.1 and 1.2 both read back as this text needs no quotes; a JSON string is a YAML string otherwise.
std::string yaml_scalar(const ordered_json& value) {
  static constexpr std::string_view words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  if (!value.is_string()) return json(value, -1);
  const auto& word = value.get_ref<const std::string&>();
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '/';
  });
  const bool reserved = std::ranges::any_of(words, [&](std::string_view w) { return text::iequals(w, word); });
  return plain && !reserved && word.front() != '-' ? word : json(value, -1);
}

void write_yaml(std::string& out, const ordered_json& value, std::size_t indent) {
  const auto child = [&](const ordered_json& inner, bool in_list) {
    if (!inner.is_structured() || inner.empty()) {
      out += " " + (inner.is_structured() ? json(inner, -1) : yaml_scalar(inner)) + "\n";
    } else if (in_list && inner.is_object()) {  // the first member stands behind the dash
      std::string body;
      write_yaml(body, inner, indent + 2);
      out += " " + body.substr(indent + 2);
    } else {
      out += "\n";
      write_yaml(out, inner, indent + 2);
    }
  };
  for (const auto& [key, inner] : value.items()) {
    out += std::string(indent, ' ') + (value.is_array() ? "-" : yaml_scalar(key) + ":");
    child(inner, value.is_array());
  }
}

std::string document(std::string_view kind, const ordered_json& body, std::string_view format) {
  ordered_json whole{{"apigw", 1}, {"kind", kind}};
  whole.update(body);
  if (format == "json") return json(whole, 2) + "\n";
  if (format == "jsonl") return json(whole, -1) + "\n";
  std::string out;
  write_yaml(out, whole, 0);
  return out;
}

std::string lines(std::string_view kind, const ordered_json& rows) {
  std::string out;
  for (const ordered_json& row : rows) out += document(kind, row, "jsonl");
  return out;
}

std::string table_text(const Table& table, const ordered_json& rows, std::string_view format, bool color) {
  if (format == "table") return for_people(table, rows, color);
  if (format == "tsv") return tab_separated(table, rows);
  if (format == "csv") return comma_separated(table, rows);
  if (format == "jsonl") return lines(table.kind, rows);
  return document(table.kind, ordered_json{{"items", rows}}, format);
}

}  // namespace

std::expected<std::vector<Destination>, Complaint> destinations(const Globals& globals,
                                                                std::span<const std::string_view> formats) {
  std::vector<Destination> all;
  for (const std::string& asked : globals.output) {
    const auto equals = asked.find('=');
    Destination destination{.format = asked.substr(0, equals),
                            .file = equals == std::string::npos ? std::string{} : asked.substr(equals + 1)};
    if (std::ranges::find(formats, destination.format) == formats.end()) {
      const auto near = text::closest(destination.format, formats);
      std::string list;
      for (const std::string_view format : formats) list += fmt::format("{}{}", list.empty() ? "" : ", ", format);
      return std::unexpected(
          Complaint{fmt::format("--output cannot be '{}' here", text::printable(destination.format)),
                    near ? fmt::format("did you mean '{}'?", *near) : "one of " + list});
    }
    if (equals != std::string::npos && destination.file.empty())
      return std::unexpected(Complaint{fmt::format("--output '{}' names no file", asked), "write FORMAT=FILE"});
    all.push_back(std::move(destination));
  }
  if (std::ranges::count_if(all, [](const Destination& d) { return d.file.empty(); }) > 1)
    return std::unexpected(Complaint{"two outputs for one stdout", "send one to a file: -o FORMAT=FILE"});
  if (all.empty()) all.emplace_back();
  return all;
}

Exit deliver(Env& env, const Destination& destination, std::string_view text) {
  if (destination.file.empty()) {
    env.out << text;
    return Exit::done;
  }
  // A typing error in a path should not leave folders behind.
  const std::string folder = std::filesystem::path{destination.file}.parent_path().string();
  if (!folder.empty() && !env.files.directory(folder))
    return complain(env, Exit::input,
                    fmt::format("write '{}': there is no folder '{}'", text::printable(destination.file),
                                text::printable(folder)),
                    "make it first: mkdir -p");
  const auto written = env.files.write(destination.file, text, 0644);
  return written ? Exit::done : complain(env, exit_of_file(written.error()), written.error().what);
}

Exit write_table(Env& env, const Globals& globals, const Table& table, const ordered_json& rows) {
  const auto all = destinations(globals, table_formats);
  if (!all) return complain(env, Exit::input, all.error());
  for (const Destination& destination : *all) {
    const bool on_terminal = destination.file.empty() && env.terminal.out;
    const std::string format = destination.format.empty() ? (on_terminal ? "table" : "tsv") : destination.format;
    const bool color = destination.file.empty() && env.terminal.color_out;
    if (const Exit exit = deliver(env, destination, table_text(table, rows, format, color)); exit != Exit::done)
      return exit;
  }
  return Exit::done;
}

Exit write_document(Env& env, const Globals& globals, std::string_view kind, const ordered_json& body,
                    const std::function<std::string(bool color)>& text, Words words) {
  const auto all = destinations(globals, document_formats);
  if (!all) return complain(env, Exit::input, all.error());
  for (const Destination& destination : *all) {
    const bool plain = destination.format.empty() || destination.format == "text";
    const bool color = destination.file.empty() && env.terminal.color_out;
    std::string out = plain ? text(color) : document(kind, body, destination.format);
    // In a document the escapes are JSON's own.
    if (words == Words::of_model && destination.file.empty() && env.terminal.out) out = text::on_screen(out);
    if (const Exit exit = deliver(env, destination, out); exit != Exit::done) return exit;
  }
  return Exit::done;
}

}  // namespace apigw::cli
