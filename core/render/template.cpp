// The filling of a template: its nodes are walked once, and what values bring is only copied.
#include "render/template.h"

#include <optional>

namespace apigw::render {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// What `this` is, and what the loop says of it.
struct Scope {
  const Value* value = nullptr;  // null: absent
  const Scope* outer = nullptr;
  std::size_t index = 0, count = 0;
  std::string_view key;
};

class Rendering {
 public:
  Rendering(Language language, const Bounds& bounds) : language_(language), bounds_(bounds) {}

  Result<void> write(const std::vector<Node>& nodes, const Scope& scope) {
    for (const Node& node : nodes) {
      if (++steps_ > bounds_.steps) return too_long();
      if (auto done = write(node, scope); !done) return done;
      if (bytes_ + text_.size() > bounds_.bytes)
        return fail(ErrorKind::too_large, "the template's text becomes too large");
    }
    return {};
  }

  std::vector<Passage> take() {
    end_passage();
    return std::move(passages_);
  }

 private:
  static std::unexpected<Error> too_long() {
    return fail(ErrorKind::too_large, "the template repeats itself too often");
  }

  Result<void> write(const Node& node, const Scope& scope) {
    switch (node.kind) {
      case Node::Kind::text:
        literal(node.text);
        return {};
      case Node::Kind::role:
        end_passage();
        role_ = node.text;
        return {};
      case Node::Kind::when:
      case Node::Kind::unless: {
        const bool holds = truth(node.path, scope) == (node.kind == Node::Kind::when);
        return write(holds ? node.body : node.otherwise, scope);
      }
      case Node::Kind::each:
        return repeat(node, scope);
      case Node::Kind::print:
      case Node::Kind::json:
        return print(node, scope);
    }
    return {};
  }

  // Blanks that the template itself has around a passage are its layout; those that a value brings are its text.
  void literal(std::string_view text) {
    const bool trimming = language_ == Language::prompt;
    if (trimming && text_.empty()) text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    text_ += text;
    const std::size_t last = text.find_last_not_of(blanks);
    if (last != std::string_view::npos) solid_ = text_.size() - (text.size() - last - 1);
  }

  void value_text(std::string_view text) {
    text_ += text;
    solid_ = text_.size();
  }

  Result<void> print(const Node& node, const Scope& scope) {
    if (node.path.special != Path::Special::none) {
      value_text(special(node.path, scope));
      return {};
    }
    const Value* value = find(node.path, scope);
    if (!value && language_ == Language::file)
      return fail(ErrorKind::invalid, fmt::format("line {}: no value for '{}'", node.line, node.path.written));
    if (!value || (value->kind == Value::Kind::none && node.kind == Node::Kind::print)) return {};
    const bool plain =
        node.kind == Node::Kind::print && value->kind != Value::Kind::list && value->kind != Value::Kind::object;
    if (plain) {
      value_text(value->text);
      return {};
    }
    std::string written;
    write_json(*value, written);
    value_text(written);
    return {};
  }

  Result<void> repeat(const Node& node, const Scope& scope) {
    const Value* list = node.path.special == Path::Special::none ? find(node.path, scope) : nullptr;
    const std::size_t items = list ? list->items.size() : 0, members = list ? list->members.size() : 0;
    if (items + members == 0) return write(node.otherwise, scope);
    for (std::size_t i = 0; i < items + members; ++i) {
      if (++steps_ > bounds_.steps) return too_long();
      const Scope inner{i < items ? &list->items[i] : &list->members[i - items].value, &scope, i, items + members,
                        i < items ? std::string_view() : std::string_view(list->members[i - items].name)};
      if (auto done = write(node.body, inner); !done) return done;
    }
    return {};
  }

  static const Scope& outward(const Path& path, const Scope& scope) {
    const Scope* at = &scope;
    for (std::size_t i = 0; i < path.up && at->outer; ++i) at = at->outer;
    while (path.root && at->outer) at = at->outer;
    return *at;
  }

  static const Value* find(const Path& path, const Scope& scope) {
    const Value* value = outward(path, scope).value;
    for (const std::string& name : path.names) {
      if (!value) return nullptr;
      value = value->kind == Value::Kind::list ? item(*value, name) : value->find(name);
    }
    return value;
  }

  static const Value* item(const Value& list, std::string_view name) {
    std::size_t index = 0;
    for (const char c : name) {
      if (c < '0' || c > '9' || index > list.items.size()) return nullptr;
      index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index < list.items.size() ? &list.items[index] : nullptr;
  }

  static std::string special(const Path& path, const Scope& scope) {
    const Scope& at = outward(path, scope);
    switch (path.special) {
      case Path::Special::index:
        return fmt::to_string(at.index);
      case Path::Special::first:
        return at.index == 0 ? "true" : "false";
      case Path::Special::last:
        return at.index + 1 == at.count ? "true" : "false";
      case Path::Special::key:
        return at.key.empty() ? fmt::to_string(at.index) : std::string(at.key);
      case Path::Special::none:
        break;
    }
    return {};
  }

  static bool truth(const Path& path, const Scope& scope) {
    switch (path.special) {
      case Path::Special::none: {
        const Value* value = find(path, scope);
        return value && value->truth();
      }
      case Path::Special::index:
        return outward(path, scope).index != 0;
      case Path::Special::key:
        return true;
      case Path::Special::first:
      case Path::Special::last:
        return special(path, scope) == "true";
    }
    return false;
  }

  void end_passage() {
    if (language_ == Language::prompt) text_.resize(solid_);
    const bool blank = text_.find_first_not_of(blanks) == std::string::npos;
    if (language_ == Language::file || !blank) {
      bytes_ += text_.size();
      passages_.push_back({role_, std::move(text_)});
    }
    text_.clear();
    solid_ = 0;
  }

  Language language_;
  const Bounds& bounds_;
  std::vector<Passage> passages_;
  std::string role_, text_;  // of the passage that is being written
  std::size_t solid_ = 0;    // bytes of text_ up to the last one that is no blank of the template
  std::size_t bytes_ = 0, steps_ = 0;
};

}  // namespace

Result<std::vector<Passage>> Template::render(const Value& values, const Bounds& bounds) const {
  Rendering rendering(language_, bounds);
  if (auto done = rendering.write(nodes_, {.value = &values}); !done) return std::unexpected(std::move(done.error()));
  return rendering.take();
}

Result<std::string> render(std::string_view text, const Values& values) {
  const auto parsed = Template::parse(text, Language::file);
  if (!parsed) {
    const Fault& fault = parsed.error().front();
    const auto line = 1 + std::ranges::count(text.substr(0, fault.begin), '\n');
    return fail(ErrorKind::invalid, fmt::format("line {}: {}", line, fault.message));
  }
  Value all{Value::Kind::object, {}, {}, {}};
  for (const auto& [name, value] : values) all.members.push_back({name, text_value(value)});
  auto passages = parsed->render(all);
  if (!passages) return std::unexpected(std::move(passages.error()));
  return passages->empty() ? std::string() : std::move(passages->front().text);
}

}  // namespace apigw::render
