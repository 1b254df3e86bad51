// From files to a Plan: source → tree with spans → Draft → checks → Plan, every finding in one Report.
//
// Reads files only through `Files`, the environment only through `environment`: the same call serves tests. A secret
// is loaded only where `secrets` says so; `validate` needs none.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "config/vocabulary.h"
#include "diag/diagnostic.h"
#include "model/plan.h"

namespace apigw::config {

// The part of a file system that config reads.
class Files {
 public:
  virtual ~Files() = default;
  // Whole content of a regular file of at most `limit` bytes; never waits for a pipe. Errors: not_found, denied,
  // invalid (it is something else), too_large, io.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path, std::size_t limit) const = 0;
  // Paths that match a glob (`*` within one segment), sorted.
  [[nodiscard]] virtual std::vector<std::string> glob(const std::string& pattern) const = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
  // Permission bits, 0 when unknown: secret files that others may read are refused.
  [[nodiscard]] virtual unsigned mode(const std::string& path) const = 0;
};

using Environment = std::map<std::string, std::string, std::less<>>;

enum class Secrets {
  ignore,    // validate: references are checked for form only
  optional,  // run: a missing key turns its provider off
  checked,   // validate --resolve: a missing key is an error
  required,  // serve: the same, and every service has an address
};

struct Request {
  std::string path;                 // "-": `text` came from stdin; empty: made from the environment alone
  std::optional<std::string> text;  // content already read
  std::string profile;
  std::vector<std::pair<std::string, std::string>> sets;  // --set a.b=c
  // How many of them, from the first on, somebody asked for: findings call the others what holds where it is
  // deployed.
  std::size_t asked_sets = std::string::npos;
  Secrets secrets = Secrets::ignore;
  // Whose tests are judged, by the names of prompts, all where none is named: what is wrong there is an error, else a
  // warning, for nothing serves them.
  std::optional<std::vector<std::string>> judge_tests;
  bool development = false;   // `run`: default listeners, admin on, dev consumer, provider/model names
  Secret dev_key, admin_key;  // minted by `run`: the key of the consumer "dev", and of the admin API where the
                              // config gives none
};

struct Loaded {
  diag::Sources sources;
  diag::Report report;                // finished (sorted)
  model::PlanPtr plan;                // null when the report has errors
  std::vector<std::string> files;     // every file that was read, for the watcher
  std::vector<std::string> profiles;  // the names of `profiles:`, in order
  std::vector<std::string> globs;     // the patterns of `include:`: a new match is a change, too
};

[[nodiscard]] Loaded load(const Request& request, const Files& files, const Environment& environment,
                          const Vocabulary& vocabulary);

// Why a text cannot be a key, one of a provider's or of clients ("holds control characters"); empty when it can.
[[nodiscard]] std::string_view unusable(std::string_view key);
// Why a key that clients send is easy to guess ("fewer than 16 characters"); empty when it is not.
[[nodiscard]] std::string_view weakness_of(const Secret& key);

// One field's row for `explain FIELD`, the reference page and completion: {"routes.*.timeout", "duration", "…",
// "30s"}.
struct FieldPage {
  std::string path, type, doc, fallback;
  bool enforced = true;
  std::vector<std::string> examples;
};
[[nodiscard]] std::vector<FieldPage> field_pages(const Vocabulary& vocabulary);
// The JSON Schema (draft-07) of the config, generated from the same rows; ends with a newline.
[[nodiscard]] std::string json_schema(const Vocabulary& vocabulary);

}  // namespace apigw::config
