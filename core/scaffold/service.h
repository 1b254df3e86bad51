// The files of a new service, made from the templates inside the binary, and what becomes of them when the command
// runs again.
//
// Two kinds of files. *Seed* files are the user's from the first byte: written once, never looked at again. *Owned*
// files (what is in a folder `runtime`, the container file) are the tool's: a later version writes them anew as long
// as nobody edited them, which `service.lock` beside them tells by their hashes. Pure: knows no disk.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "render/file_tree.h"
#include "render/value.h"

namespace apigw::scaffold {

inline constexpr std::string_view lock_name = "service.lock";  // in the service's folder; to be committed

// One row a language, and one a framework; its templates are templates/service/WORD.
struct Language {
  std::string_view word;          // as in --lang
  std::string_view title;         // "Python"
  std::string_view run;           // what `apigw run` gives to /bin/sh in the service's folder
  std::string_view test;          // the language's own way to run its tests
  std::string_view prepare = {};  // what root does before that in the image of the tests; empty: nothing
  std::string_view of = {};       // of a framework: its language's word
};
[[nodiscard]] std::span<const Language> languages();
[[nodiscard]] std::span<const Language> frameworks();
[[nodiscard]] const Language* find_language(std::string_view word);   // nullptr: none
[[nodiscard]] const Language* find_framework(std::string_view word);  // nullptr: none

inline constexpr std::string_view kinds[] = {"http", "worker"};

// Another service that this one calls, and the variable with its address.
struct Call {
  std::string name, variable;
  friend bool operator==(const Call&, const Call&) = default;
};

struct ServiceRequest {
  std::string name;  // of the config
  std::string language;
  std::string framework = {};  // empty: the standard library
  std::string kind = "http";
  std::vector<Call> calls;
  std::string origin = {};  // as of Lock
  std::map<std::string, std::string, std::less<>> values = {};
};

// The row of a framework where one is asked for, else of the language. nullptr: there is none.
[[nodiscard]] const Language* row_of(const ServiceRequest& request);

// What others must know of a service: how it starts, how it is tested, when it is ready.
struct Stack {
  std::string run, test, prepare;  // as of Language
  std::string health = "/readyz";
};
[[nodiscard]] Stack stack_of(const Language& row);
// What every template is filled with: name, test, calls.
[[nodiscard]] render::Value values_of(const ServiceRequest& request, const Stack& stack);

// Every file of the service. Errors: not_found (no such language or kind), internal (a broken template).
[[nodiscard]] Result<render::FileTree> service(const ServiceRequest& request);
[[nodiscard]] bool owned(std::string_view path);

// What the lock file says.
struct Lock {
  std::string tool;  // version that wrote it
  std::string name, language, framework, kind;
  std::string origin;  // the template's folder, seen from the config's; empty: a built-in one
  std::map<std::string, std::string, std::less<>> values;  // of the template's parameters
  std::map<std::string, std::string, std::less<>> owned;   // path → fingerprint as written
};
[[nodiscard]] std::string write_lock(const Lock& lock);
[[nodiscard]] Result<Lock> read_lock(std::string_view text);  // error invalid: not ours
[[nodiscard]] Lock lock_of(const ServiceRequest& request, const render::FileTree& tree, std::string_view tool);

// What a run writes over what is there.
struct Update {
  render::FileTree files;  // all, on a first run; then the owned ones
  // Files that somebody else wrote: owned ones that were changed, on a first run all that are there with another
  // content. They are in `files` too.
  std::vector<std::string> edited;
  std::vector<std::string> obsolete;  // owned once, of no use now, and as they were written
};
// `present` holds the content of those files of the tree and of the lock that exist. Without a lock it is a first
// run.
[[nodiscard]] Update update(render::FileTree tree, const std::optional<Lock>& lock,
                            const std::map<std::string, std::string>& present);

}  // namespace apigw::scaffold
