// `emit helm`: a chart whose defaults are the config, and a values-NAME.yaml for each profile that holds what
// differs.
//
// The templates are the objects of `emit k8s`, so that the two never say different things. What a person sets (image,
// number, resources, arguments, variables) is a value, and so is each member that some profile has otherwise: the
// objects of all Plans are laid over each other, and where they differ the template asks the values. Values are put
// in as JSON, which is YAML wherever it stands.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/difference.h"
#include "emit/helm_layers.h"
#include "emit/helm_schema.h"
#include "emit/objects.h"
#include "emit/patches.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

struct Image {
  std::string repository, tag, digest;
};

Image image_of(const std::string& whole) {
  const auto at = whole.find('@');
  const std::string named = whole.substr(0, at);
  const auto slash = named.rfind('/');
  const auto colon = named.find(':', slash == std::string::npos ? 0 : slash);
  return {named.substr(0, colon), colon == std::string::npos ? "" : named.substr(colon + 1),
          at == std::string::npos ? "" : whole.substr(at + 1)};
}

constexpr std::string_view order_of_values[] = {"image",     "replicas", "autoscaling", "resources",
                                                "arguments", "env",      "variables",   "secrets"};

class Chart {
 public:
  Chart(const model::Plan& plan, const Options& options, diag::Report& report)
      : plan_(plan), options_(options), report_(report) {
    sides_.push_back(side(plan, options, report));
    for (const Variant& variant : options.variants) {
      Options own = options;
      own.sets = variant.sets;
      diag::Report found;
      sides_.push_back(side(*variant.plan, own, found));
      add_of_profile(found, variant.profile, report);
    }
  }

  render::FileTree take() {
    Slots slots(unused_prefix());
    render::FileTree tree;
    std::vector<std::string> names;
    for (const Side& side : sides_)
      for (const Workload& workload : side.bundle.workloads)
        if (std::ranges::find(names, workload.name) == names.end()) names.push_back(workload.name);
    for (const std::string& name : names) workload(name, slots, tree);
    helpers(tree);
    const Value base = values(sides_.front());
    tree["values.yaml"].content =
        "# What the config says. The objects are those of `apigw emit k8s`.\n" + render::write_yaml(base);
    for (std::size_t i = 1; i < sides_.size(); ++i)
      tree[fmt::format("values-{}.yaml", options_.variants[i - 1].profile)].content = fmt::format(
          "# What profile {} has otherwise; null takes a default away.\n{}", options_.variants[i - 1].profile,
          render::write_yaml(merge_difference(base, values(sides_[i]))));
    tree["values.schema.json"].content = render::write_pretty_json(values_schema(sides_, names));
    tree["Chart.yaml"].content = render::write_yaml(chart());
    for (const Workload& workload : sides_.front().bundle.workloads)
      for (const ConfigFile& file : workload.files) tree["files/" + file.path].content = file.text;
    return tree;
  }

  [[nodiscard]] const Bundle& bundle() const { return sides_.front().bundle; }

 private:
  static Side side(const model::Plan& plan, const Options& options, diag::Report& report) {
    Side out{.bundle = bundle_of(plan, options, report), .objects = {}, .part_of = {}};
    const Setting setting{plan, options, out.bundle, true};
    out.part_of = setting.name_space().empty() ? "apigw" : setting.name_space();
    out.objects = all_objects(setting, report);
    for (const Workload& workload : out.bundle.workloads)
      if (const auto values = config_values(workload); !values.empty())
        out.objects.push_back(
            {workload.name, object({{"apiVersion", "v1"},
                                    {"kind", "ConfigMap"},
                                    {"metadata", metadata(setting, workload, workload.name + "-config")},
                                    {"immutable", boolean(true)},
                                    {"data", object(values)}})});
    return out;
  }

  [[nodiscard]] std::string unused_prefix() const {
    std::string all, prefix = "slot";
    for (const Side& side : sides_)
      for (const Object& object : side.objects) render::write_json(object.value, all);
    while (all.contains(prefix)) prefix += "t";
    return prefix;
  }

