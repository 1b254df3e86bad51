// The one buffer behind Headers: names and values are appended, removal only forgets their places.
#include "http/headers.h"

#include "base/text.h"

namespace apigw::http {

namespace {
// What most calls need, taken at once: growing by doubling costs five allocations a message.
constexpr std::size_t first_allocation = 512;
constexpr std::size_t first_fields = 16;
}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  const std::size_t start = bytes_.size();
  const std::size_t wanted = start + name.size() + value.size();
  if (wanted > bytes_.capacity()) {
    // A new string, not reserve(): `name` and `value` may be views into the old bytes.
    std::string grown;
    grown.reserve(std::max({first_allocation, wanted, bytes_.capacity() * 2}));
    grown.append(bytes_).append(name).append(value);
    bytes_.swap(grown);
    fields_.reserve(first_fields);
  } else {
    bytes_.append(name).append(value);
  }
  for (std::size_t i = start; i < start + name.size(); ++i) bytes_[i] = text::lower(bytes_[i]);
  const auto at = static_cast<std::uint32_t>(start);
  const auto name_size = static_cast<std::uint32_t>(name.size());
  fields_.push_back({at, at + name_size, name_size, static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const Place& place) {
    return text::iequals({bytes_.data() + place.name, place.name_size}, name);
  });
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Place& place) {
    return std::string_view(bytes_.data() + place.name, place.name_size) == name;
  });
}

void Headers::clear() {
  bytes_.clear();
  fields_.clear();
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Field field : *this) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t n = 0;
  for (const Field field : *this) n += field.name == name ? 1 : 0;
  return n;
}

Headers::Field Headers::operator[](std::size_t i) const {
  const Place& place = fields_[i];
  return {{bytes_.data() + place.name, place.name_size}, {bytes_.data() + place.value, place.value_size}};
}

}  // namespace apigw::http
