// JSON Schema of the size that a tool's parameters or a prompt's input have: compiled once, checked for every call.
#include <string_view>

#include <benchmark/benchmark.h>

#include "schema/schema.h"

using namespace apigw::schema;

namespace {

constexpr std::string_view tool = R"({
  "type": "object",
  "properties": {
    "customer": {"type": "string", "pattern": "^c-[0-9]{4,10}$", "description": "who orders"},
    "items": {
      "type": "array", "minItems": 1, "maxItems": 50,
      "items": {
        "type": "object",
        "properties": {
          "sku": {"type": "string", "minLength": 3, "maxLength": 20},
          "count": {"type": "integer", "minimum": 1, "maximum": 100},
          "gift": {"type": ["boolean", "null"]}
        },
        "required": ["sku", "count"], "additionalProperties": false
      }
    },
    "delivery": {"enum": ["standard", "express", "pickup"]},
    "note": {"anyOf": [{"type": "string", "maxLength": 500}, {"type": "null"}]},
    "address": {"$ref": "#/$defs/address"}
  },
  "required": ["customer", "items", "delivery"], "additionalProperties": false,
  "$defs": {
    "address": {
      "type": "object",
      "properties": {"street": {"type": "string"}, "town": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
      "required": ["street", "town"], "additionalProperties": false
    }
  }
})";

constexpr std::string_view order = R"({"customer":"c-20417","items":[{"sku":"mug-blue","count":2,"gift":true},
  {"sku":"tea-green","count":10,"gift":null},{"sku":"spoon","count":4}],"delivery":"express","note":null,
  "address":{"street":"Hauptplatz 1","town":"Graz","zip":"80100"}})";

constexpr std::string_view wrong_order =
    R"({"customer":"20417","items":[{"sku":"mug-blue","count":"2"},{"count":10,"gift":1}],
  "delivery":"fast","adress":{"street":"Hauptplatz 1"}})";

void compile_tool(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(compile(tool));
}

void check_with(benchmark::State& state, std::string_view document, std::size_t failures) {
  const Schema schema = *compile(tool);
  for (auto _ : state) benchmark::DoNotOptimize(check(schema, document, {.failures = failures}));
}

void check_order(benchmark::State& state) {
  check_with(state, order, 20);
}
void check_wrong_order(benchmark::State& state) {
  check_with(state, wrong_order, 20);
}
void refuse_wrong_order(benchmark::State& state) {
  check_with(state, wrong_order, 0);
}

// The most that a check may take before it is an error: what a hostile pair of schema and document costs.
void all_steps(benchmark::State& state) {
  const Schema schema = *compile(R"({"$ref":"#/$defs/a","$defs":{
    "a":{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},
    "b":{"allOf":[{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"}]},
    "c":{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}}}})");
  const std::string_view deep = R"({"a":{"a":{"a":{"b":{"a":{"b":{"a":{"b":{"b":{"a":{}}}}}}}}}}})";
  for (auto _ : state) benchmark::DoNotOptimize(check(schema, deep));
}

BENCHMARK(compile_tool)->Unit(benchmark::kMicrosecond);
BENCHMARK(check_order)->Unit(benchmark::kMicrosecond);
BENCHMARK(check_wrong_order)->Unit(benchmark::kMicrosecond);
BENCHMARK(refuse_wrong_order)->Unit(benchmark::kMicrosecond);
BENCHMARK(all_steps)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