  // A side's object with what Helm works out in place of what is written for a cluster.
  Value prepared(Object object, const Workload& workload, Side& side, Slots& slots) {
    const std::string config = config_map_name({plan_, options_, side.bundle}, workload);
    const std::string hash = workload.gateway ? "(include \"apigw.files\" . | sha256sum | trunc 8)"
                                              : "(toRawJson $w.variables | sha256sum | trunc 8)";
    const auto slot = [&](const std::string& expression, const std::string& literal) {
      Value out = slots.make(expression);
      side.literals[out.text] = literal;
      return out;
    };
    if (Value* head = find(object.value, "metadata"); head != nullptr && !head->members.empty())
      head->members.insert(head->members.begin() + 1, {"namespace", slot("toJson .Release.Namespace", "")});
    if (object.kind() == "Deployment" && !config.empty())
      if (Value* head = below(object.value, {"spec", "template", "metadata"})) {
        if (find(*head, "annotations") == nullptr) put(*head, "annotations", emit::object());
        put(*find(*head, "annotations"), "apigw/config",
            slot("toJson " + hash, config.substr(config.rfind('-') + 1)));
      }
    if (object.kind() == "ConfigMap" && workload.gateway)
      put(object.value, "data", slots.make("include \"apigw.files\" ."));
    const std::string version = version_of(workload.container->image), short_name = workload.name + "-config";
    const auto replace = [&](auto& self, Value& value) -> void {
      for (Value& item : value.items) self(self, item);
      for (render::Member& member : value.members) {
        const std::string& is = member.value.text;
        if (member.name == "app.kubernetes.io/version" && is == version)
          member.value = slot("include \"apigw.version\" $w.image | toJson", version);
        else if (member.name == "app.kubernetes.io/part-of" && is == "apigw")
          member.value = slot("toJson .Values.partOf", side.part_of);
        else if (member.name == "app.kubernetes.io/managed-by" && is == "apigw")
          member.value = slot("toJson .Release.Service", "Helm");
        else if (member.name == "image" && is == workload.container->image)
          member.value = slot("include \"apigw.image\" $w.image | toJson", is);
        else if (member.name == "name" && is == short_name)
          member.value = slot(fmt::format("printf \"{}-%s\" {}", short_name, hash), config);
        else
          self(self, member.value);
      }
    };
    replace(replace, object.value);
    return std::move(object.value);
  }

  static Value* below(Value& root, std::initializer_list<std::string_view> steps) {
    Value* at = &root;
    for (const std::string_view step : steps)
      if (at != nullptr) at = find(*at, step);
    return at;
  }

