#include "policy/secret_scan.h"

#include <algorithm>

namespace apigw::policy {

SecretSet::SecretSet(std::vector<Secret> values) : values_(std::move(values)) {
  std::erase_if(values_, [](const Secret& value) { return value.expose().size() < least; });
  if (values_.empty()) return;
  const auto size = [](const Secret& value) { return value.expose().size(); };
  shortest_ = std::min<std::size_t>(size(*std::ranges::min_element(values_, {}, size)), 200);
  longest_ = size(*std::ranges::max_element(values_, {}, size));
  skip_.fill(static_cast<std::uint8_t>(shortest_ - block + 1));
  for (const Secret& value : values_) {
    const std::string_view bytes = value.expose();
    first_[static_cast<unsigned char>(bytes.front())] = true;
    for (std::size_t end = block; end <= shortest_; ++end) {
      auto& skip = skip_[slot(bytes.data() + end)];
      skip = std::min(skip, static_cast<std::uint8_t>(shortest_ - end));
    }
  }
}

SecretSet SecretSet::of(const model::Plan& plan) {
  std::vector<Secret> values;
  const auto add = [&](const model::SecretRef& ref) {
    if (ref.loaded()) values.push_back(ref.value);
  };
  for (const auto& provider : plan.providers) {
    for (const auto& [field, secret] : model::secrets_of(provider)) add(*secret);
  }
  for (const auto& consumer : plan.consumers) add(consumer.key);
  add(plan.admin.key);
  add(plan.pepper);
  return SecretSet(std::move(values));
}

std::size_t SecretSet::slot(const char* end_of_block) {
  const auto byte = [&](int back) {
    return static_cast<std::size_t>(static_cast<unsigned char>(end_of_block[-back]));
  };
  return (byte(1) ^ (byte(2) << 4) ^ (byte(3) << 7)) % table_size;
}

bool SecretSet::at(std::string_view text, std::size_t begin) const {
  return std::ranges::any_of(values_,
                             [&](const Secret& value) { return text.substr(begin).starts_with(value.expose()); });
}

// One step of the search waits for two loads, so a long text is searched from four places at once.
bool SecretSet::in(std::string_view text) const {
  if (values_.empty() || text.size() < shortest_) return false;
  struct Lane {
    std::size_t end, last;  // of the window that is looked at
  };
  const auto hit = [&](Lane& lane) {
    const std::size_t skip = skip_[slot(text.data() + lane.end)];
    const bool found = skip == 0 && at(text, lane.end - shortest_);
    lane.end += std::max<std::size_t>(skip, 1);
    return found;
  };
  const std::size_t part = (text.size() - shortest_) / 4;
  std::array<Lane, 4> lanes;
  for (std::size_t i = 0; i < 4; ++i) lanes[i] = {i * part + shortest_, (i + 1) * part + shortest_ - 1};
  lanes[3].last = text.size();
  const auto inside = [](const Lane& lane) { return lane.end <= lane.last; };
  while (std::ranges::all_of(lanes, inside)) {
    if (hit(lanes[0]) || hit(lanes[1]) || hit(lanes[2]) || hit(lanes[3])) return true;
  }
  for (Lane& lane : lanes) {
    while (inside(lane)) {
      if (hit(lane)) return true;
    }
  }
  return false;
}

std::size_t SecretSet::begun(std::string_view text) const {
  if (values_.empty()) return 0;
  for (std::size_t left = std::min(text.size(), longest_ - 1); left > 0; --left) {
    const std::string_view tail = text.substr(text.size() - left);
    if (!first_[static_cast<unsigned char>(tail.front())]) continue;
    const auto begins = [&](const Secret& value) { return value.expose().starts_with(tail); };
    if (std::ranges::any_of(values_, begins)) return left;
  }
  return 0;
}

SecretFilter::Fed SecretFilter::feed(std::string_view chunk) {
  if (!held_.empty()) {
    joined_.assign(held_).append(chunk);
    chunk = joined_;
  }
  if (secrets_.in(chunk)) return {{}, true};
  const std::size_t held = secrets_.begun(chunk);
  held_.assign(chunk.substr(chunk.size() - held));
  return {chunk.substr(0, chunk.size() - held), false};
}

SecretFilter::Fed SecretFilter::finish() {
  joined_.swap(held_);
  held_.clear();
  return {joined_, false};
}

}  // namespace apigw::policy
