// Durations and sizes of other programs as the config writes them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apigw::import {

// Milliseconds of a number of seconds, with or without a fraction: "30", "0.5". Nothing below 1 ms or past 30 days,
// which no duration of a config is.
[[nodiscard]] std::optional<std::uint64_t> read_seconds(std::string_view s);
// Milliseconds of Go's form: "200ms", "1m30s"; parts below a millisecond count as none. The same bounds.
[[nodiscard]] std::optional<std::uint64_t> read_go_duration(std::string_view s);
[[nodiscard]] std::string duration_text(std::uint64_t milliseconds);  // "30s", "1500ms"

// Bytes of Docker's form: "512m", "1g", "64MB", "1024"; the letters count in powers of 1024.
[[nodiscard]] std::optional<std::uint64_t> read_docker_size(std::string_view s);
[[nodiscard]] std::string size_text(std::uint64_t bytes);  // "512MiB", "1000B" as "1000"

}  // namespace apigw::import
