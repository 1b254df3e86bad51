// A file's reading: settings, schemas and template, and what only shows when they are held against each other.
#include "prompt/prompt.h"

#include <algorithm>

#include "base/text.h"
#include "prompt/shape.h"
#include "prompt/typed.h"
#include "yaml/json.h"
#include "yaml/lint.h"

namespace apigw::prompt {
namespace {

bool taken(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// The variables of a template that says nothing of them: any value each, those that are surely written required.
std::string schema_of(const render::Template& body) {
  std::vector<std::string> names, required;
  for (const render::Use& use : body.uses()) {
    if (use.steps.empty()) continue;
    if (!taken(names, use.steps[0])) names.push_back(use.steps[0]);
    if (use.certain && !taken(required, use.steps[0])) required.push_back(use.steps[0]);
  }
  const auto quoted = [](const std::vector<std::string>& words, std::string_view behind) {
    std::string out;
    for (const std::string& word : words)
      out += fmt::format("{}{}{}", out.empty() ? "" : ",", json::quote(word), behind);
    return out;
  };
  return fmt::format(R"({{"type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false}})",
                     quoted(names, ":{}"), quoted(required, ""));
}

class Reader {
 public:
  Reader(std::string_view path, SourceId source, const diag::Sources& sources, diag::Report& report)
      : path_(path), source_(source), text_(sources.text(source)), sources_(sources), report_(report) {}

  std::optional<Prompt> run() {
    if (text_.size() > most_bytes) {
      report_.add(608, at(0, 0), "the prompt is larger than 1 MiB").helps.push_back("split it into several");
      return std::nullopt;
    }
    if (!is_text()) return std::nullopt;
    const Parts parts = parts_of(text_);
    if (parts.unclosed) {
      const std::size_t begin = text_.find("---");
      report_.add(601, at(begin, begin + 3), "the settings are never closed", "they begin here")
          .helps.push_back("write a line of '---' between the settings and the template");
      return std::nullopt;
    }
    body_at_ = parts.body;
    settings_ = read_settings(source_, sources_, parts.settings_end, report_);
    auto body = read_template();
    read_schemas(body ? &*body : nullptr);
    if (body && input_) check_variables(*body);
    read_fallback();
    if (report_.has_errors() || !body || !input_) return std::nullopt;
    return assemble(std::move(*body));
  }

 private:
  [[nodiscard]] Span at(std::size_t begin, std::size_t end) const {
    return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }
  [[nodiscard]] bool is_text() {
    if (!yaml::encoded(text_, source_, report_)) return false;
    const std::size_t zero = text_.find('\0');
    if (zero == std::string_view::npos) return true;
    report_.add(117, at(zero, zero + 1), "control character U+0000", "no text holds it")
        .helps.push_back("remove it; a prompt is a text file");
    return false;
  }
  [[nodiscard]] const Frontmatter& fields() const { return settings_.fields; }

  std::optional<render::Template> read_template() {
    auto body = render::Template::parse(text_.substr(body_at_), render::Language::prompt);
    if (!body) {
      for (render::Fault& fault : body.error()) {
        auto& finding = report_.add(static_cast<int>(fault.kind), at(body_at_ + fault.begin, body_at_ + fault.end),
                                    std::move(fault.message));
        if (!fault.help.empty()) finding.helps.push_back(std::move(fault.help));
      }
      return std::nullopt;
    }
    const auto alone = body->render({});
    if (body->uses().empty() && (!alone || alone->empty())) {
      report_.add(609, at(body_at_, text_.size()), "the prompt has no text")
          .helps.push_back("write what the model shall be told below the settings");
      return std::nullopt;
    }
    return std::move(*body);
  }

  void read_schemas(const render::Template* body) {
    const auto& input = fields().input;
    if (input.given() && input && input->schema) {
      stated_ = true;
      input_ = read_schema(**input->schema, report_);
    } else if (body && (!input.given() || input) && (!input || !input->schema.given())) {
      std::string text = schema_of(*body);
      auto compiled = schema::compile(text);
      if (compiled) input_ = TypedSchema{std::move(text), std::move(*compiled)};
    }
    const auto& output = fields().output;
    if (!output || !output->schema) return;
    if (output->format && *output->format == OutputForm::text) {
      report_.add(339, output->format.where, "the format is text and there is a schema of JSON")
          .helps.push_back("write 'format: json', or remove the schema");
    }
    output_ = read_schema(**output->schema, report_);
  }

  // Names that the template has and the schema has not, and the other way round.
  void check_variables(const render::Template& body) {
    if (!stated_) return;
    std::vector<std::string> unused = names_of(input_->text);
    for (const render::Use& use : body.uses()) {
      if (use.steps.empty()) unused.clear();
      if (!use.steps.empty()) std::erase(unused, use.steps[0]);
      std::vector<std::string> known;
      if (!can_hold(input_->text, use.steps, known)) unknown_variable(use, known);
    }
    if (report_.has_errors()) return;  // an unused name may be what a misspelt one meant
    for (const std::string& name : unused) {
      report_
          .add(612, place_of(name), fmt::format("variable '{}' is not used", text::printable(name, 60)),
               "the template does not have it")
          .helps.push_back(fmt::format("write {{{{{}}}}} where it belongs, or remove it", text::printable(name, 60)));
    }
  }

