#include "scaffold/own_template.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "render/template.h"
#include "render/tree.h"
#include "scaffold/templates.h"
#include "yaml/fields.h"
#include "yaml/tree.h"

namespace apigw::scaffold {
namespace {

using render::Value;
using yaml::field;
using yaml::Given;

constexpr std::string_view taken_names[] = {"name", "test", "calls", "this"};
constexpr std::string_view kind_words[] = {"text", "number", "boolean"};

bool word(std::string_view name) {
  return !name.empty() && name.size() <= 64 && (name.front() < '0' || name.front() > '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

struct ParameterDraft {
  Given<std::string> description, type, fallback;
  Given<std::vector<Given<std::string>>> choices;
};
constexpr yaml::Row parameter_rows[] = {
    field<&ParameterDraft::description, yaml::Text>("description", "what is asked for"),
    field<&ParameterDraft::type, yaml::Text>("type", "text, number (a whole one) or boolean", "text"),
    field<&ParameterDraft::choices, yaml::List<yaml::Text>>("choices", "the only values"),
    field<&ParameterDraft::fallback, yaml::Text>("default", "the value that need not be given"),
};
const yaml::Table& parameter_table() {
  static constexpr yaml::Table table{"a parameter", "What is asked of who makes a service.", parameter_rows};
  return table;
}
constexpr yaml::KeyRule parameter_key{"a parameter", "a letter, then letters, digits and '_'",
                                      "^[A-Za-z_][A-Za-z0-9_]{0,63}$", word, 215};

using ParameterMap = yaml::Map<yaml::Mapping<ParameterDraft, parameter_table>, parameter_key>;
struct Draft {
  Given<std::string> version, run, test, prepare, health, kind;
  Given<std::vector<Given<std::string>>> verbatim;
  Given<ParameterMap::Value> parameters;
};
constexpr yaml::Row rows[] = {
    field<&Draft::version, yaml::Text>("apigw-template", "version of this format", {}, "1"),
    field<&Draft::run, yaml::Text>("run", "what `apigw run` gives to the shell in the service's folder"),
    field<&Draft::test, yaml::Text>("test", "how its tests run"),
    field<&Draft::prepare, yaml::Text>("prepare", "what root does before them in a pipeline"),
    field<&Draft::health, yaml::Text>("health", "path that answers 2xx when it is ready", "/readyz"),
    field<&Draft::kind, yaml::Text>("kind", "http, which gets a route, or worker", "http"),
    field<&Draft::verbatim, yaml::List<yaml::Text>>("verbatim", "globs of files that are copied as they are"),
    field<&Draft::parameters, ParameterMap>("parameters", "what is asked of who makes a service"),
};
constexpr yaml::Table table{"template.yaml", "A template of services.", rows};

class Reader {
 public:
  Reader(yaml::Reading& reading, Span whole) : report_(reading.report()), whole_(whole) {}

  OwnTemplate read(const Draft& draft) {
    OwnTemplate out;
    version(draft.version);
    if (!draft.run.given())
      report_.add(211, whole_, "the template does not say how a service starts")
          .helps.push_back("write run: as in run: exec python3 main.py");
    out.stack = {line(draft.run), line(draft.test), line(draft.prepare), draft.health.value_or("/readyz")};
    if (!out.stack.health.starts_with('/'))
      report_.add(203, draft.health.where, "this is no path").helps.push_back("write it as in health: /readyz");
    out.kind = draft.kind.value_or("http");
    among(draft.kind, kinds);
    for (const Given<std::string>& glob : draft.verbatim.value_or({}))
      if (glob) out.verbatim.push_back(*glob);
    for (const auto& entry : draft.parameters.value_or({})) parameter(entry, out);
    return out;
  }

 private:
  void version(const Given<std::string>& given) {
    if (!given.given())
      report_.add(209, whole_, "the template does not say its version")
          .helps.push_back("begin it with apigw-template: 1");
    else if (given.value_or("1") != "1")
      report_.add(210, given.where, fmt::format("version '{}' is not known", text::printable(*given, 40)))
          .helps.push_back("this apigw reads apigw-template: 1");
  }

  // A command of the shell that the config can hold on its line.
  std::string line(const Given<std::string>& given) {
    const bool bad = given && (given->empty() || text::printable(*given, given->size()) != *given);
    if (bad)
      report_.add(203, given.where, "this must be one line of a shell")
          .helps.push_back("put more into a script of the template");
    return given.value_or("");
  }

  void among(const Given<std::string>& given, std::span<const std::string_view> words) {
    if (!given || std::ranges::find(words, *given) != words.end()) return;
    std::string all;
    for (const std::string_view one : words) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
    report_.add(205, given.where, fmt::format("'{}' is not known here", text::printable(*given, 40)))
        .helps.push_back("one of " + all);
  }

  void parameter(const yaml::Named<ParameterDraft>& entry, OwnTemplate& into) {
    if (std::ranges::find(taken_names, entry.name) != std::end(taken_names))
      report_.add(215, entry.where, fmt::format("'{}' is there in every template", entry.name))
          .helps.push_back("choose another name");
    Parameter out{.name = entry.name, .description = {}};
    if (entry.body) {
      const ParameterDraft& draft = *entry.body;
      out.description = draft.description.value_or("");
      among(draft.type, kind_words);
      const auto* const at = std::ranges::find(kind_words, std::string_view(draft.type.value_or("text")));
      out.kind = static_cast<Parameter::Kind>(at == std::end(kind_words) ? 0 : at - std::begin(kind_words));
      for (const Given<std::string>& choice : draft.choices.value_or({})) {
        if (choice) out.choices.push_back(*choice);
        if (choice) judged(out, choice);
      }
      if (draft.fallback) {
        out.fallback = *draft.fallback;
        judged(out, draft.fallback);
      }
    }
    into.parameters.push_back(std::move(out));
  }

  void judged(const Parameter& parameter, const Given<std::string>& value) {
    if (const std::string fault = fault_of(parameter, *value); !fault.empty())
      report_
          .add(203, value.where, fmt::format("'{}' is no value of '{}'", text::printable(*value, 60), parameter.name))
          .helps.push_back(fault);
  }

  diag::Report& report_;
  Span whole_;
};

Value value_of(const Parameter& parameter, const std::string& text) {
  switch (parameter.kind) {
    case Parameter::Kind::number:
      return {Value::Kind::number, text, {}, {}};
    case Parameter::Kind::boolean:
      return render::boolean(text == "true");
    case Parameter::Kind::text:
      break;
  }
  return render::text_value(text);
}

class Filling {
 public:
  Filling(const OwnTemplate& made, const ServiceRequest& request, const ParameterValues& values,
          diag::Sources& sources, diag::Report& report)
      : made_(made), sources_(sources), report_(report), values_(values_of(request, made.stack)) {
    for (const Parameter& parameter : made.parameters)
      if (const auto value = values.find(parameter.name); value != values.end())
        render::put(values_, parameter.name, value_of(parameter, value->second));
  }

  void add(const std::string& path, const std::string& content, std::string_view shown, render::FileTree& tree) {
    const std::string where = fmt::format("{}/{}", shown, path);
    const auto target = filled(fmt::format("name of {}", where), target_path(path));
    const bool copied =
        !text::valid_utf8(content) || content.find('\0') != std::string::npos || blank(content) ||
        std::ranges::any_of(made_.verbatim, [&](const std::string& glob) { return text::glob(glob, path); });
    auto text = copied ? std::optional(content) : filled(where, content);
    if (!target || !text || (!copied && blank(*text))) return;
    if (!render::stays_below(*target) || text::printable(*target, 4096) != *target || *target == lock_name)
      unusable(where, content, fmt::format("'{}' cannot be a file of the service", text::printable(*target, 80)));
    else if (!tree.emplace(*target, render::File{std::move(*text), content.starts_with("#!") ? 0755U : 0644U}).second)
      unusable(where, content, fmt::format("two files would be '{}'", text::printable(*target, 80)));
  }

 private:
  static bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

  void unusable(const std::string& where, const std::string& content, std::string message) {
    report_.add(215, {sources_.add(where, content), 0, 0}, std::move(message))
        .helps.push_back(fmt::format("a path of its own below the service's folder, and not {}", lock_name));
  }

  // Nothing when something is wrong with it, which is told at its place.
  std::optional<std::string> filled(const std::string& shown, const std::string& text) {
    const auto parsed = render::Template::parse(text, render::Language::file);
    if (parsed && parsed->uses().empty() && text.find("{{") == std::string::npos) return text;
    const SourceId source = sources_.add(shown, text);
    const auto at = [&](std::size_t begin, std::size_t end) {
      return Span{source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    };
    if (!parsed) {
      for (const render::Fault& fault : parsed.error()) {
        auto& finding = report_.add(static_cast<int>(fault.kind), at(fault.begin, fault.end), fault.message);
        if (!fault.help.empty()) finding.helps.push_back(fault.help);
      }
      return std::nullopt;
    }
    bool known = true;
    for (const render::Use& use : parsed->uses()) {
      if (use.steps.empty() || values_.find(use.steps[0]) != nullptr) continue;
      known = false;
      report_
          .add(611, at(use.begin, use.end),
               fmt::format("'{}' is no parameter of the template", text::printable(use.steps[0], 60)))
          .helps.push_back(
              fmt::format("declare it among the parameters of {}, or write one of {}", template_file, names()));
    }
    if (!known) return std::nullopt;
    const auto passages = parsed->render(values_);
    if (!passages) {
      report_.add(606, at(0, 0), passages.error().what);
      return std::nullopt;
    }
    return passages->empty() ? std::string() : passages->front().text;
  }

  [[nodiscard]] std::string names() const {
    std::string out;
    for (const render::Member& member : values_.members) out += (out.empty() ? "" : ", ") + member.name;
    return out;
  }

  const OwnTemplate& made_;
  diag::Sources& sources_;
  diag::Report& report_;
  Value values_;
};

}  // namespace

std::string fault_of(const Parameter& parameter, std::string_view value) {
  if (!parameter.choices.empty() && std::ranges::find(parameter.choices, value) == parameter.choices.end())
    return "one of " + text::join(parameter.choices, ", ");
  if (parameter.kind == Parameter::Kind::boolean && value != "true" && value != "false") return "true or false";
  if (parameter.kind == Parameter::Kind::number && !text::parse_number(value)) return "a whole number";
  return text::valid_utf8(value) && value.find('\0') == std::string_view::npos ? "" : "text in UTF-8";
}

std::optional<OwnTemplate> read_template(SourceId source, const diag::Sources& sources, diag::Report& report) {
  diag::Report own;
  const auto tree = yaml::parse(source, sources, own);
  std::optional<OwnTemplate> out;
  if (tree) {
    yaml::Reading reading(sources, own);
    Draft draft;
    if (yaml::decode(table, tree->root(), reading, &draft)) out = Reader(reading, tree->root().span).read(draft);
  }
  if (own.has_errors()) out.reset();
  report.append(own);
  return out;
}

render::FileTree fill_template(const OwnTemplate& made, const std::map<std::string, std::string>& files,
                               std::string_view shown, const ServiceRequest& request, const ParameterValues& values,
                               diag::Sources& sources, diag::Report& report) {
  Filling filling(made, request, values, sources, report);
  render::FileTree tree;
  for (const auto& [path, content] : files) filling.add(path, content, shown, tree);
  return tree;
}

}  // namespace apigw::scaffold
