#include "compare/documents.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "compare/schemas.h"
#include "compare/values.h"
#include "contract/operations.h"
#include "yaml/json.h"

namespace apigw::compare {
namespace {

using contract::Described;
using contract::Operations;
using contract::text_of;
using yaml::Node;

constexpr std::string_view words_for_people[] = {"summary", "description", "tags", "externalDocs"};

// A text as it is, anything else as JSON.
std::string shown_node(const Node* node) {
  if (node == nullptr || node->kind == yaml::Kind::scalar) return text_of(node);
  std::string out;
  if (!yaml::append_json(*node, 1 << 20, out)) out.clear();
  return out;
}

class Comparing {
 public:
  Comparing(Operations& before, Operations& after, Changes& changes)
      : before_(before), after_(after), changes_(changes) {}

  void documents() {
    of_ = {.noun = "document", .name = "info"};
    info();
    for (const auto& [shape, old] : before_.all()) {
      of_ = {.noun = "operation", .name = old.name()};
      const auto now = after_.all().find(shape);
      if (now == after_.all().end())
        add(Grade::breaking, Kind::removed, "", "", "", "callers get no answer any more");
      else
        operations(old, now->second);
    }
    for (const auto& [shape, now] : after_.all()) {
      if (before_.all().contains(shape)) continue;
      of_ = {.noun = "operation", .name = now.name()};
      add(Grade::safe, Kind::added, "", "", "", "nobody calls it yet");
    }
  }

  void requests(const Described& old, const Described& now, const Change& of) {
    of_ = of;
    prefix_ = of.field.empty() ? "" : of.field + ".";
    parameters(old, now);
    bodies(old, now);
  }

 private:
  void add(Grade grade, Kind kind, std::string_view field, std::string before, std::string after,
           std::string reason) {
    Change change = of_;
    change.grade = grade;
    change.kind = kind;
    change.field = field.empty() ? of_.field : prefix_ + std::string(field);
    std::tie(change.before, change.after) = shown(before, after);
    change.reason = std::move(reason);
    changes_.push_back(std::move(change));
  }
  void changed(Grade grade, std::string_view field, const std::string& before, const std::string& after,
               std::string reason) {
    if (before != after) add(grade, Kind::changed, field, before, after, std::move(reason));
  }
  void schemas(const std::string& before, const std::string& after, Maker maker, std::string_view field) {
    Change of = of_;
    of.field = prefix_ + std::string(field);
    compare_schemas(before, after, maker, of, changes_);
  }

  void info() {
    const auto& a = before_.root();
    const auto& b = after_.root();
    const auto of_info = [](const Node& root, std::string_view member) {
      const Node* const info = root.find("info");
      return info == nullptr ? std::string() : text_of(info->find(member));
    };
    for (const std::string_view member : {"title", "version", "description", "summary"})
      changed(Grade::cosmetic, member, of_info(a, member), of_info(b, member), "words for people");
    of_.name = "servers";
    for (const std::string_view member : {"servers", "host", "basePath", "schemes"})
      changed(Grade::risky, member, shown_node(a.find(member)), shown_node(b.find(member)),
              "callers that follow the document go elsewhere");
  }

  void operations(const Described& old, const Described& now) {
    for (const std::string_view word : words_for_people)
      changed(Grade::cosmetic, word, shown_node(old.node->find(word)), shown_node(now.node->find(word)),
              "words for people");
    changed(Grade::cosmetic, "path", old.path, now.path, "other names of its variables");
    changed(Grade::risky, "operationId", text_of(old.node->find("operationId")),
            text_of(now.node->find("operationId")), "generated clients call it by this name");
    const bool was = text_of(old.node->find("deprecated")) == "true";
    const bool is = text_of(now.node->find("deprecated")) == "true";
    if (was != is)
      add(Grade::safe, Kind::changed, "deprecated", was ? "true" : "false", is ? "true" : "false",
          is ? "callers are told to leave it" : "it stays");
    security(old, now);
    parameters(old, now);
    bodies(old, now);
    answers(old, now);
  }

