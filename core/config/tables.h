// The config's field tables: every key that apigw.yaml may hold, one row each.
//
// Decoding, the unknown-key finding, the JSON Schema and the reference pages read these rows; a new field is one row
// here and one member in draft.h.
#pragma once
#include "config/draft.h"
#include "yaml/fields.h"

namespace apigw::config {

[[nodiscard]] const yaml::Table& root_table();  // owner: Draft
[[nodiscard]] const yaml::Table& listen_table();
[[nodiscard]] const yaml::Table& tls_table();
[[nodiscard]] const yaml::Table& admin_table();
[[nodiscard]] const yaml::Table& defaults_table();
[[nodiscard]] const yaml::Table& timeouts_table();
[[nodiscard]] const yaml::Table& caps_table();
[[nodiscard]] const yaml::Table& outbound_table();
[[nodiscard]] const yaml::Table& aws_table();
[[nodiscard]] const yaml::Table& provider_table();
[[nodiscard]] const yaml::Table& model_table();
[[nodiscard]] const yaml::Table& service_table();
[[nodiscard]] const yaml::Table& route_table();
[[nodiscard]] const yaml::Table& when_table();
[[nodiscard]] const yaml::Table& response_table();
[[nodiscard]] const yaml::Table& redirect_table();
[[nodiscard]] const yaml::Table& prompt_table();
[[nodiscard]] const yaml::Table& consumer_table();
[[nodiscard]] const yaml::Table& deploy_table();
[[nodiscard]] const yaml::Table& deploy_gateway_table();
[[nodiscard]] const yaml::Table& kubernetes_table();
[[nodiscard]] const yaml::Table& patch_table();

// Keys that an included file may hold: what belongs to one service or provider, never what the whole gateway does.
[[nodiscard]] bool allowed_in_include(std::string_view key);

}  // namespace apigw::config
