// yaml-cpp's events as nodes; see builder.h.
//
// Marks are byte offsets behind a byte order mark. A null value is reported at the next token and an anchored value
// at its anchor, so every span is settled by place.h.
#include "yaml/builder.h"

#include <istream>
#include <streambuf>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"
#include "yaml/keys.h"
#include "yaml/place.h"
#include "yaml/rest.h"
#include "yaml/stand_in.h"

namespace apigw::yaml {
namespace {

// A stream over a text that is not copied.
struct View : std::streambuf {
  explicit View(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf's get area is never written
    setg(begin, begin, begin + text.size());
  }
};

// Thrown through yaml-cpp to leave it; never leaves this file.
struct Leave {
  Stop stop;
};

struct Anchored {
  const Node* node = nullptr;  // null while its value is still being read
  std::size_t weight = 0;      // nodes in it, aliases expanded
  std::size_t height = 0;      // collections inside each other, itself included
};

struct Frame {
  Node* node = nullptr;
  const Node* key = nullptr;  // of a mapping, while its value is awaited
  bool at_value = false;      // of a mapping
  bool broken = false;        // the entry being read is reported already and left out of the tree
  bool flow = false;          // written in brackets
  std::size_t cursor = 0;     // behind the last child
  std::size_t count_before = 0;
  std::size_t height = 1;
  YAML::anchor_t anchor = 0;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, SourceId source, const Limits& limits, RawTree& reading)
      : text_(text), source_(source), limits_(limits), store_(*reading.store), report_(reading.report) {
    bom_ = bom_size(text);
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto properties = skip_properties(text_, offset_of(mark, text_));
    const bool key = !frames_.empty() && frames_.back().node->kind == Kind::mapping && !frames_.back().at_value;
    std::size_t begin = properties.value, length = key ? null_key(begin) : null_word(text_, begin);
    const bool no_key = key && begin < text_.size() && text_[begin] == ':';
    if (length == 0 && !no_key) begin = properties.end > offset_of(mark, text_) ? properties.end : left_out();
    Node& node = make(Kind::null, begin, begin + length, properties.tag);
    if (key && length > 0) {
      node.kind = Kind::scalar;
      node.value = text_.substr(begin, length);
    }
    finish(node, anchor, 1, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    const auto properties = skip_properties(text_, offset_of(mark, text_));
    Node& node = make(Kind::scalar, properties.value, properties.value, properties.tag);
    end_scalar(node, properties, value);
    if (value.size() > max_scalar) {
      report_.add(118, node.span, fmt::format("a value of {} bytes is too long", value.size()), "more than 1 MiB");
    } else {
      node.value = value;
      // Only plain text can hold a stand-in: a control character elsewhere was written as an escape.
      if (node.style == Style::plain) restore(node.value);
    }
    check_tag(node, properties);
    finish(node, anchor, 1, 0);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t begin = offset_of(mark, text_), end = name_end(text_, begin + 1);
    const Anchored target = anchor < anchors_.size() ? anchors_[anchor] : Anchored{};
    if (target.node == nullptr) {
      report_.add(109, span(begin, end),
                  fmt::format("alias '{}' stands inside the value it names", text_.substr(begin, end - begin)),
                  "its value is not complete here");
      throw Leave{{begin, {}}};
    }
    count(target.weight, begin);
    check_depth(target.height, begin, end);
    copied_ += target.node->value.size() + 16 * (target.node->items.size() + target.node->entries.size());
    if (copied_ > limits_.text) too_many(begin);
    Node& node = store_.nodes.emplace_back(*target.node);
    node.span = span(begin, end);
    node.defined_at = target.node->span;
    attach(node, target.height, end);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(Kind::sequence, offset_of(mark, text_), anchor, anchor != 0 || tag != "?");
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(Kind::mapping, offset_of(mark, text_), anchor, anchor != 0 || tag != "?");
  }
  void OnSequenceEnd() override { end_collection(); }
  void OnMapEnd() override {
    settle_mapping(*frames_.back().node, report_);
    end_collection();
  }

 private:
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const {
    return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::max(begin, end))};
  }

