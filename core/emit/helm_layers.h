// Which members of the objects become values of a chart: those that a person sets, and those that some profile has
// otherwise.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "emit/objects.h"

namespace apigw::emit {

// Words that stand in a tree for what a template works out. No text of a tree holds `prefix`.
class Slots {
 public:
  explicit Slots(std::string prefix) : prefix_(std::move(prefix)) {}

  // With `only_with` the line goes where that value is none.
  Value make(const std::string& expression, const std::string& only_with = {});
  [[nodiscard]] bool is_slot(const Value& value) const;
  // The tree as a template.
  [[nodiscard]] std::string write(const Value& tree) const;

 private:
  struct Slot {
    std::string expression, only_with;
  };
  [[nodiscard]] std::string line(std::string_view line) const;

  std::string prefix_;
  std::vector<Slot> made_;
};

// One Plan's side of the chart.
struct Side {
  Bundle bundle;
  std::vector<Object> objects;
  std::string part_of;
  Value values = object();                      // by workload, then as in values.yaml
  std::map<std::string, std::string> literals;  // what stands for a slot where it is part of a value
};

[[nodiscard]] const Workload* find_workload(const Side& side, const std::string& name);

// "deployment" of "Deployment": the name of a group of values.
[[nodiscard]] std::string group_of(std::string kind);

// Lays the same object of all sides over each other.
class Layering {
 public:
  using Path = std::vector<std::string>;
  Layering(std::vector<Side>& sides, std::string workload, Slots& slots)
      : sides_(sides), workload_(std::move(workload)), slots_(slots) {}

  // `same` is by side, null where it has none.
  Value merge(const std::vector<const Value*>& same, const std::string& kind);

  void set(std::size_t side, const Path& path, Value value);

 private:
  [[nodiscard]] bool opens(const std::string& path) const;
  Value merge_members(const std::vector<const Value*>& same, const std::string& path, const std::string& group);
  Value merge_member(const std::vector<const Value*>& same, const std::vector<const Value*>& below,
                     const std::string& path, const std::string& group, const std::string& name);
  Value slot(const std::vector<const Value*>& same, const std::vector<const Value*>& below, const Path& path);
  void touch(std::size_t side, const std::string& group);

  std::vector<Side>& sides_;
  std::string workload_, kind_;
  Slots& slots_;
};

}  // namespace apigw::emit
