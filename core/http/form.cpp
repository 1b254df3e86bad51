#include "http/form.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::http {

namespace {

constexpr std::size_t longest_boundary = 70;  // RFC 2046, section 5.1.1

std::unexpected<Error> no_form(std::string what) {
  return fail(ErrorKind::invalid, "the form cannot be read: " + std::move(what));
}

// The parameter `name` of a header's value, quotes taken off; nothing when it has none.
std::optional<std::string> parameter(std::string_view value, std::string_view name) {
  for (std::size_t at = value.find(';'); at < value.size();) {
    const std::size_t equals = value.find('=', at + 1);
    if (equals == std::string_view::npos) return std::nullopt;
    const bool named = text::iequals(text::trim(value.substr(at + 1, equals - at - 1)), name);
    at = value.find_first_not_of(" \t", equals + 1);
    std::string read;
    if (at < value.size() && value[at] == '"') {
      for (++at; at < value.size() && value[at] != '"'; ++at) {
        if (value[at] == '\\' && at + 1 < value.size()) ++at;
        read += value[at];
      }
      at = value.find(';', at);
    } else if (at != std::string_view::npos) {
      const std::size_t end = std::min(value.find(';', at), value.size());
      read = text::trim(value.substr(at, end - at));
      at = end;
    }
    if (named) return read;
  }
  return std::nullopt;
}

// What Content-Disposition says of a part whose head is `head`, lines with their ends.
Result<FormPart> part_of(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return no_form("a part's head has a line without a name");
    if (!text::iequals(line.substr(0, colon), "content-disposition")) continue;
    auto name = parameter(line.substr(colon + 1), "name");
    if (!name) break;
    const bool file = parameter(line.substr(colon + 1), "filename") || parameter(line.substr(colon + 1), "filename*");
    return FormPart{.name = std::move(*name), .file = file, .value = {}};
  }
  return no_form("a part has no name");
}

}  // namespace

FormReader::FormReader(std::string_view boundary) : mark_("\r\n--") {
  mark_ += boundary;
  held_ = "\r\n";  // the first mark stands at the beginning of a line, which the body's is
}

Result<FormReader> FormReader::of(std::string_view content_type) {
  if (!text::iequals(text::trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data"))
    return fail(ErrorKind::invalid, "the body must be multipart/form-data");
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > longest_boundary)
    return fail(ErrorKind::invalid, "the content-type must name the form's boundary, 1 to 70 characters");
  return FormReader(*boundary);
}

Result<void> FormReader::feed(std::string_view chunk, std::vector<FormPart>& parts) {
  held_.append(chunk);
  for (;;) {
    const auto next = step(parts);
    if (!next) {
      state_ = State::broken;
      held_.clear();
      return std::unexpected(next.error());
    }
    if (*next == Step::wait) return {};
  }
}

Result<FormReader::Step> FormReader::step(std::vector<FormPart>& parts) {
  switch (state_) {
    case State::before:
      return find_mark();
    case State::mark:
      return behind_mark();
    case State::head:
      return read_head();
    case State::value:
      return read_value(parts);
    case State::done:
      held_.clear();
      return Step::wait;
    case State::broken:
      break;
  }
  return no_form("it broke before");
}

void FormReader::drop(std::size_t count) {
  held_.erase(0, count);
  at_ += static_cast<std::int64_t>(count);
}

FormReader::Step FormReader::find_mark() {
  const std::size_t found = held_.find(mark_);
  if (found == std::string::npos) {
    if (held_.size() >= mark_.size()) drop(held_.size() - mark_.size() + 1);
    return Step::wait;
  }
  drop(found + mark_.size());
  state_ = State::mark;
  return Step::again;
}

// "--" behind the last part; else blanks up to the line's end.
Result<FormReader::Step> FormReader::behind_mark() {
  if (held_.size() < 2) return Step::wait;
  if (held_.starts_with("--")) {
    state_ = State::done;
    return Step::again;
  }
  const std::size_t end = held_.find("\r\n");
  const std::string_view blanks = std::string_view(held_).substr(0, end);
  if (blanks.find_first_not_of(" \t\r") != std::string_view::npos || blanks.size() > most_head)
    return no_form("a boundary is followed by something else than the end of its line");
  if (end == std::string::npos) return Step::wait;
  if (++count_ > most_parts) return no_form(fmt::format("it has more than {} parts", most_parts));
  drop(end);  // its end begins the head, so that an empty head ends like any other
  state_ = State::head;
  return Step::again;
}

Result<FormReader::Step> FormReader::read_head() {
  const std::size_t end = held_.find("\r\n\r\n");
  if (std::min(end, held_.size()) > most_head)
    return no_form(fmt::format("a part's head is larger than {} bytes", most_head));
  if (end == std::string::npos) return Step::wait;
  auto part = part_of(std::string_view(held_).substr(2, end < 2 ? 0 : end - 2));
  if (!part) return std::unexpected(std::move(part.error()));
  part_ = std::move(*part);
  drop(end + 4);
  part_.begin = static_cast<std::uint64_t>(at_);
  state_ = State::value;
  return Step::again;
}

Result<FormReader::Step> FormReader::read_value(std::vector<FormPart>& parts) {
  const std::size_t found = held_.find(mark_);
  const bool whole = found != std::string::npos;
  // What may begin the mark stays until more has come.
  const std::size_t mine = whole ? found : held_.size() - std::min(held_.size(), mark_.size() - 1);
  if (!part_.file) part_.value.append(held_, 0, mine);
  if (part_.value.size() > most_value)
    return no_form(
        fmt::format("the value of '{}' is larger than {} bytes", text::printable(part_.name, 60), most_value));
  drop(mine);
  if (!whole) return Step::wait;
  part_.end = static_cast<std::uint64_t>(at_);
  parts.push_back(std::exchange(part_, {}));
  drop(mark_.size());
  state_ = State::mark;
  return Step::again;
}

}  // namespace apigw::http
