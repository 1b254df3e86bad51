#include "prompt_jobs.h"

#include "base/json.h"
#include "prompt/prompt.h"
#include "prompt/tests.h"

namespace apigw::cli {
namespace {

Verdict judge(const prompt::Case& test, const Door::Reply& reply, std::chrono::milliseconds took) {
  const auto document = json::scan(reply.body, {.depth = 256});
  const json::Member* output = document ? document->find("output") : nullptr;
  const json::Member* code = document ? document->find("code") : nullptr;
  const std::string reason = code ? json::string_at(reply.body, code->value).value_or("") : "";
  // The provider worked, and its answer is wrong.
  if (reason == "output_mismatch" || reason == "output_cut" || reason == "output_missing" || reason == refused_code)
    return {Verdict::Kind::failed, took, refusal_text(reply)};
  if (reply.status >= 300 || !output) {
    const bool credentials = exit_of_reply(reply) == Exit::credentials;
    return {Verdict::Kind::error, took, refusal_text(reply), credentials ? Exit::credentials : Exit::world};
  }
  std::string why;
  for (const prompt::Expectation& expectation : test.expect) {
    const std::string what = mismatch(expectation, json::at(reply.body, output->value), took);
    if (!what.empty()) why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", prompt::word(expectation.kind), what);
  }
  const auto kind = why.empty() ? Verdict::Kind::passed : Verdict::Kind::failed;
  const json::Member* stop = document->find("stop");
  if (stop && json::at(reply.body, stop->value) == R"("length")")
    why += fmt::format("{}the limit of its length cut the answer", why.empty() ? "" : "; ");
  return {kind, took, std::move(why)};
}

Verdict run_one(const Env& env, const Door& door, const std::string& path, const prompt::Case& test,
                std::chrono::milliseconds timeout) {
  const auto began = env.clock.now();
  const auto reply = door.ask(path, test.variables, timeout);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(env.clock.now() - began);
  if (!reply) return {Verdict::Kind::error, took, reply.error().what};
  return judge(test, *reply, took);
}

}  // namespace

std::expected<std::vector<TestJob>, Exit> prompt_jobs(Env& env, const Door& door, const model::Prompt& prompt,
                                                      const std::string& group, std::chrono::milliseconds timeout) {
  const std::string file = prompt::tests_of(prompt.file);
  auto text = env.files.read(file, prompt::most_bytes);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  diag::Sources sources;
  diag::Report report;
  auto cases = prompt::read_tests(sources.add(file, std::move(*text)), sources, report);
  std::vector<TestJob> jobs;
  for (prompt::Case& test : cases.value_or(std::vector<prompt::Case>{})) {
    const std::string name = test.name;
    jobs.push_back({group, name, [&env, &door, path = "/prompts/" + prompt.name, test = std::move(test), timeout] {
                      return run_one(env, door, path, test, timeout);
                    }});
  }
  return jobs;
}

}  // namespace apigw::cli