  void workload(const std::string& name, Slots& slots, render::FileTree& tree) {
    Layering layers(sides_, name, slots);
    struct Same {
      std::string kind, name, file;
    };
    std::vector<Same> found;
    std::vector<std::vector<std::pair<Same, Value>>> mine(sides_.size());
    bool gateway = false;
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      const Workload* workload = find_workload(sides_[i], name);
      if (workload == nullptr) continue;
      gateway = workload->gateway;
      const Image image = image_of(workload->container->image);
      Value parts = object({{"repository", image.repository}});
      if (!image.tag.empty()) put(parts, "tag", text(image.tag));
      if (!image.digest.empty()) put(parts, "digest", text(image.digest));
      layers.set(i, {"image"}, std::move(parts));
      for (const Object& object : sides_[i].objects) {
        if (object.workload != name) continue;
        const Same same{object.kind(), object.name(), file_of(object)};
        if (std::ranges::find_if(found, [&](const Same& s) { return s.kind == same.kind && s.name == same.name; }) ==
            found.end())
          found.push_back(same);
        mine[i].emplace_back(same, prepared(object, *workload, sides_[i], slots));
      }
    }
    for (const Same& same : found) {
      std::vector<const Value*> values;
      bool everywhere = true;
      for (std::size_t i = 0; i < sides_.size(); ++i) {
        const auto at = std::ranges::find_if(
            mine[i], [&](const auto& one) { return one.first.kind == same.kind && one.first.name == same.name; });
        values.push_back(at == mine[i].end() ? nullptr : &at->second);
        everywhere = everywhere && (at != mine[i].end() || find_workload(sides_[i], name) == nullptr);
      }
      const Value merged = layers.merge(values, same.kind);
      std::string condition = "$w";
      if (same.kind == "HorizontalPodAutoscaler") {
        condition = "and $w $w.autoscaling";
      } else if (!everywhere) {
        const std::string group = group_of(same.kind);
        for (std::size_t i = 0; i < sides_.size(); ++i)
          if (find_workload(sides_[i], name) != nullptr)
            layers.set(i, {group, "enabled"}, boolean(values[i] != nullptr));
        condition = fmt::format("and $w $w.{}.enabled", group);
      }
      tree["templates/" + same.file].content =
          fmt::format("{{{{- $w := {} }}}}\n{{{{- if {} }}}}\n{}{{{{- end }}}}\n",
                      gateway ? ".Values.gateway" : fmt::format("index .Values.services {}", json::quote(name)),
                      condition, slots.write(merged));
    }
  }

  void helpers(render::FileTree& tree) const {
    std::string files;
    for (const Workload& workload : sides_.front().bundle.workloads) {
      if (!workload.gateway) continue;
      std::map<std::string, std::string> by_key;
      for (const ConfigFile& file : workload.files) by_key[key_of_file(file.path)] = file.path;
      for (const auto& [key, path] : by_key)
        files += fmt::format("{}{}:{{{{ .Files.Get {} | toRawJson }}}}", files.empty() ? "" : ",", json::quote(key),
                             json::quote("files/" + path));
    }
    tree["templates/_helpers.tpl"].content =
        "{{- define \"apigw.image\" -}}\n"
        "{{ .repository }}{{ with .tag }}:{{ . }}{{ end }}{{ with .digest }}@{{ . }}{{ end }}\n"
        "{{- end }}\n"
        "{{- define \"apigw.version\" -}}\n"
        "{{ .tag | default (regexReplaceAll \"^[^:]*:\" (.digest | default \"\") \"\" | trunc 12) | trunc 63 | "
        "trimAll "
        "\"._-\" }}\n"
        "{{- end }}\n"
        "{{- define \"apigw.files\" -}}\n{" +
        files + "}\n{{- end }}\n";
  }

  // As values.yaml has it: the gateway, and the services by name.
  [[nodiscard]] Value values(const Side& side) const {
    Value out = object({{"partOf", side.part_of}}), services = object();
    for (const render::Member& member : side.values.members) {
      Value sorted = object();
      for (const std::string_view first : order_of_values)
        if (const Value* value = member.value.find(first)) put(sorted, first, *value);
      for (const render::Member& more : member.value.members) put(sorted, more.name, more.value);
      const Workload* workload = find_workload(side, member.name);
      if (workload != nullptr && workload->gateway)
        put(out, "gateway", std::move(sorted));
      else
        put(services, member.name, std::move(sorted));
    }
    put(out, "services", std::move(services));
    return out;
  }

  [[nodiscard]] Value chart() const {
    const std::string& space = sides_.front().part_of;
    Value out =
        object({{"apiVersion", "v2"},
                {"name", space},
                {"description", "The gateway and its services, written by apigw emit helm"},
                {"type", "application"},
                {"version", "0.1.0"},
                {"appVersion", version_of(plan_.deploy.gateway.image)},
                {"kubeVersion", fmt::format(">={}.{}.0-0", options_.kubernetes.major, options_.kubernetes.minor)}});
    std::vector<NamedTree> trees{{"helm/Chart", &out}};
    apply_patches(plan_, "helm", true, trees, report_);
    return out;
  }

  const model::Plan& plan_;
  const Options& options_;
  diag::Report& report_;
  std::vector<Side> sides_;
};

std::string read_me(const Setting& setting, const Options& options, const diag::Report& report) {
  const std::string space = setting.name_space();
  const std::string name = space.empty() ? "apigw" : space;
  std::string out = fmt::format(
      "# Written by apigw emit helm\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten.\n\n    helm upgrade --install {0} . -n {0} --create-namespace\n",
      name);
  for (const Variant& variant : options.variants) {
    const std::string& own = options.name_space.empty() ? variant.plan->deploy.name_space : options.name_space;
    out += fmt::format("    helm upgrade --install {0} . -n {1} --create-namespace -f values-{2}.yaml\n", name,
                       own.empty() ? name : own, variant.profile);
  }
  out += fmt::format(
      "\nBack to what ran before: `helm rollback {0} -n {0}`. Services find each other by name, so a namespace holds "
      "one release.\n",
      name);
  return out + read_me_end(setting, report);
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  Chart chart(plan, options, report);
  if (report.has_errors()) return {};
  render::FileTree tree = chart.take();
  if (report.has_errors()) return {};
  const Setting setting{plan, options, chart.bundle(), true};
  report_losses(setting, report);
  if (options.create_namespace)
    report.add(712, {},
               "'--create-namespace' is written only nearly: `helm install --create-namespace` makes it, without the "
               "labels that hold its pods to the restricted standard");
  tree["README.md"].content = read_me(setting, options, report);
  return tree;
}

}  // namespace

extern const Emitter helm_emitter;
const Emitter helm_emitter = {
    .summary = "a chart, with values for each profile",
    .claims = kubernetes_claims,
    .whole = true,
    .profiles = true,
    .emit = emit,
};

}  // namespace apigw::emit
