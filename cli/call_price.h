// What the answers of a model cost, where its callers see only their tokens: the price of the dearest of its targets.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/cost.h"
#include "model/plan.h"

namespace apigw::cli {

class CallPrice {
 public:
  // Of a name that a client may call: a model, a pattern's, prompt/NAME or provider/model.
  CallPrice(const model::Plan& plan, std::shared_ptr<const catalogue::Models> models, std::string_view name);

  // Those whose price of input or output is not known.
  [[nodiscard]] const std::vector<std::string>& unknown() const { return unknown_; }
  // Nothing where a target's prices do not tell it.
  [[nodiscard]] std::optional<catalogue::Nanodollars> of(const chat::Usage& usage) const;

 private:
  void add(const model::Plan& plan, std::string_view name);
  void add(const model::Provider& provider, std::string_view model);

  std::shared_ptr<const catalogue::Models> models_;
  std::vector<const catalogue::ModelRow*> rows_;  // of models_
  std::vector<std::string> unknown_;
};

}  // namespace apigw::cli
