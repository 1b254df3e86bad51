#include "structure/layers.h"

#include <algorithm>
#include <functional>
#include <sstream>

#include <fmt/format.h>

namespace apigw::test {
namespace {

std::set<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::set<std::string> all;
  for (std::string word; in >> word;) {
    all.insert(word);
  }
  return all;
}

// A header of the standard library has neither a directory nor an ending.
bool standard(std::string_view header) {
  return header.find_first_of("/.") == std::string_view::npos;
}

std::string rooms_of(const std::set<std::string>& rooms) {
  return fmt::format("{}", fmt::join(rooms, ", "));
}

// The row of `homes` with the longest start of this header's name; null when no row knows it.
const std::set<std::string>* home(const Layers& layers, std::string_view header) {
  const std::set<std::string>* found = nullptr;
  size_t length = 0;
  for (const auto& [start, rooms] : layers.homes) {
    if (header.starts_with(start) && start.size() >= length) {
      found = &rooms;
      length = start.size();
    }
  }
  return found;
}

std::string judge_angled(const Layers& layers, std::string_view folder, std::string_view header) {
  if (standard(header)) {
    return "";
  }
  const auto* rooms = home(layers, header);
  if (rooms == nullptr) {
    return fmt::format("<{}> has no home in layers.txt", header);
  }
  if (rooms->contains("*") || rooms->contains(std::string(folder))) {
    return "";
  }
  return fmt::format("<{}> stands in '{}', and its home is {}", header, folder, rooms_of(*rooms));
}

std::string judge_quoted(const Layers& layers, std::string_view folder, std::string_view path,
                         std::string_view name) {
  if (name.starts_with("core/")) {
    name.remove_prefix(5);
  }
  const std::string_view target = name.substr(0, name.find('/'));
  if (folder == "cli" && path.starts_with("cli/commands/") && name.starts_with("commands/")) {
    return fmt::format("one command includes another: \"{}\"", name);
  }
  if (target == folder || target == "base" || !layers.arrows.contains(target)) {
    const bool local = target == folder || target == "base" || folder == "cli" || target == name;
    return local ? "" : fmt::format("\"{}\" is in no folder of layers.txt", name);
  }
  const auto from = layers.arrows.find(folder);
  if (from != layers.arrows.end() && from->second.contains(std::string(target))) {
    return "";
  }
  return fmt::format("'{}' may not include '{}' (\"{}\"): layers.txt has no such arrow", folder, target, name);
}

}  // namespace

Layers parse_layers(std::string_view text) {
  Layers layers;
  for (const std::string_view line : lines(text)) {
    const size_t colon = line.find(':');
    if (line.empty() || line.front() == '#' || colon == std::string_view::npos) {
      continue;
    }
    const std::string_view head = line.substr(0, colon);
    if (head.starts_with("uses ")) {
      layers.homes[std::string(head.substr(5))] = words(line.substr(colon + 1));
    } else {
      layers.arrows[std::string(head)] = words(line.substr(colon + 1));
    }
  }
  return layers;
}

std::vector<Include> includes(std::string_view text) {
  std::vector<Include> found;
  int number = 0;
  for (std::string_view line : lines(text)) {
    ++number;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with('#')) {
      continue;
    }
    const size_t word = line.find("include");
    const size_t open = line.find_first_of("<\"");
    if (word == std::string_view::npos || open == std::string_view::npos || word > open) {
      continue;
    }
    const bool angled = line[open] == '<';
    const size_t close = line.find(angled ? '>' : '"', open + 1);
    if (close != std::string_view::npos) {
      found.push_back({number, angled, line.substr(open + 1, close - open - 1)});
    }
  }
  return found;
}

std::string_view folder_of(std::string_view path) {
  if (path.starts_with("cli/")) {
    return "cli";
  }
  if (!path.starts_with("core/")) {
    return "";
  }
  path.remove_prefix(5);
  return path.find('/') == std::string_view::npos ? "" : path.substr(0, path.find('/'));
}

std::vector<std::string> complaints(const Layers& layers, const SourceFile& file) {
  std::vector<std::string> found;
  const std::string_view folder = folder_of(file.path);
  for (const Include& include : includes(file.text)) {
    std::string text = include.angled ? judge_angled(layers, folder, include.name)
                                      : judge_quoted(layers, folder, file.path, include.name);
    if (!text.empty()) {
      found.push_back(fmt::format("{}:{}: {}", file.path, include.line, text));
    }
  }
  return found;
}

std::vector<std::string> circle(const Layers& layers) {
  std::set<std::string, std::less<>> done;
  std::vector<std::string> walk;
  const std::function<bool(const std::string&)> visit = [&](const std::string& folder) {
    if (done.contains(folder)) {
      return false;
    }
    const auto seen = std::ranges::find(walk, folder);
    if (seen != walk.end()) {
      walk.erase(walk.begin(), seen);
      return true;
    }
    walk.push_back(folder);
    if (const auto row = layers.arrows.find(folder); row != layers.arrows.end()) {
      for (const std::string& next : row->second) {
        if (visit(next)) {
          return true;
        }
      }
    }
    walk.pop_back();
    done.insert(folder);
    return false;
  };
  for (const auto& [folder, _] : layers.arrows) {
    if (visit(folder)) {
      return walk;
    }
  }
  return {};
}

}  // namespace apigw::test
