// A config with its findings' own edits made: what `validate --fix` writes.
//
// Works in rounds, each of which loads the texts anew, because an edit can bring findings to light that it hid. A
// round's edits stay only while the config does not become worse; where all of them together do, each is tried alone.
// Touches the main file and its includes, in memory: writing is the caller's. A value made of `${…}` is left to its
// owner: a literal in its place would cut it off from its variable.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/load.h"

namespace apigw::config {

struct Mended {
  struct File {
    std::string before, after;
  };
  struct Edit {
    std::string path;
    std::size_t line;  // from 1, in `before`
    int code;
    std::string message;
  };
  Loaded now;                         // loaded with the edits
  std::map<std::string, File> files;  // by path; only those that change
  std::vector<Edit> edits;            // findings whose edit was made, round by round
};

// `request.path` is a file (not stdin), `request.text` its content.
[[nodiscard]] Mended mend(const Request& request, const Files& files, const Environment& environment,
                          const Vocabulary& vocabulary);

}  // namespace apigw::config
