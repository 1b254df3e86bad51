// What is deployed, before any target has its say: one Workload for each service with an image and one for the
// gateway, with names, ports, variables, files, and who calls whom. Plan and options in, values out; every target of
// containers writes from these.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emit/emitter.h"

namespace apigw::emit {

inline constexpr std::string_view gateway_name = "gateway";
inline constexpr std::uint16_t usual_port = 8080;  // of a container that says nothing
inline constexpr unsigned drain_pause = 10;        // seconds between leaving the service and SIGTERM
inline constexpr std::string_view config_folder = "/config";

struct Port {
  std::string name;  // "http"
  std::uint16_t number = 0;
  bool tls = false;
  friend bool operator==(const Port&, const Port&) = default;
};

// A value that no file holds: the variable, and the name of the value among the workload's secrets.
struct SecretVariable {
  std::string variable, key;
};

// A file that no tree holds: where it is read, and the name of its bytes among the workload's secrets.
struct SecretFile {
  std::string path, key;  // absolute, or below config_folder
  std::string field;      // of the config, that names it first
};

// Something that is not deployed here and that the workload calls.
struct Outside {
  std::string host;  // a name or an address
  std::uint16_t port = 0;
  bool internet = false;  // a public address for certain: private ranges may be left out
  Span where;
};

struct Workload {
  std::string name;    // a DNS label; the names of its objects begin with it
  std::string called;  // by the config: the service's name, or gateway_name
  bool gateway = false;
  const model::Container* container = nullptr;
  model::Scale scale;
  bool alone = false;       // at most one at a time, also while it is replaced
  std::vector<Port> ports;  // the first is the one that others call
  Port probe;               // one of ports, or the gateway's health listener
  std::string live, ready;  // paths; empty: a TCP connection is enough
  unsigned drain = 30;      // seconds from SIGTERM until it may be killed
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  std::vector<SecretVariable> secret_variables;  // by variable
  std::vector<ConfigFile> files;                 // below config_folder
  std::vector<SecretFile> secret_files;
  std::vector<std::string> callers, callees;  // names of workloads, sorted, each once
  bool open = false;                          // clients from anywhere call it
  std::vector<Outside> outside;
  Span where;
};

struct Bundle {
  std::vector<Workload> workloads;  // the gateway first, then services in the order of the config
};

// Errors (701, 702, 704) leave what could be made. `only` of the options is not applied: the graph needs all.
[[nodiscard]] Bundle bundle_of(const model::Plan& plan, const Options& options, diag::Report& report);

// What was `found` of the Plan of a profile and is not in `report` yet, with the name of the first such profile.
void add_of_profile(const diag::Report& found, std::string_view profile, diag::Report& report);

// The workloads that `only` leaves.
[[nodiscard]] std::vector<const Workload*> chosen(const Bundle& bundle, const Options& options);

// What the gateway's config must be told where it is deployed: its own addresses and those of the services beside it,
// and that secrets come as variables. The Plan that is emitted is made with these.
[[nodiscard]] std::vector<Set> deployed_sets(const model::Plan& plan);

// Whether a variable is referred to and never written: its name says so, or its value, wherever that comes from.
[[nodiscard]] bool is_secret(std::string_view variable, std::string_view value);
// The variable or credential that hands a secret over: its own name, or one made of its path. Empty: there is none.
[[nodiscard]] std::string variable_of(const model::Plan& plan, const model::SecretRef& secret);

// Every secret of the gateway: the config's field, and the reference.
[[nodiscard]] std::vector<std::pair<std::string, const model::SecretRef*>> secrets_of(const model::Plan& plan);

// A service's name as that of an object: small letters, digits and '-'.
[[nodiscard]] std::string object_name(std::string_view service);
// The tag of an image, or the first digits of its digest.
[[nodiscard]] std::string version_of(std::string_view image);

// Where the config has the workload: "services.orders", "deploy.gateway".
[[nodiscard]] std::string field_of(const Workload& workload);

// Findings in one form. `field` is the config's, "services.orders.scale".
void lost(diag::Report& report, Span where, std::string_view field, std::string_view reason);
void nearly(diag::Report& report, Span where, std::string_view field, std::string_view reason);
// The end of a README: what was reported. Empty when there is nothing.
[[nodiscard]] std::string losses(const diag::Report& report);

}  // namespace apigw::emit
