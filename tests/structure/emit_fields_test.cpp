// What an emitter claims of a field is so: one that is written changes what comes out, in an example that sets it,
// and one that is lost is told where an example sets it.
//
// The gateway's own copy of the config is held still, so that only what an emitter makes of the Plan counts.
#include <algorithm>
#include <map>
#include <optional>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "assembly/vocabulary.h"
#include "config/load.h"
#include "emit/bundle.h"
#include "emit/emitter.h"
#include "render/yaml_writer.h"
#include "structure/claims.h"
#include "structure/tree.h"
#include "support/memory_files.h"
#include "yaml/tree.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using render::Value;

namespace {

// Plain scalars keep their spelling: a number, a boolean or a word as it was written.
Value value_of(const yaml::Node& node) {
  Value out;
  switch (node.kind) {
    case yaml::Kind::null:
      break;
    case yaml::Kind::scalar:
      out.kind = node.style == yaml::Style::plain ? Value::Kind::number : Value::Kind::text;
      out.text = node.value;
      break;
    case yaml::Kind::sequence:
      out.kind = Value::Kind::list;
      for (const yaml::Node* item : node.items) out.items.push_back(value_of(*item));
      break;
    case yaml::Kind::mapping:
      out.kind = Value::Kind::object;
      for (const yaml::Entry& entry : node.entries) out.members.push_back({entry.key->value, value_of(*entry.value)});
      break;
  }
  return out;
}

Value read(const std::string& text) {
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("config", text), sources, report);
  REQUIRE_FALSE(report.has_errors());
  return value_of(tree->root());
}

// A field where a config sets it: the mapping that holds it, and its name as findings say it.
struct Place {
  std::vector<std::size_t> steps;  // into members and items, to the mapping
  std::string key, name;
};

void find_places(const Value& at, std::string_view field, Place place, std::vector<Place>& out) {
  for (std::size_t i = 0; i < at.items.size(); ++i) {
    Place below = place;
    below.steps.push_back(i);
    // As a route of several alternatives is called.
    if (i > 0 && place.name.starts_with("routes.")) below.name += fmt::format(" #{}", i + 1);
    find_places(at.items[i], field, std::move(below), out);
  }
  const auto dot = field.find('.');
  const std::string_view wanted = field.substr(0, dot);
  for (std::size_t i = 0; i < at.members.size(); ++i) {
    const std::string& key = at.members[i].name;
    if (wanted != "*" && wanted != key) continue;
    Place below = place;
    below.name += (place.name.empty() ? "" : ".") + key;
    below.key = key;
    if (dot == std::string_view::npos) {
      out.push_back(std::move(below));
      continue;
    }
    below.steps.push_back(i);
    find_places(at.members[i].value, field.substr(dot + 1), std::move(below), out);
  }
}

const Value& own(const Value& root, const Place& place) {
  const Value* at = &root;
  for (const std::size_t step : place.steps)
    at = at->kind == Value::Kind::list ? &at->items[step] : &at->members[step].value;
  return *at->find(place.key);
}

// The config with another value there, or without one.
std::string changed(Value root, const Place& place, const std::optional<Value>& value) {
  Value* at = &root;
  for (const std::size_t step : place.steps)
    at = at->kind == Value::Kind::list ? &at->items[step] : &at->members[step].value;
  for (render::Member& member : at->members)
    if (member.name == place.key && value) member.value = *value;
  if (!value) std::erase_if(at->members, [&](const render::Member& member) { return member.name == place.key; });
  return render::write_yaml(root);
}

struct Example {
  std::string path;
  MemoryFiles files;
  Value root;
};

Example example(const std::string& folder) {
  Example out{.path = folder + "/apigw.yaml", .files = {}, .root = read(test::read_text(folder + "/apigw.yaml"))};
  for (const auto& file : test::source_files(folder, {".yaml", ".prompt"}))
    out.files.content["/project/" + file.path.substr(folder.size() + 1)] = file.text;
  return out;
}

struct Target {
  std::string_view word;
  const emit::Emitter* emitter = nullptr;
  emit::Implementation implementation = emit::Implementation::none;
  [[nodiscard]] std::string name() const {
    return fmt::format("{}{}", word,
                       implementation == emit::Implementation::envoy_gateway ? " for envoy-gateway" : "");
  }
};

