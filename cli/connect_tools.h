// The tools that `connect` knows: what each calls its settings, and where it keeps them. One row a tool.
//
// Pure: a row turns the facts of a gateway into text, and the present text of the tool's settings file into the next.
// The key itself is never written anywhere: settings name the variable that it is in.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/load.h"

namespace apigw::cli {

struct Connection {
  std::string address;   // "http://127.0.0.1:8080"
  std::string variable;  // where the client's key is
  std::string model;
  bool variable_missing = false;  // no consumer of the config has its key in one: `variable` is a proposal
};

struct EditedSettings {
  std::string text;
  std::vector<std::string> warnings;  // what else is in the file that changes which key is sent
};

struct Tool {
  std::string_view name;
  std::string_view endpoint;  // what the gateway must serve for it: "/v1/messages"
  // What to set, for a person to copy.
  std::string (*settings)(const Connection& connection);
  // Its settings file; empty when HOME is not known. Null: it has none that another program may write.
  std::string (*file)(const config::Environment& environment);
  // The file's text with the settings in it, all others kept. Error invalid: it is not of the form that was expected.
  Result<EditedSettings> (*edit)(std::string_view text, const Connection& connection);
  std::string_view note;  // what else a person must know; may be empty
};

[[nodiscard]] std::span<const Tool> connectable_tools();

}  // namespace apigw::cli
