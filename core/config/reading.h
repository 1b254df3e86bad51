// What the field tables read with: expansion of variables and the folder that relative paths start from.
#pragma once
#include <map>
#include <string>

#include "config/load.h"
#include "yaml/fields.h"

namespace apigw::config {

// The bytes of `whole` (the decoded value at `span`) from `begin` to `end` as a place in the source; the whole span
// where quoting or folding moved them.
[[nodiscard]] Span part_of(const diag::Sources& sources, Span span, std::string_view whole, std::size_t begin,
                           std::size_t end);

// A finding of `code` on a file that could not be read, with the reason in its message. `elsewhere` says what to do
// when a directory, pipe or device stands where a file should.
diag::Diagnostic& report_unreadable(int code, Span where, const std::string& path, const Error& why,
                                    std::string_view elsewhere, diag::Report& report);

class ConfigReading final : public yaml::Reading {
 public:
  ConfigReading(const diag::Sources& sources, diag::Report& report, const Environment& environment, Secrets secrets,
                const std::map<SourceId, std::string>& folders)
      : Reading(sources, report), environment_(environment), secrets_(secrets), folders_(folders) {}

  // An unset variable is an error where the environment matters; `validate` (Secrets::ignore) only warns, and the
  // field counts as unreadable.
  std::optional<std::string> text(const yaml::Node& scalar) override;
  std::string beside(Span where, std::string path) const override;
  bool already_reported(std::string_view value) const override;

 private:
  const Environment& environment_;
  Secrets secrets_;
  const std::map<SourceId, std::string>& folders_;  // "" or ending in a slash
};

}  // namespace apigw::config