std::vector<Target> targets() {
  std::vector<Target> out;
  for (const emit::RosterRow& row : emit::roster()) {
    out.push_back({row.word, row.emitter});
    if (row.word == "gateway-api") out.push_back({row.word, row.emitter, emit::Implementation::envoy_gateway});
  }
  return out;
}

config::Loaded load(const MemoryFiles& files, const std::string& text, std::vector<emit::Set> sets) {
  MemoryFiles own = files;
  own.content["/project/apigw.yaml"] = text;
  return config::load({.path = "apigw.yaml", .sets = std::move(sets)}, own, {}, assembly::vocabulary());
}

struct Finding {
  std::string field;
  bool whole = false;  // lost, and not only written nearly
};

struct Written {
  render::FileTree tree;  // without the README, which says again what is lost
  std::vector<Finding> told;
};

// A config as one kind of emitters reads it; without a Plan when it is refused.
struct Read {
  model::PlanPtr plan;
  std::vector<emit::Set> sets;
};

Read read_for(const Target& target, const MemoryFiles& files, const std::string& text) {
  Read out{.plan = load(files, text, {}).plan, .sets = {}};
  if (out.plan == nullptr || target.emitter->as_written) return out;
  out.sets = target.emitter->sets != nullptr ? target.emitter->sets(*out.plan) : emit::deployed_sets(*out.plan);
  out.plan = load(files, text, out.sets).plan;
  return out;
}

// As `apigw emit` does; nothing when the config or the emitter refuses.
std::optional<Written> emitted(const Target& target, const Read& config) {
  if (config.plan == nullptr) return std::nullopt;
  emit::Options options{
      .files = {{"apigw.yaml", "apigw: 1\n"}}, .sets = config.sets, .implementation = target.implementation};
  // As if each folder of a service had its Dockerfile.
  for (const model::Service& service : config.plan->services)
    if (service.run) options.pipeline.contexts[service.name] = service.run->directory;
  diag::Report report;
  Written out{.tree = target.emitter->emit(*config.plan, options, report), .told = {}};
  if (report.has_errors()) return std::nullopt;
  out.tree.erase("README.md");
  for (const diag::Diagnostic& finding : report.all())
    if (finding.code == 711 || finding.code == 712)
      out.told.push_back({finding.message.substr(1, finding.message.find("' is ") - 1), finding.code == 711});
  return out;
}

// Whether a finding names the place, or says that something around it is lost as a whole. What holds for all services
// and providers is told at each.
bool names(const Written& written, const Place& place) {
  return std::ranges::any_of(written.told, [&](const Finding& finding) {
    const std::string_view name = finding.field;
    if (name == place.name) return true;
    if (finding.whole && place.name.starts_with(finding.field + ".")) return true;
    return place.name.starts_with("outbound.") && name.ends_with("." + place.name);
  });
}

class Proving {
 public:
  Proving() {
    for (const char* folder : {"examples/shop", "examples/cluster", "examples/edge", "tests/golden/emit/fields"})
      examples_.push_back(example(folder));
  }

  bool written(const Target& target, const config::FieldPage& page) {
    for (const Example& at : examples_)
      for (const Place& place : places(at, page.path)) {
        const auto& before = as_it_is(target, at);
        for (const std::optional<Value>& value : before ? others(page, own(at.root, place)) : Values())
          if (const auto after = emitted(target, read_once(target, at, changed(at.root, place, value)));
              after && after->tree != before->tree)
            return true;
      }
    return false;
  }

  // Where it is not: every example must tell of it, and there must be one.
  std::string untold(const Target& target, const config::FieldPage& page) {
    bool any = false;
    for (const Example& at : examples_) {
      const auto found = places(at, page.path);
      const auto& before = as_it_is(target, at);
      if (found.empty() || !before) continue;
      any = true;
      for (const Place& place : found)
        if (!names(*before, place)) return fmt::format("{} of {}", place.name, at.path);
    }
    return any ? "" : "any example";
  }

 private:
  using Values = std::vector<std::optional<Value>>;

