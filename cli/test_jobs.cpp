#include "test_jobs.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_jobs = 64;
constexpr std::chrono::milliseconds look_every{50};  // for signals

// Jobs are taken in order, by as many threads as there are.
class Work {
 public:
  Work(const std::vector<TestJob>& jobs, std::size_t at_once) : jobs_(jobs), verdicts_(jobs.size()) {
    for (std::size_t i = 0; i < std::min(at_once, jobs.size()); ++i) threads_.emplace_back([this] { live(); });
  }
  // True when all are done, false after a while.
  bool wait() {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, look_every, [this] { return done_ == jobs_.size(); });
  }
  std::vector<Verdict> finish() {
    for (std::thread& thread : threads_) thread.join();
    return std::move(verdicts_);
  }

 private:
  void live() {
    for (std::size_t i = next_++; i < jobs_.size(); i = next_++) {
      verdicts_[i] = jobs_[i].run();
      const std::lock_guard lock(mutex_);
      if (++done_ == jobs_.size()) ended_.notify_all();
    }
  }

  const std::vector<TestJob>& jobs_;
  std::vector<Verdict> verdicts_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // over done_
  std::condition_variable ended_;
  std::size_t done_ = 0;
  std::vector<std::thread> threads_;
};

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

// What stands inside a testcase that is more than passed: the element and the text of it.
std::string detail(const Verdict& verdict) {
  const std::string why = xml(text::printable(verdict.why, 2000));
  switch (verdict.kind) {
    case Verdict::Kind::passed:
      return why.empty() ? "" : fmt::format("<system-out>{}</system-out>", why);
    case Verdict::Kind::failed:
      return fmt::format("<failure message=\"{}\"/>", why);
    case Verdict::Kind::error:
      return fmt::format("<error message=\"{}\"/>", why);
    case Verdict::Kind::untested:
      return fmt::format("<skipped message=\"{}\"/>", why);
  }
  return {};
}

std::string junit(std::string_view suite, const std::vector<TestJob>& jobs, const std::vector<Verdict>& verdicts) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t begin = 0; begin < jobs.size();) {
    std::string body;
    std::size_t failed = 0, errors = 0, untested = 0, i = begin;
    for (; i < jobs.size() && (!suite.empty() || jobs[i].group == jobs[begin].group); ++i) {
      const Verdict& verdict = verdicts[i];
      failed += verdict.kind == Verdict::Kind::failed ? 1 : 0;
      errors += verdict.kind == Verdict::Kind::error ? 1 : 0;
      untested += verdict.kind == Verdict::Kind::untested ? 1 : 0;
      const std::string more = detail(verdict);
      body += fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")", xml(jobs[i].group),
                          xml(text::printable(jobs[i].name, 500)), static_cast<double>(verdict.took.count()) / 1000);
      body += more.empty() ? "/>\n" : fmt::format(">\n      {}\n    </testcase>\n", more);
    }
    out += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n",
        xml(suite.empty() ? std::string_view(jobs[begin].group) : suite), i - begin, failed, errors, untested, body);
    begin = i;
  }
  return out + "</testsuites>\n";
}

// Destinations of junit are ours; the others are any table's.
Exit write_report(Env& env, const Globals& globals, const TestReport& report, const std::vector<TestJob>& jobs,
                  const std::vector<Verdict>& verdicts) {
  Globals others = globals;
  std::erase_if(others.output,
                [](const std::string& asked) { return asked == "junit" || asked.starts_with("junit="); });
  bool printed = false;
  for (const std::string& asked : globals.output) {
    if (asked != "junit" && !asked.starts_with("junit=")) continue;
    const std::string file = asked == "junit" ? "" : asked.substr(6);
    printed = printed || file.empty();
    const Exit exit = deliver(env, {.format = "junit", .file = file}, junit(report.suite, jobs, verdicts));
    if (exit != Exit::done) return exit;
  }
  if (printed && others.output.empty()) return Exit::done;
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < jobs.size(); ++i)
    rows.push_back({{std::string(report.group.key), jobs[i].group},
                    {"case", jobs[i].name},
                    {"result", word(verdicts[i].kind)},
                    {"ms", verdicts[i].took.count()},
                    {"why", text::printable(verdicts[i].why, 1000)}});
  return write_table(
      env, others,
      {.kind = report.kind,
       .columns = {report.group, {"case", "CASE"}, {"result", "RESULT"}, {"ms", "MS"}, {"why", "WHY"}}},
      rows);
}

}  // namespace

std::string_view word(Verdict::Kind kind) {
  static constexpr std::string_view words[] = {"passed", "failed", "error", "untested"};
  return words[static_cast<std::size_t>(kind)];
}

std::expected<std::size_t, Complaint> read_jobs(std::string_view jobs) {
  const auto number = text::parse_number(jobs);
  if (number && *number >= 1 && *number <= most_jobs) return *number;
  return std::unexpected(Complaint{fmt::format("--jobs cannot be '{}'", text::printable(jobs)), "from 1 to 64"});
}

std::vector<Verdict> run_jobs(Env& env, const std::vector<TestJob>& jobs, std::size_t at_once, run::Signals& signals,
                              const std::function<void()>& stop) {
  Work work(jobs, at_once);
  while (!work.wait()) {
    const auto number = signals.take();
    if (!number) continue;
    stop();
    env.out.flush();
    env.err.flush();
    // Calls may wait for minutes yet, and nobody wants their verdicts.
    std::_Exit(static_cast<int>(*number == SIGINT ? Exit::interrupted : Exit::terminated));
  }
  return work.finish();
}

std::vector<std::string_view> test_formats() {
  std::vector<std::string_view> formats(table_formats.begin(), table_formats.end());
  formats.emplace_back("junit");
  return formats;
}

Exit report_tests(Env& env, const Globals& globals, const TestReport& report, const std::vector<TestJob>& jobs,
                  const std::vector<Verdict>& verdicts) {
  if (const Exit exit = write_report(env, globals, report, jobs, verdicts); exit != Exit::done) return exit;
  const auto count = [&](Verdict::Kind kind) { return std::ranges::count(verdicts, kind, &Verdict::kind); };
  const auto failed = count(Verdict::Kind::failed), errors = count(Verdict::Kind::error),
             untested = count(Verdict::Kind::untested);
  env.out.flush();  // the counts stand behind the table
  if (!globals.quiet)
    env.err << fmt::format("{} passed, {} failed, {} errors{}\n", count(Verdict::Kind::passed), failed, errors,
                           untested == 0 ? "" : fmt::format(", {} untested", untested));
  if (untested == std::ssize(verdicts))
    return complain(env, Exit::input, "nothing could be tested", "the report has the reason for each case");
  if (errors == 0) return failed > 0 ? Exit::no : Exit::done;
  const bool world = std::ranges::any_of(verdicts, [](const Verdict& verdict) {
    return verdict.kind == Verdict::Kind::error && verdict.exit != Exit::credentials;
  });
  return world ? Exit::world : Exit::credentials;
}

}  // namespace apigw::cli