  void unknown_variable(const render::Use& use, const std::vector<std::string>& known) {
    const Span where = at(body_at_ + use.begin, body_at_ + use.end);
    const std::string written(text_.substr(body_at_ + use.begin, use.end - use.begin));
    auto& finding = report_.add(611, where, fmt::format("unknown variable '{}'", text::printable(written, 60)),
                                "not in the input's schema");
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const std::size_t last = written.find_last_of("./");
    const std::string_view name = std::string_view(written).substr(last == std::string::npos ? 0 : last + 1);
    if (const auto meant = text::closest(name, candidates)) {
      finding.helps.push_back(fmt::format("replace '{}' with '{}'", text::printable(name, 60), *meant));
      const auto end = static_cast<std::uint32_t>(where.end - name.size());
      finding.fixes.push_back({{source_, end, where.end}, std::string(*meant)});
    } else {
      finding.helps.push_back(known.empty() ? "declare it in the input's schema"
                                            : fmt::format("known here: {}", fmt::join(known, ", ")));
    }
  }

  // The key of a variable in the schema as it is written: "name", "name?" or "name(array)".
  [[nodiscard]] Span place_of(std::string_view name) const {
    const yaml::Node* schema = *fields().input->schema;
    if (const yaml::Node* properties = schema->find("properties")) schema = properties;
    for (const yaml::Entry& entry : schema->entries) {
      const std::string_view key = entry.key->value;
      if (key.substr(0, key.find_first_of("?(")) == name) return entry.key->span;
    }
    return schema->span;
  }

  // Each value by itself: what is missing beside it a call will give.
  void read_fallback() {
    fallback_.kind = render::Value::Kind::object;
    if (!fields().input || !fields().input->fallback || !input_) return;
    const yaml::Node& node = **fields().input->fallback;
    std::string text;
    if (!yaml::append_json(node, most_bytes, text)) {
      report_.add(613, node.span, "the defaults are too large");
      return;
    }
    auto value = render::read_value(text);
    if (value) fallback_ = std::move(*value);
    const auto verdict = schema::check(input_->compiled, text);
    if (!verdict) return;
    for (const schema::Failure& failure : verdict->failures) {
      if (failure.instance.empty() && !failure.missing.empty()) continue;
      report_.add(613, node_at(node, failure.instance).span,
                  fmt::format("the default{} {}", failure.instance.empty() ? "" : " '" + failure.instance + "'",
                              failure.message),
                  "breaks the input's schema");
    }
  }

  Prompt assemble(render::Template body) {
    const bool json =
        fields().output && (output_ || fields().output->format.value_or(OutputForm::text) == OutputForm::json);
    Prompt out{.name = std::string(name_of(path_)),
               .description = fields().description.value_or(""),
               .model = fields().model.value_or(""),
               .model_at = fields().model ? fields().model.where : at(0, 0),
               .where = at(0, 0),
               .settings = settings_of(),
               .input_text = std::move(input_->text),
               .input_stated = stated_,
               .input = std::move(input_->compiled),
               .fallback = std::move(fallback_),
               .form = json ? OutputForm::json : OutputForm::text,
               .output_text = {},
               .output = {},
               .body = std::move(body)};
    if (output_) {
      out.output_text = std::move(output_->text);
      out.output = std::move(output_->compiled);
    }
    return out;
  }

  [[nodiscard]] chat::Request settings_of() const {
    chat::Request out;
    if (!fields().config) return out;
    const ConfigDraft& config = *fields().config;
    out.temperature = config.temperature.value;
    out.top_p = config.top_p.value;
    out.top_k = config.top_k.value;
    out.frequency_penalty = config.frequency_penalty.value;
    out.presence_penalty = config.presence_penalty.value;
    out.max_output = config.max_output.value;
    if (config.seed) out.seed = static_cast<std::int64_t>(*config.seed);
    for (const auto& stop : config.stop.value_or({})) out.stop.push_back(stop.value_or(""));
    return out;
  }

  std::string_view path_;
  SourceId source_;
  std::string_view text_;
  const diag::Sources& sources_;
  diag::Report& report_;
  std::size_t body_at_ = 0;
  Settings settings_;
  bool stated_ = false;
  std::optional<TypedSchema> input_, output_;
  render::Value fallback_;
};

}  // namespace

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (path.ends_with(extension)) path.remove_suffix(extension.size());
  return path;
}

bool is_prompt_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 64 && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<Prompt> read(std::string_view path, SourceId source, const diag::Sources& sources,
                           diag::Report& report) {
  diag::Report own;
  auto prompt = Reader(path, source, sources, own).run();
  report.append(own);
  return prompt;
}

}  // namespace apigw::prompt