  const std::optional<Written>& as_it_is(const Target& target, const Example& at) {
    const auto [found, fresh] = as_it_is_.try_emplace({target.name(), at.path});
    if (fresh) found->second = emitted(target, read_for(target, at.files, render::write_yaml(at.root)));
    return found->second;
  }

  // Most emitters read a config alike.
  const Read& read_once(const Target& target, const Example& at, const std::string& text) {
    const auto kind = reinterpret_cast<std::uintptr_t>(target.emitter->sets) + target.emitter->as_written;
    const auto [found, fresh] = read_.try_emplace(fmt::format("{} {} {}", kind, at.path, text));
    if (fresh) found->second = read_for(target, at.files, text);
    return found->second;
  }

  static std::vector<Place> places(const Example& at, std::string_view field) {
    std::vector<Place> out;
    find_places(at.root, field, {}, out);
    return out;
  }

  // Other values for a field: none, the one that its page shows, one made of its own; and those that matter beside
  // another field alone.
  static Values others(const config::FieldPage& page, const Value& own) {
    Values out{std::nullopt};
    for (const std::string& shown : page.examples) out.emplace_back(read(shown).members.front().value);
    if (own.kind == Value::Kind::number || own.kind == Value::Kind::text) {
      Value longer = own;
      longer.text = own.text == "true" ? "false" : own.text == "false" ? "true" : own.text + "1";
      out.emplace_back(std::move(longer));
    }
    constexpr std::pair<std::string_view, const char*> more[] = {
        {"listen.auth", "a: none"},               // beside the defaults' key
        {"providers.*.dialect", "a: anthropic"},  // there are two that are known elsewhere
        {"services.*.timeout", "a: 5m"},          // where one time is for this and between_bytes, the longer one
        {"timeouts.first_byte", "a: 5m"},         //
        {"timeouts.between_bytes", "a: 5m"},      //
        {"timeouts.client_write", "a: 5m"},       // as with body_idle
        {"timeouts.body_idle", "a: 5m"},          //
        {"deploy.patches.json", "a: [{op: add, path: /note, value: x}]"},  // which any object takes
        {"services.*.memory", "a: 12GiB"},                                 // Fargate sells few sizes
        {"deploy.gateway.memory", "a: 12GiB"},                             //
    };
    for (const auto& [field, value] : more)
      if (field == page.path) out.emplace_back(read(value).members.front().value);
    return out;
  }

  std::vector<Example> examples_;
  std::map<std::pair<std::string, std::string>, std::optional<Written>> as_it_is_;
  std::map<std::string, Read> read_;
};

}  // namespace

TEST_CASE("a field that a target writes changes what it writes, and one that it loses is told") {
  Proving proving;
  const auto pages = config::field_pages(assembly::vocabulary());
  const auto all = targets();
  std::size_t written = 0, lost = 0;
  for (const config::FieldPage& page : pages) {
    const bool parent = std::ranges::any_of(
        pages, [&](const config::FieldPage& other) { return other.path.starts_with(page.path + "."); });
    if (!page.enforced || parent) continue;
    for (const Target& target : all) {
      const auto claim = std::ranges::find_if(
          target.emitter->claims, [&](const emit::FieldClaim& row) { return test::covers(row.field, page.path); });
      if (claim == target.emitter->claims.end()) continue;
      CAPTURE(target.name());
      CAPTURE(page.path);
      if (claim->claim == emit::Claim::written) {
        ++written;
        // One implementation may write what another tells of.
        const auto twin_writes = [&] {
          return std::ranges::any_of(all, [&](const Target& twin) {
            return twin.word == target.word && twin.implementation != target.implementation &&
                   proving.written(twin, page);
          });
        };
        const bool so = proving.written(target, page) || (proving.untold(target, page).empty() && twin_writes());
        CHECK_MESSAGE(so, target.name() << " writes nothing of " << page.path);
      }
      if (claim->claim == emit::Claim::lost) {
        ++lost;
        const std::string where = proving.untold(target, page);
        CHECK_MESSAGE(where.empty(), target.name() << " does not tell of " << page.path << " in " << where);
      }
    }
  }
  CHECK(written > 300);
  CHECK(lost > 100);
}
