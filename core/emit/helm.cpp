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
#include "emit/objects.h"
#include "emit/patches.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

using Path = std::vector<std::string>;

// Words that stand in a tree for what a template works out. No text of a tree holds `prefix`.
class Slots {
 public:
  explicit Slots(std::string prefix) : prefix_(std::move(prefix)) {}

  // With `only_with` the line goes where that value is none.
  Value make(const std::string& expression, const std::string& only_with = {}) {
    const auto found = std::ranges::find_if(
        made_, [&](const Slot& slot) { return slot.expression == expression && slot.only_with == only_with; });
    const auto index = static_cast<std::size_t>(found - made_.begin());
    if (found == made_.end()) made_.push_back({expression, only_with});
    return text(fmt::format("{}{}x", prefix_, index));
  }

  [[nodiscard]] bool is_slot(const Value& value) const {
    return value.kind == Value::Kind::text && value.text.starts_with(prefix_);
  }

  // The tree as a template.
  [[nodiscard]] std::string write(const Value& tree) const {
    std::string out;
    for (const std::string_view line : text::split(render::write_yaml(tree), '\n')) {
      if (!line.empty()) out += this->line(line);
    }
    return out;
  }

 private:
  struct Slot {
    std::string expression, only_with;
  };

  [[nodiscard]] std::string line(std::string_view line) const {
    const auto at = line.find(prefix_);
    const std::string before = escaped(line.substr(0, at));
    if (at == std::string_view::npos) return before + "\n";
    const std::string_view digits = line.substr(at + prefix_.size());
    const Slot& slot = made_[*text::parse_number(digits.substr(0, digits.find('x')))];
    const std::string whole = fmt::format("{}{{{{ {} }}}}\n", before, slot.expression);
    if (slot.only_with.empty()) return whole;
    return fmt::format("{{{{- if not (kindIs \"invalid\" {}) }}}}\n{}{{{{- end }}}}\n", slot.only_with, whole);
  }

  // What stands in the objects is no template.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool opens = text.substr(i).starts_with("{{");
      out += opens ? std::string("{{ \"{{\" }}") : std::string(1, text[i]);
      if (opens) ++i;
    }
    return out;
  }

  std::string prefix_;
  std::vector<Slot> made_;
};

std::string access(const std::string& from, const Path& path) {
  const auto plain = [](const std::string& step) {
    return std::ranges::all_of(step, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  };
  std::string out = from;
  for (const std::string& step : path)
    out = plain(step) ? out + "." + step : fmt::format("(index {} {})", out, json::quote(step));
  return out;
}

void put_at(Value& root, const Path& path, Value value) {
  Value* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (find(*at, path[i]) == nullptr) put(*at, path[i], object());
    at = find(*at, path[i]);
  }
  put(*at, path.back(), std::move(value));
}

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

// One Plan's side of the chart.
struct Side {
  Bundle bundle;
  std::vector<Object> objects;
  std::string part_of;
  Value values = object();                      // by workload, then as in values.yaml
  std::map<std::string, std::string> literals;  // what stands for a slot where it is part of a value
};

// A member of an object that has a name of its own among the values.
struct Known {
  std::string_view group, member;
  Path path;
};

const std::vector<Known>& known_members() {
  static const std::vector<Known> known = {
      {"deployment", "replicas", {"replicas"}},
      {"container", "resources", {"resources"}},
      {"container", "args", {"arguments"}},
      {"container", "env", {"env"}},
      {"horizontalPodAutoscaler", "minReplicas", {"autoscaling", "minReplicas"}},
      {"horizontalPodAutoscaler", "maxReplicas", {"autoscaling", "maxReplicas"}},
      {"configMap", "data", {"variables"}},
      {"secret", "stringData", {"secrets"}},
  };
  return known;
}

constexpr std::string_view order_of_values[] = {"image",     "replicas", "autoscaling", "resources",
                                                "arguments", "env",      "variables",   "secrets"};

