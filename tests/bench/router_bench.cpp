// Look-ups in a Router of 10,000 routes: what a request pays for MATCH, whatever the number of routes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "routing/router.h"
#include "support/plan_builder.h"

using namespace apigw;

namespace {

routing::Router router_of(int routes) {
  test::PlanBuilder plan;
  plan.service("s", 9001);
  for (int i = 0; i < routes / 4; ++i) {
    plan.route(fmt::format("GET /api/v1/area{}/items/{{id}}", i), "s");
    plan.route(fmt::format("POST /api/v1/area{}/items", i), "s");
    plan.route(fmt::format("/api/v1/area{}/**", i), "s");
    plan.route(fmt::format("GET /api/v1/{{tenant}}/area{}", i), "s");
  }
  return *routing::Router::compile(plan.build());
}

void look_up(benchmark::State& state, std::string_view path) {
  const routing::Router router = router_of(static_cast<int>(state.range(0)));
  http::Headers headers;
  headers.add("host", "shop.example");
  const routing::Query query{"GET", "shop.example", path, "", &headers};
  for (auto _ : state) benchmark::DoNotOptimize(router.match(query));
}

void literal_and_variable(benchmark::State& state) {
  look_up(state, "/api/v1/area7/items/42");
}
void back_to_rest(benchmark::State& state) {
  look_up(state, "/api/v1/area7/other/deep/path");
}
void nobody(benchmark::State& state) {
  look_up(state, "/nowhere/at/all");
}

BENCHMARK(literal_and_variable)->Arg(100)->Arg(10'000)->Unit(benchmark::kNanosecond);
BENCHMARK(back_to_rest)->Arg(10'000)->Unit(benchmark::kNanosecond);
BENCHMARK(nobody)->Arg(10'000)->Unit(benchmark::kNanosecond);

}  // namespace

BENCHMARK_MAIN();
