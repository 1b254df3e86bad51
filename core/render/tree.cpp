#include "render/tree.h"

#include <algorithm>

namespace apigw::render {

Value texts(const std::vector<std::string>& items) {
  Value out = list();
  for (const std::string& item : items) out.items.push_back(text(item));
  return out;
}

Value object(std::initializer_list<Pair> pairs) {
  Value out{Value::Kind::object, {}, {}, {}};
  for (const Pair& pair : pairs) out.members.push_back({pair.name, pair.value});
  return out;
}

Value object(const std::map<std::string, std::string>& texts) {
  Value out{Value::Kind::object, {}, {}, {}};
  for (const auto& [name, value] : texts) out.members.push_back({name, text(value)});
  return out;
}

Value* find(Value& object, std::string_view name) {
  const auto found = std::ranges::find(object.members, name, &Member::name);
  return found == object.members.end() ? nullptr : &found->value;
}

void put(Value& object, std::string_view name, Value value) {
  if (Value* have = find(object, name))
    *have = std::move(value);
  else
    object.members.push_back({std::string(name), std::move(value)});
}

}  // namespace apigw::render
