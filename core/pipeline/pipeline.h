// What a pipeline does, free of the system that runs it, and the systems that can be told so.
//
// Checks run beside each other, each in a container; where all passed, images are built, and on the branch pushed;
// then what is deployed is deployed, behind a gate where somebody says yes. Pure: a Pipeline in, the bytes of one
// file out, the same every time. Commands are lines for `sh -e` at the repository's root.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::pipeline {

struct Check {
  std::string name;   // small letters, digits and '-'; one of a kind
  std::string image;  // of its container
  bool root = false;  // its commands install packages
  std::vector<std::string> commands;
  std::string findings;  // a file that they write in System::findings; empty: none
  std::string tests;     // a JUnit file that they write, in a folder of such files; empty: none
};

struct Image {
  std::string name;    // of its job, as that of a check
  std::string image;   // empty: it is built and nothing more
  std::string folder;  // with its container file
};

struct Deploy {
  std::string environment;
  std::vector<std::string> commands;  // for kubectl and helm, of which the system has the kubeconfig
};

struct Pipeline {
  std::string title;
  std::string branch;              // the one that is pushed from and deployed
  std::vector<std::string> paths;  // runs when one of these globs changed; empty: always
  std::vector<std::string> parts;  // files of other pipelines beside this one, where a system can include them
  std::vector<Check> checks;
  std::vector<Image> images;
  std::optional<Deploy> deploy;
};

// One row a system.
struct System {
  std::string_view word;      // of `emit` and of --ci
  std::string_view title;     // "GitHub Actions"
  std::string_view path;      // where a repository has the file
  std::string_view findings;  // the format of findings that it shows
  std::string_view found_in;  // and the file that it reads them from
  // `head` are lines of comment for its beginning, without their mark.
  std::string (*write)(const Pipeline& pipeline, const std::vector<std::string>& head);
};
[[nodiscard]] std::span<const System> systems();
[[nodiscard]] const System* find_system(std::string_view word);  // nullptr: none

}  // namespace apigw::pipeline