std::string camel(std::string kind) {
  kind.front() = text::lower(kind.substr(0, 1)).front();
  return kind;
}

// Lays the same object of all sides over each other.
class Layering {
 public:
  Layering(std::vector<Side>& sides, std::string workload, Slots& slots)
      : sides_(sides), workload_(std::move(workload)), slots_(slots) {}

  Value merge(const std::vector<const Value*>& same, const std::string& kind) {
    kind_ = kind;
    return merge_members(same, "", camel(kind));
  }

  void set(std::size_t side, const Path& path, Value value) {
    Path whole{workload_};
    whole.insert(whole.end(), path.begin(), path.end());
    put_at(sides_[side].values, whole, std::move(value));
  }

 private:
  // Where the members of an object are looked at one by one; all else is taken or set whole.
  [[nodiscard]] bool opens(const std::string& path) const {
    return path == "/metadata" || path == "/spec" ||
           (kind_ == "Deployment" &&
            (path == "/spec/template" || path == "/spec/template/metadata" || path == "/spec/template/spec"));
  }

  Value merge_members(const std::vector<const Value*>& same, const std::string& path, const std::string& group) {
    std::vector<std::string> names;
    for (const Value* one : same)
      if (one != nullptr)
        for (const render::Member& member : one->members)
          if (std::ranges::find(names, member.name) == names.end()) names.push_back(member.name);
    Value out = object();
    for (const std::string& name : names) {
      std::vector<const Value*> below;
      for (const Value* one : same) below.push_back(one == nullptr ? nullptr : one->find(name));
      put(out, name, merge_member(same, below, path + "/" + name, group, name));
    }
    return out;
  }

  static bool all_are(const std::vector<const Value*>& same, const std::vector<const Value*>& below, auto fits) {
    for (std::size_t i = 0; i < same.size(); ++i)
      if (same[i] != nullptr && (below[i] == nullptr || !fits(*below[i]))) return false;
    return true;
  }

  Value merge_member(const std::vector<const Value*>& same, const std::vector<const Value*>& below,
                     const std::string& path, const std::string& group, const std::string& name) {
    if (opens(path) && all_are(same, below, [](const Value& v) { return v.kind == Value::Kind::object; }))
      return merge_members(below, path, path.starts_with("/spec/template/") ? "pod" : group);
    if (kind_ == "Deployment" && path == "/spec/template/spec/containers") {
      const Value* first = *std::ranges::find_if(below, [](const Value* v) { return v != nullptr; });
      const auto alike = [&](const Value& v) {
        if (v.items.empty() || v.items.size() != first->items.size()) return false;
        return std::equal(v.items.begin() + 1, v.items.end(), first->items.begin() + 1, equal);
      };
      if (all_are(same, below, alike)) {
        std::vector<const Value*> containers;
        for (const Value* one : below) containers.push_back(one == nullptr ? nullptr : one->items.data());
        Value out = *first;
        out.items.front() = merge_members(containers, path, "container");
        return out;
      }
    }
    const auto known =
        std::ranges::find_if(known_members(), [&](const Known& k) { return k.group == group && k.member == name; });
    const Value* first = *std::ranges::find_if(below, [](const Value* v) { return v != nullptr; });
    const bool equal_all = all_are(same, below, [&](const Value& v) { return equal(v, *first); });
    if (equal_all && (known == known_members().end() || slots_.is_slot(*first))) return *first;
    return slot(same, below, known == known_members().end() ? Path{group, name} : known->path);
  }

  Value slot(const std::vector<const Value*>& same, const std::vector<const Value*>& below, const Path& path) {
    bool optional = false;
    for (std::size_t i = 0; i < same.size(); ++i) {
      if (same[i] == nullptr) continue;
      optional = optional || below[i] == nullptr;
      if (below[i] != nullptr)
        set(i, path, resolved(*below[i], sides_[i]));
      else if (path.size() > 1)  // the group is there, so that its members can be asked for
        touch(i, path.front());
    }
    const std::string value = access("$w", path);
    return slots_.make("toJson " + value, optional ? value : "");
  }

