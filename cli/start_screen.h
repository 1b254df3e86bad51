// What `apigw run` shows once everything is up: what runs, where, what is off and why, and three lines to copy.
//
// Pure: facts in, text out. Fits 80 columns as long as the names do; without colour it is plain text.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/secret.h"
#include "catalogue/models.h"
#include "model/plan.h"

namespace apigw::cli {

struct StartFacts {
  struct Address {
    std::string what;    // "gateway", "admin", "health"
    std::string text;    // "http://127.0.0.1:8080"
    bool moved = false;  // the default port was busy
  };
  struct Service {
    std::string name, state;  // "healthy"
    int port = 0;
  };
  std::vector<Address> addresses;  // the first is where clients call
  std::vector<Service> services;   // those that run started
  std::size_t warnings = 0;        // printed before the screen
  std::string dotenv;              // path of the .env that was read; empty: none
  Secret dev_key;
  const catalogue::Models& models = catalogue::Models::built_in();  // for their prices
};

[[nodiscard]] std::string start_screen(const model::Plan& plan, const StartFacts& facts, bool color);

}  // namespace apigw::cli
