// What the JSON scan of a body costs: one long text, and texts such as chats and tool calls hold.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/json.h"

using namespace apigw;

namespace {

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

std::string chat(std::string_view message, std::size_t size) {
  return fmt::format(R"({{"model":"m","messages":[{}{{"role":"user","content":"end"}}]}})",
                     repeated(fmt::format(R"({{"role":"user","content":"{}"}},)", message), size));
}

void scan(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(json::scan(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

const std::string plain = repeated("word ", 64 << 10);
BENCHMARK_CAPTURE(scan, one_long_text, chat(plain, 1))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(scan, short_messages, chat("What is the weather like today?", 64 << 10))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(scan, escapes, chat(R"(if (a[\"b\"] == c) {\n  return 1;\n})", 64 << 10))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(scan, not_ascii, chat("今日の天気はどうですか", 64 << 10))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(scan, numbers, fmt::format("[{}1]", repeated("0.0123456,", 64 << 10)))
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
