#include "items.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

using runtime::Fault;
using runtime::Json;
using runtime::Problem;
using runtime::Request;
using runtime::Response;

std::vector<Item> Items::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Item> list;
  for (const auto& [id, item] : items_) list.push_back(item);
  return list;
}

std::optional<Item> Items::get(std::int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = items_.find(id);
  return found == items_.end() ? std::nullopt : std::optional(found->second);
}

Item Items::add(NewItem made) {
  const std::lock_guard lock(mutex_);
  const Item item{++last_, std::move(made.name), made.quantity};
  items_[item.id] = item;
  return item;
}

bool Items::remove(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  return items_.erase(id) > 0;
}

namespace {

bool is_name(const Json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  // Characters of UTF-8 begin with a byte that is no continuation.
  const auto size = std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; });
  return size >= 1 && static_cast<std::size_t>(size) <= most_name;
}

bool is_quantity(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most_quantity);
  return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= most_quantity;
}

Problem invalid(std::vector<Fault> faults) {
  return Problem(422, "the item is not valid", std::move(faults));
}

Json json_of(const Item& item) {
  return Json{ {"id", item.id}, {"name", item.name}, {"quantity", item.quantity} };
}

// 0, which no item has, for what is no number.
std::int64_t id_of(const Request& request) {
  const std::string text = request.parameter("id");
  std::int64_t id = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && rest == text.data() + text.size() ? id : 0;
}

Problem missing(const Request& request) {
  return Problem(404, "there is no item " + request.parameter("id"));
}

}  // namespace

NewItem parse_item(const Json& value) {
  if (!value.is_object()) throw invalid({Fault{"", "must be an object"}});
  std::vector<Fault> faults;
  if (!value.contains("name"))
    faults.push_back({"/name", "is missing"});
  else if (!is_name(value["name"]))
    faults.push_back({"/name", "must be a text of 1 to " + std::to_string(most_name) + " characters"});
  if (value.contains("quantity") && !is_quantity(value["quantity"]))
    faults.push_back({"/quantity", "must be a whole number from 0 to " + std::to_string(most_quantity)});
  for (const auto& [key, member] : value.items())
    if (key != "name" && key != "quantity") faults.push_back({"/" + key, "is not known"});
  if (!faults.empty()) throw invalid(std::move(faults));
  return {value["name"].get<std::string>(), value.value("quantity", std::int64_t{0})};
}

void add_items(runtime::Router& router, std::shared_ptr<Items> items) {
  router.add("GET", "/items", [items](const Request&) {
    Json list = Json::array();
    for (const Item& item : items->all()) list.push_back(json_of(item));
    return Response::of_json(list);
  });
  router.add("POST", "/items", [items](const Request& request) {
    const Item item = items->add(parse_item(request.json()));
    return Response::of_json(json_of(item), 201, { {"location", "/items/" + std::to_string(item.id)} });
  });
  router.add("GET", "/items/{id}", [items](const Request& request) {
    const auto item = items->get(id_of(request));
    if (!item) throw missing(request);
    return Response::of_json(json_of(*item));
  });
  router.add("DELETE", "/items/{id}", [items](const Request& request) {
    if (!items->remove(id_of(request))) throw missing(request);
    return Response{.status = 204, .body = "", .headers = {}};
  });
}
