// From tags to nodes: which construct a tag is, which block it belongs to, and which place of the values it reads.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "render/template.h"
#include "render/tokens.h"

namespace apigw::render {
namespace {

constexpr std::size_t most_faults = 50;
constexpr std::string_view roles[] = {"system", "user", "assistant", "model"};

struct BlockWord {
  std::string_view word;
  Node::Kind kind;
};
constexpr BlockWord blocks[] = {{"if", Node::Kind::when}, {"unless", Node::Kind::unless}, {"each", Node::Kind::each}};

struct SpecialWord {
  std::string_view word;
  Path::Special special;
};
constexpr SpecialWord specials[] = {{"@index", Path::Special::index},
                                    {"@first", Path::Special::first},
                                    {"@last", Path::Special::last},
                                    {"@key", Path::Special::key}};

// Words of Handlebars and its relatives that people will try, and what to write here.
struct Hint {
  std::string_view start, help;
};
constexpr Hint hints[] = {
    {">", "partials are not part of this language: write the text out"},
    {"&", "nothing is escaped here: write {{name}}"},
    {"^", "write {{else}}"},
    {"~", "blanks are not cut by '~': a block's tag alone on its line takes the line along"},
    {"else", "write {{else}} and put a block of its own behind it"},
    {"history", "a prompt holds its own messages only: write them with {{role}}"},
    {"media", "a prompt holds text only"},
    {"section", "write the text out"},
};

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::size_t word_end(std::string_view s) {
  return static_cast<std::size_t>(std::ranges::find_if(s, blank) - s.begin());
}

std::string_view behind(std::string_view s, std::size_t at) {
  s.remove_prefix(at);
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  return s;
}

}  // namespace

class Parser {
 public:
  Parser(std::string_view text, Language language) : text_(text), result_(language) {}

  std::expected<Template, std::vector<Fault>> run() {
    if (text_.size() > Template::most_bytes) {
      return std::unexpected(std::vector<Fault>{
          {FaultKind::too_large, 0, 0, "the template is larger than 1 MiB", "split it into several prompts"}});
    }
    open_.push_back({});
    scopes_.emplace_back();
    const auto tokens = tokens_of(text_, faults_);
    if (tokens.size() > 2 * Template::most_tags) {
      add(FaultKind::too_large, tokens.back(), fmt::format("more than {} tags", Template::most_tags),
          "split the template into several");
    }
    for (const Token& token : tokens) {
      if (faults_.size() >= most_faults) break;
      take(token);
    }
    // Of a text that was left in the middle nobody knows what it leaves open.
    const bool whole = faults_.size() < most_faults;
    while (open_.size() > 1) whole ? leave_open() : close_block();
    result_.nodes_ = std::move(open_[0].body);
    if (faults_.empty()) return std::move(result_);
    std::ranges::sort(faults_, {}, [](const Fault& fault) { return std::pair(fault.begin, fault.message); });
    faults_.resize(std::min(faults_.size(), most_faults));
    return std::unexpected(std::move(faults_));
  }

 private:
  struct Open {
    Node node;
    Token tag;
    std::string_view word;
    std::vector<Node> body;  // of the part that is being read
    bool otherwise = false;
  };

  void add(FaultKind kind, const Token& at, std::string message, std::string help = {}) {
    faults_.push_back({kind, at.begin, at.end, std::move(message), std::move(help)});
  }

