// What the catalogue knows of models, as `apigw models` prints it.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "catalogue/models.h"
#include "complaint.h"

namespace apigw::cli {

// "openai/gpt-5.4"
[[nodiscard]] std::string full_name(const catalogue::ModelRow& row);

// The row that `name` means: provider/model, split at the first slash, or a model alone where one provider has it.
// What is ambiguous or not known is a complaint that says what may be meant.
[[nodiscard]] std::expected<const catalogue::ModelRow*, Complaint> named_row(const catalogue::Models& models,
                                                                             std::string_view name);

// Sizes, and each tier's prices in US dollars for a million tokens.
[[nodiscard]] nlohmann::ordered_json row_json(const catalogue::ModelRow& row);
[[nodiscard]] std::string row_text(const catalogue::ModelRow& row);
// "0.25 USD in, 2 out a million tokens"; null: nothing is known.
[[nodiscard]] std::string prices_text(const catalogue::ModelRow* row);

}  // namespace apigw::cli
