#include "yaml/rest.h"

#include <algorithm>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace apigw::yaml {
namespace {

// Thrown through yaml-cpp to leave it; never leaves this file.
struct Enough {};

// Reads on behind the document only to see whether there is another.
class Rest final : public YAML::EventHandler {
 public:
  std::optional<YAML::Mark> start;
  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { throw Enough{}; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {
    throw Enough{};
  }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    throw Enough{};
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    throw Enough{};
  }
  void OnMapEnd() override {}
};

}  // namespace

std::size_t bom_size(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

std::size_t offset_of(const YAML::Mark& mark, std::string_view text) {
  return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)) + bom_size(text), text.size());
}

std::optional<Stop> rest_of(YAML::Parser& parser, std::string_view text, SourceId source, diag::Report& report) {
  Rest rest;
  try {
    parser.HandleNextDocument(rest);
    return std::nullopt;  // nothing, or an empty document behind a closing '---'
  } catch (const Enough&) {
  } catch (const YAML::Exception& e) {
    if (!rest.start) return Stop{offset_of(e.mark, text), e.msg};
  }
  const std::size_t at = offset_of(*rest.start, text);
  if (!text.substr(at).starts_with("---")) return Stop{at, "text behind the document"};
  const auto begin = static_cast<std::uint32_t>(at);
  report.add(110, {source, begin, begin + 3}, "a second document starts here", "apigw reads one document a file")
      .helps.push_back("put it into a file of its own and name that under 'include:'");
  return std::nullopt;
}

}  // namespace apigw::yaml
