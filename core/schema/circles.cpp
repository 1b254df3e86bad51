// Finds subschemas that ask each other about one value in a circle: `{"$ref": "#"}` is the shortest.
//
// A circle through properties or items is no such thing: it ends with the document.
#include "schema/compiler.h"

namespace apigw::schema {

namespace {

// The subschemas that a subschema asks about the very value that it was asked about.
class SamePlace {
 public:
  explicit SamePlace(const Subschema& from) {
    for (const Op& operation : from.operations) std::visit(*this, operation.what);
  }
  [[nodiscard]] std::vector<SubId> take() { return std::move(found_); }

  void operator()(const op::AllOf& all) { several(all.schemas); }
  void operator()(const op::AnyOf& any) { several(any.schemas); }
  void operator()(const op::OneOf& one) { several(one.schemas); }
  void operator()(const op::Not& negation) { found_.push_back(negation.schema); }
  void operator()(const op::Reference& reference) { found_.push_back(reference.schema); }
  void operator()(const op::Condition& condition) {
    found_.push_back(condition.condition);
    if (condition.then) found_.push_back(*condition.then);
    if (condition.otherwise) found_.push_back(*condition.otherwise);
  }
  void operator()(const op::DependentSchemas& dependent) {
    for (const auto& [name, schema] : dependent.rows) found_.push_back(schema);
  }
  void operator()(const auto&) {}  // the others go into the document, or nowhere

 private:
  void several(const std::vector<SubId>& schemas) { found_.insert(found_.end(), schemas.begin(), schemas.end()); }

  std::vector<SubId> found_;
};

}  // namespace

std::optional<SubId> circle(const Program& program) {
  enum class State : std::uint8_t { fresh, open, done };
  struct Step {
    SubId id;
    std::vector<SubId> next;
  };
  std::vector<State> states(program.subschemas.size(), State::fresh);
  std::vector<Step> way;
  const auto enter = [&](SubId id) {
    states[id] = State::open;
    way.push_back({id, SamePlace(program.subschemas[id]).take()});
  };
  for (SubId start = 0; start < states.size(); ++start) {
    if (states[start] == State::fresh) enter(start);
    while (!way.empty()) {
      auto& [here, next] = way.back();
      if (next.empty()) {
        states[here] = State::done;
        way.pop_back();
        continue;
      }
      const SubId id = next.back();
      next.pop_back();
      if (states[id] == State::open) return here;
      if (states[id] == State::fresh) enter(id);
    }
  }
  return std::nullopt;
}

}  // namespace apigw::schema
