// Any bytes as an OpenAPI document of which a route names an operation.
//
// What it holds beyond "no crash": an operation exactly when nothing is an error; findings lie inside the text; a
// call held against it twice is judged alike, and what is told of its mistakes is JSON.
#include <string>

#include <fmt/format.h>

#include "contract/document.h"
#include "fuzz/law.h"

using namespace apigw;

namespace {

std::string judged(const contract::Operation& operation) {
  http::Headers headers;
  headers.add("content-type", "application/json");
  const contract::Call call{
      .variables = {{"id", "7"}}, .query = "a=1&a=x&b=true", .headers = headers, .body = R"({"a":[1]})"};
  const auto misfit = contract::check(operation, call, {.depth = 32});
  if (!misfit) return {};
  LAW(json::scan(misfit->errors).has_value());
  LAW(misfit->status == 400 || misfit->status == 415 || misfit->status == 422);
  return misfit->detail + misfit->errors;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  diag::Sources sources;
  diag::Report report;
  const SourceId source = sources.add("doc", std::string(reinterpret_cast<const char*>(data), size));
  const auto document = contract::Document::read(source, sources, report);
  LAW((document == nullptr) == report.has_errors());
  if (!document) return 0;
  for (const std::string_view name : {"create", "GET /a", "PUT /orders/{id}"}) {
    diag::Report told;
    const auto operation = document->operation(name, {}, told);
    LAW((operation == nullptr) == told.has_errors());
    for (const auto& finding : told.all())
      LAW(!finding.where().known() || finding.where().end <= sources.text(source).size());
    if (operation) LAW(judged(*operation) == judged(*operation));
  }
  return 0;
}
