#include "config/prompts.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/reading.h"
#include "prompt/tests.h"

namespace apigw::config {
namespace {

constexpr std::size_t most_prompts = 1'000;
constexpr std::string_view pattern = "prompts/*.prompt", tests_pattern = "prompts/*.test.yaml";
constexpr std::string_view nested_pattern = "prompts/*/*.prompt";
constexpr std::size_t most_nested = 100;  // that are reported
constexpr std::string_view prompt_elsewhere = "a prompt is a file: move this away, or end its name otherwise";
constexpr std::string_view tests_elsewhere = "tests are a file: move this away, or end its name otherwise";

std::string_view role_word(chat::Role role) {
  return role == chat::Role::system ? "system" : role == chat::Role::user ? "user" : "assistant";
}

model::Example example(const chat::Request& request, std::string answer) {
  model::Example out{{}, std::move(answer)};
  for (const chat::Message& message : request.messages) {
    std::string text;
    for (const chat::Part& part : message.parts)
      if (const auto* said = std::get_if<chat::Text>(&part.content)) text += said->text;
    out.turns.emplace_back(role_word(message.role), std::move(text));
  }
  return out;
}

// Tests are no part of what serves: where nobody asked for them, what is wrong there is a warning.
void append_findings(const diag::Report& found, bool judged, diag::Report& report) {
  if (judged) return report.append(found);
  for (diag::Diagnostic finding : found.all()) {
    if (finding.severity == diag::Severity::error) finding.severity = diag::Severity::warning;
    report.add(std::move(finding));
  }
}

// By what is said to the model: the case that the mock answers such a call from.
using FirstAnswers = std::map<std::vector<std::pair<std::string, std::string>>, const prompt::Case*>;

void add_example(const prompt::Case& one, model::Example made, FirstAnswers& said,
                 std::vector<model::Example>& examples, diag::Report& report) {
  const auto [first, fresh] = said.emplace(made.turns, &one);
  examples.push_back(std::move(made));
  if (fresh || first->second->answer == one.answer) return;
  auto& finding = report.add(638, one.where,
                             fmt::format("'{}' makes the call of '{}' and wants another answer",
                                         text::printable(one.name, 60), text::printable(first->second->name, 60)),
                             "the mock answers one call in one way");
  finding.labels.push_back({first->second->where, "from this case"});
  finding.helps.push_back("give it other variables, or keep one of the two");
}

void read_examples(PromptFile& file, const Files& files, bool judged, Loaded& out) {
  const std::string path = prompt::tests_of(file.path);
  if (!file.content || !files.exists(path)) return;
  diag::Report found;
  auto text = files.read(path, prompt::most_bytes);
  out.files.push_back(path);
  if (text) file.revision = fingerprint(*text, file.revision);
  const SourceId source = out.sources.add(path, text.value_or(""));
  if (!text) {
    report_unreadable(220, {source, 0, 0}, path, text.error(), tests_elsewhere, found);
    return append_findings(found, judged, out.report);
  }
  const auto cases = prompt::read_tests(source, out.sources, found);
  FirstAnswers said;
  for (const prompt::Case& one : cases.value_or(std::vector<prompt::Case>{})) {
    const auto request = prompt::fill(*file.content, one.variables);
    if (!request)
      found.add(633, one.where,
                fmt::format("variables of '{}' are refused: {}", text::printable(one.name, 60),
                            prompt::sentence(request.error())));
    else if (one.answer)
      add_example(one, example(*request, *one.answer), said, file.examples, found);
  }
  append_findings(found, judged, out.report);
}

// A test file whose prompt is not there.
void report_stray_tests(const std::string& path, const std::vector<PromptFile>& prompts, const Files& files,
                        Loaded& out) {
  // Its text is read for an ignore comment only.
  const SourceId source = out.sources.add(path, files.read(path, prompt::most_bytes).value_or(""));
  out.files.push_back(path);
  std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  name.remove_suffix(prompt::tests_extension.size());
  std::vector<std::string_view> names, untested;
  for (const PromptFile& file : prompts) {
    names.emplace_back(file.name);
    if (!files.exists(prompt::tests_of(file.path))) untested.emplace_back(file.name);
  }
  auto& finding =
      out.report.add(634, {source, 0, 0}, fmt::format("there is no prompt '{}' to test", text::printable(name, 60)));
  if (const auto meant = text::closest(name, untested))
    finding.helps.push_back(fmt::format("rename it to '{}{}'", *meant, prompt::tests_extension));
  else if (const auto tested = text::closest(name, names))
    finding.helps.push_back(
        fmt::format("move its cases to '{}{}', which is there, or remove it", *tested, prompt::tests_extension));
  else
    finding.helps.push_back(fmt::format("its prompt would be '{}.prompt' beside it", text::printable(name, 60)));
}

// Prompts where nobody looks for them.
void report_nested(const std::string& folder, const Files& files, Loaded& out) {
  std::vector<std::string> paths = files.glob(folder + std::string(nested_pattern));
  paths.resize(std::min(paths.size(), most_nested));
  for (const std::string& path : paths) {
    const SourceId source = out.sources.add(path, files.read(path, prompt::most_bytes).value_or(""));
    out.files.push_back(path);
    const std::string name = path.substr(path.rfind('/') + 1);
    out.report.add(621, {source, 0, 0}, "this prompt is in a subfolder and is not served")
        .helps.push_back(fmt::format("move it to '{}prompts/{}'", text::printable(folder), text::printable(name)));
  }
}

PromptFile read_prompt(const std::string& path, const Files& files, Loaded& out) {
  PromptFile file{.path = path, .name = std::string(prompt::name_of(path)), .where = {}, .content = nullptr};
  auto text = files.read(path, prompt::most_bytes + 1);
  if (text) file.revision = fingerprint(*text);
  const SourceId source = out.sources.add(path, text.value_or(""));
  file.where = {source, 0, 0};
  out.files.push_back(path);
  if (!text) {
    const int code = text.error().kind == ErrorKind::too_large ? 608 : 220;
    report_unreadable(code, file.where, path, text.error(), prompt_elsewhere, out.report);
    return file;
  }
  if (!prompt::is_prompt_name(file.name)) {
    out.report
        .add(620, file.where, fmt::format("'{}' cannot be the name of a prompt", text::printable(file.name, 60)))
        .helps.push_back("rename the file: letters, digits, '.', '_' and '-', a letter or digit first, at most 64");
    return file;
  }
  auto read = prompt::read(path, source, out.sources, out.report);
  if (read) file.content = std::make_shared<const prompt::Prompt>(std::move(*read));
  return file;
}

}  // namespace

std::uint64_t fingerprint(std::string_view text, std::uint64_t before) {
  for (const char c : text) before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return before;
}

std::vector<PromptFile> read_prompts(const std::string& folder, const Files& files,
                                     const std::optional<std::vector<std::string>>& judge_tests, Loaded& out) {
  const std::string glob = folder + std::string(pattern);
  out.globs.push_back(glob);
  out.globs.push_back(folder + std::string(tests_pattern));
  out.globs.push_back(folder + std::string(nested_pattern));
  const std::vector<std::string> paths = files.glob(glob);
  if (paths.size() > most_prompts) {
    const SourceId source = out.sources.add(glob, "");
    out.report.add(216, {source, 0, 0}, fmt::format("{} prompts are too many", paths.size()))
        .helps.push_back(fmt::format("at most {}", most_prompts));
    return {};
  }
  std::vector<PromptFile> prompts;
  std::set<std::string> tests;
  for (const std::string& path : paths) {
    prompts.push_back(read_prompt(path, files, out));
    const bool judged = judge_tests && (judge_tests->empty() ||
                                        std::ranges::find(*judge_tests, prompts.back().name) != judge_tests->end());
    read_examples(prompts.back(), files, judged, out);
    tests.insert(prompt::tests_of(path));
  }
  for (const std::string& path : files.glob(folder + std::string(tests_pattern)))
    if (!tests.contains(path)) report_stray_tests(path, prompts, files, out);
  report_nested(folder, files, out);
  return prompts;
}

const PromptDraft* settings_of(const Draft& draft, std::string_view name) {
  const Named<PromptDraft>* best = nullptr;
  const auto literal = [](std::string_view s) {
    return static_cast<std::ptrdiff_t>(s.size()) - std::ranges::count(s, '*');
  };
  for (const auto& entry : entries(draft.prompts)) {
    if (!entry.body || !text::glob(entry.name, name)) continue;
    if (entry.name == name) return &*entry.body;
    if (!best || literal(entry.name) > literal(best->name)) best = &entry;
  }
  return best ? &*best->body : nullptr;
}

std::string_view model_of(const prompt::Prompt& prompt, const Draft& draft) {
  if (!prompt.model.empty()) return prompt.model;
  const auto& models = entries(draft.models);
  const bool one = models.size() == 1 && models[0].name.find('*') == std::string::npos;
  return one ? std::string_view(models[0].name) : std::string_view();
}

}  // namespace apigw::config