  Node& make(Kind kind, std::size_t begin, std::size_t end, std::string tag) {
    count(1, begin);
    Node& node = store_.nodes.emplace_back();
    node.kind = kind;
    node.span = span(begin, end);
    node.tag = std::move(tag);
    return node;
  }

  void count(std::size_t nodes, std::size_t at) {
    count_ += nodes;
    if (count_ > limits_.nodes) too_many(at);
  }

  [[noreturn]] void too_many(std::size_t at) {
    report_.add(
        116, span(at, end_of_line(text_, at)),
        fmt::format("the file holds more than {} values, aliases counted as what they stand for", limits_.nodes),
        "reading stopped here");
    throw Leave{{at, {}}};
  }

  void check_depth(std::size_t more, std::size_t begin, std::size_t end) {
    if (frames_.size() + more <= max_depth) return;
    report_.add(115, span(begin, end), fmt::format("more than {} lists and mappings inside each other", max_depth),
                "one level too many");
    throw Leave{{begin, {}}};
  }

  void end_scalar(Node& node, const Properties& properties, std::string_view value) {
    const std::size_t begin = properties.value;
    const char first = begin < text_.size() ? text_[begin] : '\0';
    std::size_t end = begin;
    if (first == '"' || first == '\'') {
      node.style = Style::quoted;
      const auto close = quoted_end(text_, begin);
      // yaml-cpp takes the end of the text for a closing quote.
      if (!close || leaves_its_block(begin, *close)) throw Leave{{begin, "illegal EOF in scalar"}};
      end = *close;
    } else if (first == '|' || first == '>') {
      node.style = Style::block;
      end = block_end(text_, begin, value);
    } else if (value.empty()) {
      node.span = span(properties.end, properties.end);
      return;
    } else {
      end = plain_end(text_, begin, value);
    }
    node.span = span(begin, end);
  }

  // yaml-cpp lets a quoted value go on at any column; YAML wants it deeper than the key or dash that it belongs to,
  // and a line that is not is where somebody forgot the closing quote.
  [[nodiscard]] bool leaves_its_block(std::size_t begin, std::size_t end) const {
    const auto inside = text_.substr(0, end);
    std::size_t line = inside.find('\n', begin);
    if (line == std::string_view::npos) return false;
    const bool flow = std::ranges::any_of(frames_, &Frame::flow);
    if (frames_.empty() || flow) return false;
    const Frame& frame = frames_.back();
    const std::size_t owner = frame.key != nullptr && frame.at_value ? frame.key->span.begin : frame.node->span.begin;
    const std::size_t column = owner - start_of_line(text_, owner);
    for (; line < end; line = inside.find('\n', line + 1)) {
      const std::size_t content = text_.find_first_not_of(" \t", line + 1);
      if (content < end && !is_break(text_[content]) && content - line - 1 <= column) return true;
    }
    return false;
  }

  void check_tag(Node& node, const Properties& properties) {
    static constexpr std::string_view known[] = {"!",       "!!str",  "!!int", "!!bool",
                                                 "!!float", "!!null", "!!map", "!!seq"};
    if (properties.tag.empty()) return;
    if (properties.tag == "!!str" || properties.tag == "!") node.style = Style::quoted;
    if (std::ranges::find(known, properties.tag) != std::end(known)) return;
    const std::size_t end = properties.end, begin = end - properties.tag.size();
    auto& d = report_.add(113, span(begin, end), fmt::format("unknown tag '{}'", text::printable(properties.tag)),
                          "apigw runs no tags");
    d.helps.push_back("remove the tag; quote the value if it starts with '!'");
  }