  [[nodiscard]] std::size_t line_of(const Token& token) {
    line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, token.begin - counted_), '\n'));
    counted_ = token.begin;
    return line_;
  }

  void put(Node node) { open_.back().body.push_back(std::move(node)); }

  void take(const Token& token) {
    if (token.kind == Token::Kind::comment) return;
    if (token.kind == Token::Kind::literal) {
      if (token.begin < token.end)
        put({.kind = Node::Kind::text, .text = std::string(text_.substr(token.begin, token.end - token.begin))});
      return;
    }
    const std::string_view inner = token.inner;
    if (inner.empty()) return add(FaultKind::malformed, token, "a tag is empty", "write a name between the braces");
    if (inner.starts_with('#')) return begin_block(token);
    if (inner.starts_with('/')) return end_block(token);
    if (inner == "else") return other_part(token);
    if (inner.starts_with("role ")) return role(token);
    if (inner.starts_with("json ")) return print(token, Node::Kind::json, behind(inner, 5));
    if (const Hint* hint = hint_for(inner)) return unknown(token, hint->help);
    if (word_end(inner) < inner.size()) return unknown(token, "there are no helpers but role and json");
    print(token, Node::Kind::print, inner);
  }

  static const Hint* hint_for(std::string_view inner) {
    const auto* found = std::ranges::find_if(hints, [&](const Hint& hint) {
      if (name_character(hint.start[0]))
        return inner.starts_with(hint.start) && word_end(inner) == hint.start.size() &&
               word_end(inner) < inner.size();
      return inner.starts_with(hint.start) || (hint.start == "~" && inner.ends_with('~'));
    });
    if (found != std::end(hints)) return found;
    return inner == "history" ? &hints[5] : nullptr;
  }

  void unknown(const Token& token, std::string_view help) {
    add(FaultKind::unknown, token,
        fmt::format("'{}' is not part of the template language", text::printable(token.inner, 60)),
        std::string(help));
  }

  void print(const Token& token, Node::Kind kind, std::string_view written) {
    auto path = path_of(token, written);
    if (!path) return;
    put({.kind = kind, .path = std::move(*path), .line = line_of(token)});
  }

  void role(const Token& token) {
    if (result_.language_ != Language::prompt) return unknown(token, "roles are for prompts");
    const std::string_view quoted = behind(token.inner, 5);
    const bool closed = quoted.size() >= 2 && (quoted[0] == '"' || quoted[0] == '\'') && quoted.back() == quoted[0];
    if (!closed)
      return add(FaultKind::malformed, token, "a role must be a word in quotes", "write {{role \"system\"}}");
    const std::string_view word = quoted.substr(1, quoted.size() - 2);
    if (std::ranges::find(roles, word) == std::end(roles)) {
      const auto meant = text::closest(word, roles);
      return add(FaultKind::role, token, fmt::format("unknown role '{}'", text::printable(word, 60)),
                 meant ? fmt::format("replace with '{}'", *meant) : "roles: system, user, assistant");
    }
    put({.kind = Node::Kind::role, .text = std::string(word == "model" ? "assistant" : word)});
  }

  void begin_block(const Token& token) {
    const std::string_view inner = behind(token.inner, 1);
    const std::string_view word = inner.substr(0, word_end(inner));
    const auto* block = std::ranges::find(blocks, word, &BlockWord::word);
    if (block == std::end(blocks)) {
      unknown(token, "blocks: {{#if}}, {{#unless}}, {{#each}}");
    } else if (open_.size() > Template::most_depth) {
      add(FaultKind::too_large, token, fmt::format("blocks stand more than {} deep", Template::most_depth),
          "split the template into several");
    }
    Open open{.tag = token, .word = word};
    const std::size_t faults = faults_.size();
    if (block != std::end(blocks)) {
      open.node.kind = block->kind;
      open.node.line = line_of(token);
      auto path = path_of(token, behind(inner, word.size()));
      if (path && block->kind == Node::Kind::each && path->special != Path::Special::none)
        malformed(token, "a loop goes over a list, not over a place in one");
      if (path) open.node.path = std::move(*path);
    }
    const bool loop = open.node.kind == Node::Kind::each;
    if (loop) {
      auto scope = faults_.size() == faults && !result_.uses_.empty() ? result_.uses_.back().steps
                                                                      : std::vector<std::string>{};
      scope.emplace_back("*");
      scopes_.push_back(std::move(scope));
    }
    open_.push_back(std::move(open));
  }

  void end_block(const Token& token) {
    const std::string_view word = behind(token.inner, 1);
    if (open_.size() == 1 || open_.back().word != word) {
      const bool any = open_.size() > 1;
      return add(FaultKind::stray_end, token,
                 fmt::format("'{{{{/{}}}}}' closes no open block", text::printable(word, 60)),
                 any ? fmt::format("the open block is {{{{#{}}}}}", text::printable(open_.back().word, 60)) : "");
    }
    close_block();
  }

  void other_part(const Token& token) {
    if (open_.size() == 1 || open_.back().otherwise)
      return add(FaultKind::stray_end, token, "'{{else}}' stands in no block that could take it");
    Open& open = open_.back();
    open.node.body = std::exchange(open.body, {});
    open.otherwise = true;
    // Behind {{else}} a loop's item is gone.
    if (open.node.kind == Node::Kind::each) scopes_.pop_back();
  }

  void close_block() {
    Open open = std::move(open_.back());
    open_.pop_back();
    (open.otherwise ? open.node.otherwise : open.node.body) = std::move(open.body);
    if (open.node.kind == Node::Kind::each && !open.otherwise) scopes_.pop_back();
    put(std::move(open.node));
  }

  void leave_open() {
    const Open& open = open_.back();
    if (open.node.kind != Node::Kind::text)  // a block of no known kind has its finding
      add(FaultKind::open_block, open.tag,
          fmt::format("'{{{{#{}}}}}' is never closed", text::printable(open.word, 60)),
          fmt::format("close it with {{{{/{}}}}}", text::printable(open.word, 60)));
    close_block();
  }

  /* ------------------------------- paths ------------------------------- */

  std::optional<Path> path_of(const Token& token, std::string_view written) {
    Path path{.written = std::string(written)};
    std::string_view rest = written;
    if (rest.empty()) return malformed(token, "a name is missing");
    for (; rest.starts_with("../"); rest.remove_prefix(3)) ++path.up;
    if (rest == "..") ++path.up, rest = {};
    if (path.up >= scopes_.size()) return malformed(token, "'../' leads out of every loop");
    if (const auto* special = std::ranges::find(specials, rest, &SpecialWord::word); special != std::end(specials)) {
      if (scopes_.size() - path.up < 2) return malformed(token, fmt::format("'{}' stands in no loop", rest));
      path.special = special->special;
      return path;
    }
    if (!take_names(token, rest, path)) return std::nullopt;
    add_use(token, path);
    return path;
  }

  bool take_names(const Token& token, std::string_view rest, Path& path) {
    if (rest == "@root" || rest.starts_with("@root.")) {
      path.root = true;
      rest.remove_prefix(std::min<std::size_t>(rest.size(), 6));
    } else if (rest == "this" || rest == "." || rest.starts_with("this.")) {
      rest.remove_prefix(std::min<std::size_t>(rest.size(), 5));
    } else if (rest.starts_with("./")) {
      rest.remove_prefix(2);
    }
    if (rest.empty()) return true;
    for (const std::string_view name : text::split(rest, '.')) {
      if (name.empty() || !std::ranges::all_of(name, name_character)) {
        malformed(token, fmt::format("'{}' is not a name", text::printable(path.written, 60)));
        return false;
      }
      path.names.emplace_back(name);
    }
    return true;
  }

  std::nullopt_t malformed(const Token& token, std::string message) {
    add(FaultKind::malformed, token, std::move(message),
        "a name is letters, digits, '_' and '-', with '.' between a thing and its part");
    return std::nullopt;
  }

  void add_use(const Token& token, const Path& path) {
    Use use{path.root ? std::vector<std::string>{} : scopes_[scopes_.size() - 1 - path.up], token.begin, token.end};
    use.steps.insert(use.steps.end(), path.names.begin(), path.names.end());
    const std::size_t at = text_.substr(token.begin, token.end - token.begin).rfind(path.written);
    use.begin = token.begin + at;
    use.end = use.begin + path.written.size();
    use.certain = open_.size() == 1 && !token.inner.starts_with("#if") && !token.inner.starts_with("#unless");
    result_.uses_.push_back(std::move(use));
  }

  std::string_view text_;
  Template result_;
  std::vector<Fault> faults_;
  std::vector<Open> open_;                        // the first is the template itself
  std::vector<std::vector<std::string>> scopes_;  // what `this` is: of the template, then of each open loop
  std::size_t line_ = 1, counted_ = 0;
};

std::expected<Template, std::vector<Fault>> Template::parse(std::string_view text, Language language) {
  return Parser(text, language).run();
}

}  // namespace apigw::render
