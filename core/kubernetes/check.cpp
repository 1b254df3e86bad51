#include "kubernetes/check.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"

namespace apigw::kubernetes {
namespace {

constexpr std::string_view ours = "apigw/ignore-";
constexpr std::string_view kube_linter = "ignore-check.kube-linter.io/";
constexpr std::string_view polaris = "polaris.fairwinds.com/";

bool lists(std::string_view names, char separator, std::string_view word) {
  const auto all = text::split(names, separator);
  return std::ranges::any_of(all, [&](std::string_view one) { return text::trim(one) == word; });
}

bool any_of_listed(std::string_view names, const auto& test) {
  return !names.empty() && std::ranges::any_of(text::split(names, ' '), test);
}

bool exempts(std::string_view key, std::string_view value, const Rule& rule) {
  const bool yes = text::iequals(value, "true");
  if (key.starts_with(ours)) return !value.empty() && key.substr(ours.size()) == diag::code_name(rule.code);
  if (key == "kube-linter.io/ignore-all") return !rule.kube_linter.empty();
  if (key.starts_with(kube_linter)) return lists(rule.kube_linter, ' ', key.substr(kube_linter.size()));
  if (key == "kube-score/skip") return yes && !rule.kube_score.empty();
  if (key == "kube-score/ignore")
    return any_of_listed(rule.kube_score,
                         [&](std::string_view name) { return lists(value, ',', name) || lists(value, ',', "*"); });
  if (key == "polaris.fairwinds.com/exempt") return yes && !rule.polaris.empty();
  if (key.starts_with(polaris))
    return yes && any_of_listed(rule.polaris, [&](std::string_view name) {
             return key.substr(polaris.size()) == fmt::format("{}-exempt", name);
           });
  return false;
}

class Checker {
 public:
  Checker(const Objects& all, diag::Report& report) : all_(all), report_(report) {}
  std::vector<Span> secrets;

  void check(const Object& object) {
    read_annotations(object);
    for (const Rule& rule : rules()) {
      if ((rule.kinds & only(object.kind)) == 0 || (rule.over != Over::object && !object.pod)) continue;
      if (exempt(rule)) continue;
      Look look{.all = all_, .object = object, .code = rule.code, .report = report_, .secrets = secrets};
      if (rule.over == Over::object) {
        rule.look(look);
        continue;
      }
      look.pod = &*object.pod;
      if (rule.over == Over::pod) rule.look(look);
      for (const Container& container : rule.over == Over::container ? object.pod->containers : none_) {
        look.container = &container;
        rule.look(look);
      }
    }
  }

 private:
  void read_annotations(const Object& object) {
    annotations_.clear();
    const auto take = [&](const Node* annotations) {
      if (annotations == nullptr || annotations->kind != yaml::Kind::mapping) return;
      for (const yaml::Entry& entry : annotations->entries) {
        annotations_.push_back(&entry);
        judge(entry);
      }
    };
    take(object.find({"metadata", "annotations"}));
    if (object.pod && object.kind != Kind::pod) take(at(object.pod->metadata, {"annotations"}));
  }

  void judge(const yaml::Entry& entry) {
    const std::string_view key = entry.key->value;
    if (!key.starts_with(ours)) return;
    const bool known = std::ranges::any_of(
        rules(), [&](const Rule& rule) { return diag::code_name(rule.code) == key.substr(ours.size()); });
    if (known && !text_of(entry.value).empty()) return;
    report_
        .add(108, entry.key->span, "this annotation ignores nothing: it needs the code of a rule and a reason",
             known ? "no reason" : "no rule has this code")
        .helps.push_back("write `apigw/ignore-AGW829: why this is fine here`");
  }

  [[nodiscard]] bool exempt(const Rule& rule) const {
    if (diag::find_code(rule.code)->severity == diag::Severity::error) return false;
    return std::ranges::any_of(annotations_, [&](const yaml::Entry* entry) {
      return exempts(entry->key->value, text_of(entry->value), rule);
    });
  }

  const Objects& all_;
  diag::Report& report_;
  std::vector<const yaml::Entry*> annotations_;  // of the object being checked
  const std::vector<Container> none_;
};

}  // namespace

void check(const Objects& all, diag::Sources& sources, diag::Report& report) {
  Checker checker(all, report);
  for (const Object& object : all.all()) checker.check(object);
  for (const Span secret : checker.secrets) sources.conceal(secret);
}

}  // namespace apigw::kubernetes
