// What the files of an existing service tell about it: its language, how it starts, the port of its container.
//
// Pure: it is given the content of those files that are there. What they do not tell stays empty; nothing is guessed
// from a name alone.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace apigw::scaffold {

struct Existing {
  std::string language;               // "Go"; empty: not told
  std::string language_from;          // the file that tells it
  std::string run;                    // for /bin/sh in the service's folder; empty: not told
  std::optional<std::uint16_t> port;  // the one that it listens on whatever PORT says
  std::string port_from;
};

// Paths below the service's folder, the only ones that are of use here.
[[nodiscard]] std::span<const std::string_view> telling_files();
// Whether a file of that name is a program's, in one of the usual languages.
[[nodiscard]] bool is_source(std::string_view path);
[[nodiscard]] Existing existing(const std::map<std::string, std::string, std::less<>>& files);

}  // namespace apigw::scaffold
