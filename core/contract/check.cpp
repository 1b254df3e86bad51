// A call against an operation: texts become the values that schemas speak of.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/operation.h"
#include "http/target.h"
#include "schema/values.h"

namespace apigw::contract {
namespace {

constexpr std::size_t most_mistakes = 20;
constexpr std::string_view as_text = ", not a string";  // what every parameter is sent as

std::string_view word(In in) {
  return in == In::path ? "path" : in == In::query ? "query" : "header";
}

// The media type of a content-type field, without its parameters.
std::string media_of(std::string_view field) {
  return text::lower(text::trim(field.substr(0, field.find(';'))));
}

bool fits(std::string_view media, std::string_view declared) {
  if (declared == "*/*" || declared == media) return true;
  return declared.ends_with("/*") && media.starts_with(declared.substr(0, declared.size() - 1));
}

class Check {
 public:
  Check(const Operation& operation, const Call& call, const json::Limits& limits)
      : operation_(operation), call_(call), limits_(limits) {}

  std::optional<Misfit> run() {
    const auto& all = operation_.parameters;
    if (std::ranges::find(all, In::query, &Parameter::in) != all.end()) pairs_ = http::query_pairs(call_.query);
    for (const Parameter& parameter : operation_.parameters) judge(parameter);
    if (!misfit_ && operation_.body) judge(*operation_.body);
    if (misfit_) misfit_->errors += ']';
    return std::move(misfit_);
  }

 private:
  // --- mistakes

  void add(int status, std::string detail, std::string_view row) {
    if (!misfit_) misfit_ = Misfit{status, std::move(detail), "["};
    if (++mistakes_ > most_mistakes) return;
    if (mistakes_ > 1) misfit_->errors += ',';
    misfit_->errors += row;
  }
  void wrong(const Parameter& parameter, std::string_view what) {
    add(400, fmt::format("{} parameter '{}' {}", word(parameter.in), text::printable(parameter.name, 60), what),
        fmt::format(R"({{"parameter":{},"in":"{}","detail":{}}})", json::quote(parameter.name), word(parameter.in),
                    json::quote(what)));
  }
  void wrong_body(int status, std::string_view pointer, std::string_view what) {
    add(status,
        pointer.empty() ? fmt::format("the body {}", what)
                        : fmt::format("{} {}", text::printable(pointer, 200), text::printable(what, 300)),
        fmt::format(R"({{"pointer":{},"detail":{}}})", json::quote(pointer), json::quote(what)));
  }

  // --- parameters

  void judge(const Parameter& parameter) {
    const std::vector<std::string> texts = texts_of(parameter);
    if (texts.empty()) {
      if (parameter.required) wrong(parameter, "is missing");
      return;
    }
    if (!parameter.list && texts.size() > 1) return wrong(parameter, "is given more than once");
    std::string value = parameter.list ? "[" : json_of(parameter, texts.front());
    if (parameter.list) {
      for (const std::string& text : texts)
        for (const std::string_view item : items_of(parameter, text))
          value += (value.size() > 1 ? "," : "") + json_of(parameter, item);
      value += ']';
    }
    const auto verdict = schema::check(parameter.schema, value, {.document = limits_});
    if (!verdict) return wrong(parameter, "cannot be judged: " + verdict.error().what);
    for (const schema::Failure& failure : verdict->failures) {
      std::string_view said = failure.message;
      if (said.ends_with(as_text)) said.remove_suffix(as_text.size());
      wrong(parameter, fmt::format("{}{}{}", failure.instance, failure.instance.empty() ? "" : " ", said));
    }
  }

  [[nodiscard]] std::vector<std::string> texts_of(const Parameter& parameter) const {
    std::vector<std::string> texts;
    if (parameter.in == In::path) {
      for (const auto& [name, value] : call_.variables)
        if (name == parameter.name) texts.push_back(http::decode(value));
    } else if (parameter.in == In::query) {
      for (const auto& [name, value] : pairs_)
        if (name == parameter.name) texts.push_back(value);
    } else {
      for (const auto field : call_.headers)
        if (field.name == parameter.name) texts.emplace_back(field.value);
    }
    return texts;
  }

  static std::vector<std::string_view> items_of(const Parameter& parameter, std::string_view text) {
    if (parameter.separator == 0) return {text};
    if (text.empty()) return {};
    auto items = text::split(text, parameter.separator);
    if (parameter.in == In::header)
      for (std::string_view& item : items) item = text::trim(item);
    return items;
  }

  static std::string json_of(const Parameter& parameter, std::string_view text) {
    if (parameter.boolean && (text == "true" || text == "false")) return std::string(text);
    if (parameter.number) {
      const auto scanned = json::scan(text);
      const bool whole = scanned && scanned->root.type == json::Type::number && scanned->root.begin == 0;
      if (whole && scanned->root.end == text.size()) return std::string(text);
    }
    return json::quote(text);
  }

  // --- the body

  void judge(const Body& body) {
    if (call_.body.empty()) {
      if (body.required) wrong_body(400, "", "is missing");
      return;
    }
    // What would be read otherwise by whoever gets it is judged by nobody.
    const std::string media = media_of(call_.headers.find("content-type").value_or(std::string_view()));
    if (times("content-type") > 1 || media.contains(','))
      return wrong_body(400, "", "has more than one content-type");
    if (const auto coding = call_.headers.find("content-encoding"); coding && text::lower(*coding) != "identity")
      return wrong_body(415, "", fmt::format("is encoded as {}, and none is taken", text::printable(*coding, 80)));
    if (media.empty()) {  // the strictest kind
      const auto strict = std::ranges::find_if(body.media, [](const Media& one) { return one.schema.has_value(); });
      if (strict != body.media.end()) judge_json(*strict->schema);
      return;
    }
    const auto found = std::ranges::max_element(body.media, {}, [&](const Media& one) {
      return !fits(media, one.type) ? 0 : one.type == media ? 3 : one.type != "*/*" ? 2 : 1;
    });
    if (!fits(media, found->type)) {
      std::vector<std::string_view> taken;
      for (const Media& one : body.media) taken.emplace_back(one.type);
      return wrong_body(415, "", fmt::format("is {}, not {}", text::printable(media, 80), fmt::join(taken, " or ")));
    }
    if (found->schema) judge_json(*found->schema);
  }

  [[nodiscard]] std::size_t times(std::string_view name) const {
    std::size_t count = 0;
    for (const auto field : call_.headers) count += field.name == name ? 1 : 0;
    return count;
  }

  void judge_json(const schema::Schema& schema) {
    const auto verdict = schema::check(schema, call_.body, {.document = limits_});
    if (!verdict) {
      const bool text = verdict.error().kind == ErrorKind::invalid;
      return wrong_body(text ? 400 : 422, "", text ? "is not " + verdict.error().what : verdict.error().what);
    }
    for (const schema::Failure& failure : verdict->failures) {
      const bool missing = !failure.missing.empty();
      wrong_body(422, missing ? failure.instance + schema::pointer_step(failure.missing) : failure.instance,
                 missing ? "is missing" : failure.message);
    }
  }

  const Operation& operation_;
  const Call& call_;
  const json::Limits& limits_;
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::optional<Misfit> misfit_;
  std::size_t mistakes_ = 0;
};

}  // namespace

std::optional<Misfit> check(const Operation& operation, const Call& call, const json::Limits& limits) {
  return Check(operation, call, limits).run();
}

}  // namespace apigw::contract
