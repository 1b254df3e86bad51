// What an OpenAPI document says that the requests of one operation must be, and requests held against it.
//
// Compiled once when a config is read; from then on immutable, and any number of threads may ask it at once. Judged
// are parameters in path, query and headers, and the body; what a document says of cookies, forms and security is not
// (document.h reports it). Pure, and bounded by the bounds of schema::check.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/span.h"
#include "contract/describe.h"
#include "http/headers.h"
#include "schema/schema.h"

namespace apigw::contract {

enum class In : std::uint8_t { path, query, header };

struct Parameter {
  std::string name;  // of a header lower case
  In in = In::query;
  bool required = false;
  bool list = false;
  char separator = 0;     // between the items of one text of a list; 0: each item is a text of its own
  bool number = false;    // a text that is a JSON number stands for that number,
  bool boolean = false;   // and true and false for themselves; else a text is a string
  schema::Schema schema;  // of the value, for a list of the whole list
};

struct Media {
  std::string type;                      // lower case, without parameters: "application/json", "image/*", "*/*"
  std::optional<schema::Schema> schema;  // of JSON; nothing: any content
};

struct Body {
  bool required = false;
  std::vector<Media> media;  // never empty
};

struct Operation {
  std::string name;          // as its document names it: "createPet", "POST /pets"
  std::string method, path;  // "POST", "/pets/{petId}"
  std::vector<Parameter> parameters;
  std::optional<Body> body;  // nothing: not judged
  Description description;   // for callers
  Span where;                // in the document
};

// A request as far as an operation speaks of it. Views of the caller's.
struct Call {
  std::vector<std::pair<std::string_view, std::string_view>> variables;  // of the path, as sent
  std::string_view query;                                                // as sent, without '?'
  const http::Headers& headers;
  std::string_view body;
};

struct Misfit {
  int status = 400;    // 400 parameters and what is no JSON, 415 the kind of body, 422 the body
  std::string detail;  // one sentence for people: the first mistake
  std::string errors;  // a JSON array, one object a mistake: pointer into the body, or parameter and in; and detail
};

// Nothing: the call is as the operation says. `limits` are of the body's text.
[[nodiscard]] std::optional<Misfit> check(const Operation& operation, const Call& call, const json::Limits& limits);

}  // namespace apigw::contract
