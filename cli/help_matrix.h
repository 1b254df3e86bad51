// `apigw help matrix`: which client reaches which kind of provider, as the rosters and the gateway have it.
#pragma once
#include <string>

namespace apigw::cli {

[[nodiscard]] std::string matrix_topic();

}  // namespace apigw::cli