  static Value resolved(Value value, const Side& side) {
    const auto literal = side.literals.find(value.text);
    if (value.kind == Value::Kind::text && literal != side.literals.end()) return text(literal->second);
    for (Value& item : value.items) item = resolved(std::move(item), side);
    for (render::Member& member : value.members) member.value = resolved(std::move(member.value), side);
    return value;
  }

  void touch(std::size_t side, const std::string& group) {
    Value* mine = find(sides_[side].values, workload_);
    if (mine != nullptr && find(*mine, group) == nullptr) put(*mine, group, object());
  }

  std::vector<Side>& sides_;
  std::string workload_, kind_;
  Slots& slots_;
};

class Chart {
 public:
  Chart(const model::Plan& plan, const Options& options, diag::Report& report)
      : plan_(plan), options_(options), report_(report) {
    sides_.push_back(side(plan, options));
    for (const Variant& variant : options.variants) {
      Options own = options;
      own.sets = variant.sets;
      sides_.push_back(side(*variant.plan, own));
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
    tree["values.schema.json"].content = render::write_pretty_json(schema(names));
    tree["Chart.yaml"].content = render::write_yaml(chart());
    for (const Workload& workload : sides_.front().bundle.workloads)
      for (const ConfigFile& file : workload.files) tree["files/" + file.path].content = file.text;
    return tree;
  }

  [[nodiscard]] const Bundle& bundle() const { return sides_.front().bundle; }

 private:
  Side side(const model::Plan& plan, const Options& options) {
    Side out{.bundle = bundle_of(plan, options, report_), .objects = {}, .part_of = {}};
    const Setting setting{plan, options, out.bundle, true};
    out.part_of = setting.name_space().empty() ? "apigw" : setting.name_space();
    out.objects = all_objects(setting, report_);
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

  [[nodiscard]] const Workload* find_workload(const Side& side, const std::string& name) const {
    const auto found = std::ranges::find(side.bundle.workloads, name, &Workload::name);
    return found == side.bundle.workloads.end() ? nullptr : &*found;
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
        const std::string group = camel(same.kind);
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

  static Value closed(Value properties, const std::vector<std::string>& required = {}) {
    Value out =
        object({{"type", "object"}, {"additionalProperties", boolean(false)}, {"properties", std::move(properties)}});
    if (!required.empty()) put(out, "required", texts(required));
    return out;
  }

  static std::string_view type_of(const Value& value) {
    constexpr std::string_view names[] = {"null", "boolean", "integer", "string", "array", "object"};
    return names[static_cast<std::size_t>(value.kind)];
  }

  // Of a member of a group: as its kind is in any profile, or nothing.
  static Value shape(const std::vector<const Value*>& values) {
    std::vector<std::string> types;
    for (const Value* value : values) {
      const std::string type(value == nullptr ? "null" : type_of(*value));
      if (std::ranges::find(types, type) == types.end()) types.push_back(type);
    }
    return object({{"type", types.size() == 1 ? text(types.front()) : texts(types)}});
  }

  [[nodiscard]] static Value named_shape(const std::string& name, const std::vector<const Value*>& values,
                                         bool alone) {
    const auto some = [&] { return std::ranges::find(values, nullptr) != values.end(); };
    const Value type = some() ? texts({"object", "null"}) : text("object");
    const auto whole = [&](unsigned most) {
      Value out = object({{"type", some() ? texts({"integer", "null"}) : text("integer")}, {"minimum", number(1)}});
      if (most != 0) put(out, "maximum", number(most));
      return out;
    };
    const Value strings = object({{"type", type}, {"additionalProperties", object({{"type", "string"}})}});
    if (name == "image")
      return closed(
          object({{"repository", object({{"type", "string"}, {"minLength", number(1)}})},
                  {"tag", object({{"type", texts({"string", "null"})}, {"not", object({{"const", "latest"}})}})},
                  {"digest", object({{"type", texts({"string", "null"})}})}}),
          {"repository"});
    if (name == "replicas") return whole(alone ? 1 : 0);
    if (name == "variables" || name == "secrets") return strings;
    if (name == "autoscaling") {
      Value out = closed(object({{"minReplicas", object({{"type", "integer"}, {"minimum", number(1)}})},
                                 {"maxReplicas", object({{"type", "integer"}, {"minimum", number(1)}})}}),
                         {"minReplicas", "maxReplicas"});
      put(out, "type", type);
      return out;
    }
    if (name == "resources") {
      const Value amounts =
          object({{"type", "object"}, {"additionalProperties", object({{"type", texts({"string", "number"})}})}});
      return closed(object({{"requests", amounts}, {"limits", amounts}}));
    }
    if (name == "arguments") return object({{"type", "array"}, {"items", object({{"type", "string"}})}});
    if (name == "env")
      return object(
          {{"type", some() ? texts({"array", "null"}) : text("array")}, {"items", object({{"type", "object"}})}});
    return {};
  }

  [[nodiscard]] Value workload_schema(const std::string& name) const {
    std::vector<std::string> members;
    std::vector<const Value*> all;
    bool alone = false;
    for (const Side& side : sides_) {
      const Value* mine = side.values.find(name);
      if (mine == nullptr) continue;
      alone = alone || find_workload(side, name)->alone;
      all.push_back(mine);
      for (const render::Member& member : mine->members)
        if (std::ranges::find(members, member.name) == members.end()) members.push_back(member.name);
    }
    Value properties = object();
    std::vector<std::string> required;
    for (const std::string& member : members) {
      std::vector<const Value*> values;
      for (const Value* one : all) values.push_back(one->find(member));
      if (std::ranges::find(values, nullptr) == values.end()) required.push_back(member);
      Value known = named_shape(member, values, alone);
      if (known.kind == Value::Kind::none) {  // a group
        std::vector<std::string> below;
        for (const Value* one : values)
          if (one != nullptr)
            for (const render::Member& more : one->members)
              if (std::ranges::find(below, more.name) == below.end()) below.push_back(more.name);
        Value inner = object();
        for (const std::string& more : below) {
          std::vector<const Value*> kinds;
          for (const Value* one : values) kinds.push_back(one == nullptr ? nullptr : one->find(more));
          put(inner, more, shape(kinds));
        }
        known = closed(std::move(inner));
        if (std::ranges::find(values, nullptr) != values.end()) put(known, "type", texts({"object", "null"}));
      }
      put(properties, member, std::move(known));
    }
    return closed(std::move(properties), required);
  }

  [[nodiscard]] Value schema(const std::vector<std::string>& names) const {
    Value services = object(),
          top = object({{"global", object({{"type", "object"}})}, {"partOf", object({{"type", "string"}})}});
    std::vector<std::string> required{"partOf", "services"}, always;
    for (const std::string& name : names) {
      Value one = workload_schema(name);
      const bool everywhere =
          std::ranges::all_of(sides_, [&](const Side& side) { return side.values.find(name) != nullptr; });
      if (!everywhere) put(one, "type", texts({"object", "null"}));
      if (name == gateway_name) {
        put(top, name, std::move(one));
        if (everywhere) required.push_back(name);
      } else {
        put(services, name, std::move(one));
        if (everywhere) always.push_back(name);
      }
    }
    put(top, "services", closed(std::move(services), always));
    Value out = object({{"$schema", "http://json-schema.org/draft-07/schema#"}});
    Value all = closed(std::move(top), required);
    for (render::Member& member : all.members) put(out, member.name, std::move(member.value));
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
