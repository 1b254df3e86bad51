#include "test_files.h"

#include <algorithm>

#include "base/text.h"
#include "call_target.h"
#include "cases/openapi.h"
#include "document_routes.h"
#include "prompt/tests.h"

namespace apigw::cli {
namespace {

constexpr int most_depth = 8;  // of folders below tests/

// "" first; then the document's own servers, then what routes strip: of the service whose folder it stands in,
// else of every one.
std::vector<std::string> prefixes_of(const Files& files, const std::string& path, std::vector<std::string> bases,
                                     const model::Plan& plan) {
  const std::string whole = files.absolute(path);
  std::vector<std::string> near, far;
  for (const model::Route& route : plan.routes) {
    const auto* to = std::get_if<model::ToService>(&route.action);
    if (to == nullptr || to->strip.empty()) continue;
    const auto& run = plan.at(to->service).run;
    const std::string folder = run ? run->directory : "";
    const bool own = !folder.empty() && whole.starts_with(files.absolute(folder) + "/");
    (own ? near : far).push_back(to->strip);
  }
  std::vector<std::string> out{""};
  if (!near.empty()) out = near;
  if (!near.empty()) out.emplace_back();
  out.insert(out.end(), bases.begin(), bases.end());
  if (near.empty()) out.insert(out.end(), far.begin(), far.end());
  return out;
}

const model::Prompt* prompt_of(const Files& files, const std::string& path, const model::Plan& plan) {
  const std::string whole = files.absolute(path);
  const auto own = [&](const model::Prompt& prompt) {
    return files.absolute(prompt::tests_of(prompt.file)) == whole;
  };
  const auto found = std::ranges::find_if(plan.prompts, own);
  return found == plan.prompts.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> route_test_globs(std::string_view config) {
  const auto slash = config.rfind('/');
  std::string folder = fmt::format("{}tests/", slash == std::string_view::npos ? "" : config.substr(0, slash + 1));
  std::vector<std::string> globs;
  for (int depth = 0; depth < most_depth; ++depth) {
    globs.push_back(fmt::format("{}*{}", folder, prompt::tests_extension));
    folder += "*/";
  }
  return globs;
}

std::vector<std::string> route_test_files(const Files& files, std::string_view config) {
  std::vector<std::string> out;
  for (const std::string& glob : route_test_globs(config))
    std::ranges::copy(files.glob(glob), std::back_inserter(out));
  return out;
}

TestReader::TestReader(const Files& files, model::PlanPtr plan) : files_(files), plan_(std::move(plan)) {
  if (auto router = routing::Router::compile(plan_)) router_.emplace(std::move(*router));
}

std::optional<routing::Explanation> TestReader::route_of(const cases::Case& test) const {
  if (!router_) return std::nullopt;
  const std::string host = text::lower(test.headers.find("host").value_or("127.0.0.1"));
  return routing::explain(*router_, test.method, test.target, test.headers, host);
}

bool TestReader::is_routed(const cases::Case& test) const {
  const auto explained = route_of(test);
  return explained && explained->route != nullptr;
}

void TestReader::resolve(cases::Case& test, diag::Report& report) const {
  CallTarget target{method_of(test.method), test.target};
  if (!target.target.starts_with('/'))
    if (const auto found = resolve_name(*plan_, target); !found) {
      auto& finding = report.add(636, test.call, found.error().message);
      if (!found.error().help.empty()) finding.helps.push_back(found.error().help);
      return;
    }
  if (target.method.empty()) target.method = test.body ? "POST" : "GET";
  test.method = target.method;
  test.target = target.target;
  const auto explained = route_of(test);
  if (!explained || explained->route != nullptr || test.takes(explained->status)) return;
  auto& finding =
      report.add(637, test.call,
                 fmt::format("'{} {}' is answered {} by the gateway: {}", text::printable(test.method, 20),
                             text::printable(test.target, 100), explained->status, explained->refusal));
  finding.helps.push_back(fmt::format("add the route, or expect that answer: status: {}", explained->status));
}

// Where clients call an operation of the document of a service: its own path, that of its server, or the one that a
// route strips a prefix of. A path that no route serves stays as it is.
void TestReader::find_public_path(cases::Case& test, const std::vector<std::string>& prefixes) const {
  const std::string own = test.target;
  std::string loose;  // a route serves it, and its service is asked for another path
  for (const std::string& prefix : prefixes) {
    test.target = prefix + own;
    const auto explained = route_of(test);
    if (!explained || explained->route == nullptr) continue;
    if (!explained->upstream || explained->upstream->target == own || explained->upstream->target == test.target)
      return;
    if (loose.empty()) loose = test.target;
  }
  test.target = loose.empty() ? own : loose;
}

std::optional<TestFile> TestReader::read(const std::string& path, SourceId source, const diag::Sources& sources,
                                         diag::Report& report) const {
  const auto tree = yaml::parse(source, sources, report);
  if (!tree || report.has_errors()) return std::nullopt;
  const yaml::Node& root = tree->root();
  TestFile file{.path = path, .kind = cases::kind_of(root)};
  if (file.kind == cases::Kind::prompt) {
    const auto cases = prompt::read_tests(source, sources, report);
    file.prompt = prompt_of(files_, path, *plan_);
    if (file.prompt == nullptr && cases) {
      auto& finding = report.add(634, {source, 0, 0}, "there is no prompt that these are the tests of");
      finding.severity = diag::Severity::error;  // who names them wants them run
      finding.helps.push_back("tests of a prompt stand beside it, as in prompts/NAME.test.yaml");
    }
    return cases ? std::optional(std::move(file)) : std::nullopt;
  }
  if (file.kind == cases::Kind::openapi) {
    cases::OpenApiCases read = cases::read_openapi(root);
    const auto prefixes = prefixes_of(files_, path, std::move(read.bases), *plan_);
    file.cases = std::move(read.cases);
    for (cases::Case& test : file.cases)
      if (test.untested.empty()) {
        const bool platform = for_platform(test.target.substr(0, test.target.find('?')));
        find_public_path(test, prefixes);
        if (platform && router_ && !is_routed(test))
          test.untested = "it is for the platform, and no route leads to it";
      }
    return file;
  }
  auto read = cases::read_cases(root, sources, report);
  if (!read) return std::nullopt;
  file.cases = std::move(*read);
  for (cases::Case& test : file.cases) resolve(test, report);
  return file;
}

ReadTests TestReader::read(const std::string& path, std::string text) const {
  ReadTests out;
  const SourceId source = out.sources.add(path, std::move(text));
  out.file = read(path, source, out.sources, out.report);
  out.report.finish(out.sources);
  if (out.report.has_errors()) out.file.reset();
  return out;
}

}  // namespace apigw::cli