  static std::string shown_ways(const std::vector<Operations::Way>& ways) {
    std::string out;
    for (const auto& way : ways) {
      std::string one;
      for (const auto& [scheme, scopes] : way)
        one += fmt::format("{}{}{}", one.empty() ? "" : " and ", scheme,
                           scopes.empty() ? "" : fmt::format(" ({})", fmt::join(scopes, ", ")));
      out += fmt::format("{}{}", out.empty() ? "" : ", or ", one.empty() ? "nothing" : one);
    }
    return out;
  }
  // Whether who has `given` is let in by one of `ways`.
  static bool let_in(const Operations::Way& given, const std::vector<Operations::Way>& ways) {
    return std::ranges::any_of(ways, [&](const auto& way) {
      return std::ranges::all_of(way, [&](const auto& asked) {
        const auto has = given.find(asked.first);
        return has != given.end() && std::ranges::includes(has->second, asked.second);
      });
    });
  }
  void security(const Described& old, const Described& now) {
    const auto before = before_.ways_in(old), after = after_.ways_in(now);
    const bool all = std::ranges::all_of(before, [&](const auto& given) { return let_in(given, after); });
    const bool new_ones = !std::ranges::all_of(after, [&](const auto& given) { return let_in(given, before); });
    if (!all)
      add(Grade::breaking, Kind::changed, "security", shown_ways(before), shown_ways(after),
          "callers that were let in are refused");
    else if (new_ones)
      add(let_in({}, after) ? Grade::risky : Grade::safe, Kind::changed, "security", shown_ways(before),
          shown_ways(after), let_in({}, after) ? "everybody is let in" : "more callers are let in");
  }

  static bool required(const Node& parameter) {
    return text_of(parameter.find("in")) == "path" || text_of(parameter.find("required")) == "true";
  }
  static std::string title(const Node& parameter) {
    return fmt::format("{} parameter '{}'", text_of(parameter.find("in")), text_of(parameter.find("name")));
  }

  void parameters(const Described& old, const Described& now) {
    const auto before = before_.parameters(old), after = after_.parameters(now);
    for (const auto& [key, a] : before) {
      const auto found = after.find(key);
      if (found == after.end()) {
        if (!key.starts_with("path "))  // the path itself tells
          add(Grade::risky, Kind::removed, title(*a), "", "", "what callers send there has no meaning any more");
        continue;
      }
      const Node* const b = found->second;
      const std::string field = title(*b);
      if (required(*a) != required(*b))
        add(required(*b) ? Grade::breaking : Grade::safe, Kind::changed, field,
            required(*a) ? "required" : "optional", required(*b) ? "required" : "optional",
            required(*b) ? "callers that leave it out are refused" : "it may be left out");
      for (const std::string_view word : {"style", "explode", "collectionFormat", "allowReserved"})
        changed(Grade::breaking, fmt::format("{} {}", field, word), text_of(a->find(word)), text_of(b->find(word)),
                "it is written in another way");
      schemas(before_.schema_of_parameter(*a), after_.schema_of_parameter(*b), Maker::caller, field);
    }
    for (const auto& [key, b] : after)
      if (!before.contains(key) && !key.starts_with("path "))
        add(required(*b) ? Grade::breaking : Grade::safe, Kind::added, title(*b), "",
            required(*b) ? "required" : "optional",
            required(*b) ? "callers that do not know it are refused" : "it may be left out");
  }

