// What an importer is: one row of kinds.txt, one file, one object of this type; and the one way to run it.
//
// Another program's file becomes the text of an apigw.yaml and a report of what did not come along. The text is
// always a config that loads: what apigw does not enforce, or would refuse, is a finding with its place in the source
// and never written. Pure: the same bytes give the same text, and nothing but these bytes is read, neither other
// files nor the environment. A literal secret of the source reaches neither the text nor a finding.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "config/vocabulary.h"
#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::import {

class Importing;

struct Importer {
  std::string_view summary;  // what it reads: "OpenAPI 3.0 and 3.1, Swagger 2.0"
  void (*read)(const yaml::Node& root, Importing& to);
};

struct RosterRow {
  std::string_view word;  // of the command line
  const Importer* importer;
};
[[nodiscard]] std::span<const RosterRow> roster();

// What is read of a document: descriptions of large APIs are of another size than configs.
inline constexpr yaml::Limits document_limits{.text = 32u << 20, .nodes = 1'000'000};

struct Imported {
  diag::Sources sources;  // the document alone, its secrets blotted out
  diag::Report report;    // finished; AGW720 and AGW1xx are errors, AGW724 to AGW726 what was lost
  std::string config;     // empty exactly where the report has errors
};

// `name` is what findings and comments call the document. Reads YAML and JSON (which is YAML). `beside` is the path
// by which the config may name the document, relative to its own folder; empty: it names it nowhere.
[[nodiscard]] Imported read_document(const RosterRow& kind, const std::string& name, std::string text,
                                     const config::Vocabulary& vocabulary, const std::string& beside = {});

}  // namespace apigw::import
