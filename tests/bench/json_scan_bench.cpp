// What the JSON of a body costs: its scan, and a text out of it and into another; one long text, and texts such as
// chats and tool calls hold.
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

// As a translated call moves a text.
void copy(benchmark::State& state, const std::string& quoted) {
  const json::Slice all = json::scan(quoted)->root;
  for (auto _ : state) {
    std::string out;
    json::quote_into(out, *json::string_at(quoted, all));
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(quoted.size()));
}

std::string quoted(std::string_view piece) {
  return fmt::format("\"{}\"", repeated(piece, 64 << 10));
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
BENCHMARK_CAPTURE(copy, one_long_text, quoted("word "))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(copy, escapes, quoted(R"(if (a[\"b\"] == c) {\n  return 1;\n})"))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(copy, lines, quoted(R"(A line of some sixty characters, as prose and markdown have.\n)"))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(copy, not_ascii, quoted("今日の天気はどうですか"))->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