  void bodies(const Described& old, const Described& now) {
    const auto before = before_.body(old), after = after_.body(now);
    if (!before && !after) return;
    if (!after) return add(Grade::risky, Kind::removed, "body", "", "", "what callers send has no meaning any more");
    if (!before)
      return add(after->required ? Grade::breaking : Grade::safe, Kind::added, "body", "",
                 after->required ? "required" : "optional",
                 after->required ? "callers without one are refused" : "it may be left out");
    if (before->required != after->required)
      add(after->required ? Grade::breaking : Grade::safe, Kind::changed, "body",
          before->required ? "required" : "optional", after->required ? "required" : "optional",
          after->required ? "callers without one are refused" : "it may be left out");
    for (const auto& [type, schema] : before->media) {
      const auto found = after->media.find(type);
      if (found == after->media.end())
        add(Grade::breaking, Kind::removed, "body " + type, "", "", "callers that send this kind are refused");
      else
        schemas(before_.schema(schema, contract::Side::request),
                after_.schema(found->second, contract::Side::request), Maker::caller, "body");
    }
    for (const auto& [type, schema] : after->media)
      if (!before->media.contains(type))
        add(Grade::safe, Kind::added, "body " + type, "", "", "one kind more is taken");
  }

  void answers(const Described& old, const Described& now) {
    const auto before = before_.answers(old), after = after_.answers(now);
    for (const auto& [status, a] : before) {
      const auto found = after.find(status);
      const bool good = status.starts_with('2');
      if (found == after.end()) {
        add(good ? Grade::breaking : Grade::risky, Kind::removed, "answer " + status, "", "",
            good ? "callers wait for it" : "it is told no more");
        continue;
      }
      answer(old, now, status, *a, *found->second);
    }
    for (const auto& [status, b] : after)
      if (!before.contains(status))
        add(status.starts_with('2') || status.starts_with('3') ? Grade::risky : Grade::safe, Kind::added,
            "answer " + status, "", "",
            status.starts_with('2') || status.starts_with('3') ? "callers do not know it" : "one error more is told");
  }

  void answer(const Described& old, const Described& now, const std::string& status, const Node& a, const Node& b) {
    const std::string field = "answer " + status;
    const auto before = before_.media_of_answer(old, a), after = after_.media_of_answer(now, b);
    for (const auto& [type, schema] : before) {
      const auto found = after.find(type);
      if (found == after.end())
        add(Grade::breaking, Kind::removed, fmt::format("{} {}", field, type), "", "",
            "callers cannot ask for it any more");
      else
        schemas(before_.schema(schema, contract::Side::answer), after_.schema(found->second, contract::Side::answer),
                Maker::service, field);
    }
    for (const auto& [type, schema] : after)
      if (!before.contains(type))
        add(before.empty() ? Grade::risky : Grade::safe, Kind::added, fmt::format("{} {}", field, type), "", "",
            before.empty() ? "there was no body" : "who asks for it gets it");
    changed(Grade::cosmetic, field + " description", text_of(a.find("description")), text_of(b.find("description")),
            "words for people");
    headers(field, a.find("headers"), b.find("headers"));
  }

  void headers(const std::string& field, const Node* before, const Node* after) {
    if (before == nullptr) return;
    for (const yaml::Entry& entry : before->entries) {
      const bool kept = after != nullptr && std::ranges::any_of(after->entries, [&](const yaml::Entry& other) {
                          return text::iequals(other.key->value, entry.key->value);
                        });
      if (!kept)
        add(Grade::risky, Kind::removed, fmt::format("{} header '{}'", field, entry.key->value), "", "",
            "callers may read it");
    }
  }

  Operations& before_;
  Operations& after_;
  Changes& changes_;
  Change of_;
  std::string prefix_;
};

}  // namespace

Changes compare_documents(const Node& before, const Node& after) {
  Changes changes;
  Operations a(before), b(after);
  Comparing(a, b, changes).documents();
  sort(changes);
  return changes;
}

void compare_requests(const Node& before, const Node& after, std::string_view old_name, std::string_view new_name,
                      const Change& of, Changes& changes) {
  Operations a(before), b(after);
  const Described *old = a.find(old_name), *now = b.find(new_name);
  if (old != nullptr && now != nullptr) Comparing(a, b, changes).requests(*old, *now, of);
}

}  // namespace apigw::compare
