// `emit kustomize`: a base, and an overlay for each profile that holds only what differs.
//
// ConfigMaps are left to Kustomize: it makes them from the files and values, puts their hash into the name and
// follows every reference. An overlay is made by comparing the objects of two Plans, so it can say whatever a profile
// can.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "emit/claims.h"
#include "emit/difference.h"
#include "emit/objects.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

constexpr std::string_view api = "kustomize.config.k8s.io/v1beta1";

Value kustomization(const std::string& name_space) {
  Value out = object({{"apiVersion", api}, {"kind", "Kustomization"}});
  if (!name_space.empty()) put(out, "namespace", text(name_space));
  return out;
}

// Kustomize takes a pair of quotes off a value.
std::string literal(const std::string& name, const std::string& value) {
  const bool quoted =
      !value.empty() && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  return fmt::format("{}={}{}{}", name, quoted ? "\"" : "", value, quoted ? "\"" : "");
}

Value generator(const Setting& setting, const Workload& workload) {
  Value out = object({{"name", workload.name + "-config"}});
  Value literals = list(), files = list();
  if (!workload.gateway)
    for (const auto& [name, value] : workload.variables) literals.items.push_back(text(literal(name, value)));
  for (const ConfigFile& file : workload.files)
    files.items.push_back(text(fmt::format("{}=config/{}", key_of_file(file.path), file.path)));
  if (!literals.items.empty()) put(out, "literals", std::move(literals));
  if (!files.items.empty()) put(out, "files", std::move(files));
  put(out, "options",
      object({{"immutable", boolean(true)}, {"labels", *metadata(setting, workload, workload.name).find("labels")}}));
  return out;
}

Value generators(const Setting& setting) {
  Value out = list();
  for (const Workload* workload : chosen(setting.bundle, setting.options))
    if (!config_values(*workload).empty()) out.items.push_back(generator(setting, *workload));
  return out;
}

struct Made {
  Bundle bundle;
  std::vector<Object> objects;
  Value generators;
  std::string name_space;
};

Made make(const model::Plan& plan, const Options& options, diag::Report& report) {
  Made out{bundle_of(plan, options, report), {}, {}, {}};
  const Setting setting{plan, options, out.bundle, true};
  out.objects = all_objects(setting, report);
  out.generators = generators(setting);
  out.name_space = setting.name_space();
  return out;
}

std::string name_of(const Object& object) {
  return object.kind() + "/" + object.name();
}

const Object* find(const Made& made, const std::string& name) {
  const auto found = std::ranges::find(made.objects, name, name_of);
  return found == made.objects.end() ? nullptr : &*found;
}

const Value* find(const Value& generators, const Value& generator) {
  const auto found = std::ranges::find_if(
      generators.items, [&](const Value& other) { return other.find("name")->text == generator.find("name")->text; });
  return found == generators.items.end() ? nullptr : &*found;
}

// The generators that the profile has otherwise. Files are the same in all profiles, and an overlay may not read
// those of the base: it changes the labels alone.
Value changed_generators(const Made& base, const Made& variant) {
  Value out = list();
  for (const Value& generator : variant.generators.items) {
    const Value* before = find(base.generators, generator);
    if (before != nullptr && equal(*before, generator)) continue;
    Value changed = generator;
    const bool files = changed.find("files") != nullptr;
    if (before != nullptr) put(changed, "behavior", text(files ? "merge" : "replace"));
    std::erase_if(changed.members, [](const render::Member& member) { return member.name == "files"; });
    out.items.push_back(std::move(changed));
  }
  return out;
}

Value removal(std::string_view version, const std::string& kind, const std::string& name) {
  const Value gone = emit::object(
      {{"$patch", "delete"}, {"apiVersion", version}, {"kind", kind}, {"metadata", emit::object({{"name", name}})}});
  return emit::object(
      {{"target", emit::object({{"kind", kind}, {"name", name}})}, {"patch", render::write_yaml(gone)}});
}

void overlay(const Made& base, const Made& variant, const std::string& folder, render::FileTree& tree) {
  Value out = kustomization(variant.name_space);
  Value resources = list({text("../../base")}), patches = list();
  for (const Object& object : variant.objects) {
    const Object* before = find(base, name_of(object));
    if (before == nullptr) {
      resources.items.push_back(text(file_of(object)));
      tree[folder + "/" + file_of(object)].content = document(object);
    } else if (const Value operations = difference(before->value, object.value); !operations.items.empty()) {
      patches.items.push_back(
          emit::object({{"target", emit::object({{"kind", object.kind()}, {"name", object.name()}})},
                        {"patch", render::write_yaml(operations)}}));
    }
  }
  for (const Object& object : base.objects)
    if (find(variant, name_of(object)) == nullptr)
      patches.items.push_back(removal(object.value.find("apiVersion")->text, object.kind(), object.name()));
  for (const Value& generator : base.generators.items)
    if (find(variant.generators, generator) == nullptr)
      patches.items.push_back(removal("v1", "ConfigMap", generator.find("name")->text));
  put(out, "resources", std::move(resources));
  if (!patches.items.empty()) put(out, "patches", std::move(patches));
  if (Value changed = changed_generators(base, variant); !changed.items.empty())
    put(out, "configMapGenerator", std::move(changed));
  tree[folder + "/kustomization.yaml"].content = render::write_yaml(out);
}

std::string read_me(const Setting& setting, const Options& options, const diag::Report& report) {
  std::string out =
      "# Written by apigw emit kustomize\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten.\n\n    kubectl apply -k base\n";
  for (const Variant& variant : options.variants)
    out += fmt::format("    kubectl apply -k overlays/{}\n", variant.profile);
  return out + read_me_end(setting, report);
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  render::FileTree tree;
  const Made base = make(plan, options, report);
  if (report.has_errors()) return {};
  const Setting setting{plan, options, base.bundle, true};
  report_losses(setting, report);
  Value root = kustomization(base.name_space), resources = list();
  std::set<std::string> names;
  for (const Object& object : base.objects) {
    names.insert(file_of(object));
    tree["base/" + file_of(object)].content = document(object);
  }
  for (const std::string& name : names) resources.items.push_back(text(name));
  put(root, "resources", std::move(resources));
  if (!base.generators.items.empty()) put(root, "configMapGenerator", base.generators);
  tree["base/kustomization.yaml"].content = render::write_yaml(root);
  for (const Workload* workload : chosen(base.bundle, options))
    for (const ConfigFile& file : workload->files) tree["base/config/" + file.path].content = file.text;
  for (const Variant& variant : options.variants) {
    Options own = options;
    own.sets = variant.sets;
    diag::Report found;
    overlay(base, make(*variant.plan, own, found), "overlays/" + variant.profile, tree);
    add_of_profile(found, variant.profile, report);
  }
  if (report.has_errors()) return {};
  tree["README.md"].content = read_me(setting, options, report);
  return tree;
}

}  // namespace

extern const Emitter kustomize_emitter;
const Emitter kustomize_emitter = {
    .summary = "a base and an overlay for each profile",
    .claims = kubernetes_claims,
    .whole = true,
    .profiles = true,
    .emit = emit,
};

}  // namespace apigw::emit
