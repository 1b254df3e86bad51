// What `doctor` looks at, one function a concern: each turns the project and the world into rows, and changes
// nothing.
//
// A row is ok, a warning (it works, but not for long or not everywhere) or a failure (it does not work), says what
// was found and, unless ok, what to do. No row holds a secret; a key is shown by its last characters.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/secret.h"
#include "command.h"
#include "dotenv.h"
#include "model/plan.h"

namespace apigw::cli {

enum class Health { ok, warn, fail };

struct CheckRow {
  Health health = Health::ok;
  std::string check;    // "ports"
  std::string subject;  // "127.0.0.1:8080"
  std::string found;
  std::string fix;  // empty when ok
};
using CheckRows = std::vector<CheckRow>;

struct Checkup {
  Env& env;
  const Globals& globals;
  std::string path;                            // of the config; empty: there is none
  config::Loaded loaded;                       // the plan is null when the config has errors
  config::Environment environment;             // with .env in it
  std::string dotenv;                          // path of .env
  std::string dotenv_problem;                  // why it was not read
  bool tracked = false;                        // by git
  std::chrono::milliseconds patience{10'000};  // of one question to a provider
};

// A secret as it would be loaded: its value, or why there is none; `source` is ".env", "the environment" or "a file".
struct FoundSecret {
  Secret value;
  std::string source, problem;
};
[[nodiscard]] FoundSecret find_secret(const Checkup& checkup, const model::SecretRef& reference);

void check_config(const Checkup& checkup, CheckRows& rows);
void check_values(const Checkup& checkup, CheckRows& rows);
void check_files(const Checkup& checkup, CheckRows& rows);
void check_certificates(const Checkup& checkup, CheckRows& rows);
void check_ports(const Checkup& checkup, CheckRows& rows);
void check_ways(const Checkup& checkup, CheckRows& rows);
void check_limits(const Checkup& checkup, CheckRows& rows);
// Asks each provider that is ready, and compares clocks.
void check_online(const Checkup& checkup, CheckRows& rows);

}  // namespace apigw::cli
