// The manual page apigw(1), in the roff of man(7): every command, flag, variable and exit code from the tables that
// the program itself reads.
#pragma once
#include <string>

namespace apigw::cli {

[[nodiscard]] std::string man_page();

}  // namespace apigw::cli
