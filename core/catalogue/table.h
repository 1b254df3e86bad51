// A table of models that somebody gives, in the form of models.txt, over the one that is compiled in.
#pragma once
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/models.h"

namespace apigw::catalogue {

struct Fault {
  std::size_t line = 0;  // from 1
  std::string what;
};

class OwnTable {
 public:
  static constexpr std::size_t most_bytes = 8 << 20;
  static constexpr std::size_t most_faults = 20;  // that are told

  // Its rows may stand in any order. All faults of a text that has one, at least one of them.
  static std::expected<std::shared_ptr<const OwnTable>, std::vector<Fault>> read(std::string text);
  OwnTable(const OwnTable&) = delete;
  OwnTable& operator=(const OwnTable&) = delete;

  [[nodiscard]] std::span<const ModelRow> rows() const { return rows_; }  // its own, sorted
  // Its rows, and those compiled in that it does not have.
  [[nodiscard]] const Models& models() const { return models_; }

 private:
  OwnTable() = default;
  std::vector<Fault> parse();

  std::string text_;
  std::deque<std::vector<Tier>> tiers_;  // whose spans the rows hold
  std::vector<ModelRow> rows_, all_;
  Models models_{{}};
};

}  // namespace apigw::catalogue