  // The word for null as a key ("null: x" is the key 'null'), unlike as a value.
  [[nodiscard]] std::size_t null_key(std::size_t at) const {
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (text_.substr(at).starts_with(word)) return word.size();
    }
    return 0;
  }

  // Where a value that is not written would stand.
  std::size_t left_out() {
    if (frames_.empty()) return bom_;
    Frame& frame = frames_.back();
    if (frame.node->kind == Kind::sequence) {
      const std::size_t dash = skip_space(text_, frame.cursor);
      return !frame.flow && dash < text_.size() && text_[dash] == '-' ? dash + 1 : frame.cursor;
    }
    if (!frame.at_value) return frame.cursor;
    const std::size_t colon = skip_space(text_, frame.cursor);
    if (colon < text_.size() && text_[colon] == ':') return colon + 1;
    if (!frame.flow) missing_colon(*frame.key);
    return frame.cursor;
  }

  void missing_colon(const Node& key) {
    const std::size_t before = start_of_line(text_, key.span.begin);
    const auto lead = text::trim(text_.substr(before, key.span.begin - before));
    if (lead.ends_with('?')) return;  // an explicit key
    frames_.back().broken = true;
    no_colon(key, report_);
  }

  // `own`: the properties at the mark are the collection's, not those of a block mapping's first key.
  void start(Kind kind, std::size_t mark, YAML::anchor_t anchor, bool own) {
    const Properties properties = own ? skip_properties(text_, mark) : Properties{mark, mark, {}};
    const std::size_t begin = properties.value;
    const bool flow = begin < text_.size() && (text_[begin] == '[' || text_[begin] == '{');
    check_depth(1, begin, std::min(begin + 1, text_.size()));
    const std::size_t before = count_;
    Node& node = make(kind, begin, begin, properties.tag);
    check_tag(node, properties);
    node.style = Style::plain;
    frames_.push_back({&node, nullptr, false, false, flow, flow ? begin + 1 : begin, before, 1, anchor});
  }

  void end_collection() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    const std::size_t end = frame.flow ? flow_end(text_, frame.cursor) : frame.cursor;
    frame.node->span = span(frame.node->span.begin, end);
    finish(*frame.node, frame.anchor, count_ - frame.count_before, frame.height);
  }

  void finish(Node& node, YAML::anchor_t anchor, std::size_t weight, std::size_t height) {
    if (anchor != 0) {
      if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
      anchors_[anchor] = {&node, weight, height};
    }
    attach(node, height, node.span.end);
  }

  void attach(Node& node, std::size_t height, std::size_t end) {
    if (frames_.empty()) {
      if (store_.root == nullptr) store_.root = &node;
      return;
    }
    Frame& frame = frames_.back();
    frame.height = std::max(frame.height, height + 1);
    frame.cursor = std::max(frame.cursor, end);
    if (frame.node->kind == Kind::sequence) {
      frame.node->items.push_back(&node);
      return;
    }
    if (!frame.at_value) {
      frame.key = &node;
    } else if (!std::exchange(frame.broken, false) && usable_key(*frame.key, report_)) {
      frame.node->entries.push_back({frame.key, &node});
    }
    frame.at_value = !frame.at_value;
  }

  std::string_view text_;
  SourceId source_;
  const Limits& limits_;
  Tree::Store& store_;
  diag::Report& report_;
  std::size_t bom_ = 0;
  std::size_t count_ = 0;   // nodes so far, aliases expanded
  std::size_t copied_ = 0;  // bytes that aliases copied
  std::vector<Frame> frames_;
  std::vector<Anchored> anchors_;
};

}  // namespace

RawTree read(std::string_view text, SourceId source, const Limits& limits) {
  RawTree reading;
  reading.store = std::make_unique<Tree::Store>();
  Builder builder(text, source, limits, reading);
  View view(text);
  std::istream in(&view);
  try {
    YAML::Parser parser(in);
    if (parser.HandleNextDocument(builder)) reading.stop = rest_of(parser, text, source, reading.report);
  } catch (const Leave& leave) {
    reading.stop = leave.stop;
  } catch (const YAML::Exception& e) {
    reading.stop = Stop{offset_of(e.mark, text), e.msg};
  } catch (const std::exception& e) {
    reading.stop = Stop{0, e.what()};
  }
  if (reading.store->root == nullptr) {
    Node& empty = reading.store->nodes.emplace_back();
    empty.span = {source, 0, 0};
    reading.store->root = &empty;
  }
  return reading;
}

}  // namespace apigw::yaml
