// Any bytes as a prompt file, filled with small variables when it is one, and as the answer that is judged.
//
// Beyond "no crash": no prompt without an error otherwise; every place lies inside the text; a prompt that was read
// ends every filling and judging with a request, an output, or at least one problem.
#include <cstdint>
#include <string>

#include "fuzz/law.h"
#include "prompt/prompt.h"

using namespace apigw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  diag::Sources sources;
  diag::Report report;
  const auto source = sources.add("fuzz.prompt", text);
  const auto prompt = prompt::read("fuzz.prompt", source, sources, report);
  report.finish(sources);
  LAW(prompt.has_value() != report.has_errors());
  for (const auto& finding : report.all()) {
    for (const auto& label : finding.labels)
      LAW(!label.where.known() || (label.where.begin <= label.where.end && label.where.end <= size));
  }
  (void)diag::render(report, sources, diag::Format::full, false);
  if (!prompt) return 0;
  for (const char* variables : {"{}", R"({"text":"{{role \"system\"}}","items":[{"name":"x"},2],"tone":null})"}) {
    const auto request = prompt::fill(*prompt, variables);
    LAW(request ? !request->messages.empty() : !request.error().list.empty());
    if (request) (void)prompt::repair(*request, text, {{{"", "x"}}, false});
  }
  const auto answer = prompt::check_answer(*prompt, text);
  LAW(answer.has_value() || !answer.error().list.empty());
  return 0;
}
