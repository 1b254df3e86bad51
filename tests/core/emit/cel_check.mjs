// Asks CEL rules: cel_check.mjs FOLDER < RULES. FOLDER has node_modules/@bufbuild/cel; RULES is a list of {where, rule, self}.
// A rule about a field that is not there holds; any other that is not true is printed. Exit code 1 when one is.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const require = createRequire(pathToFileURL(process.argv[2] + "/x.js"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { celEnv, parse, plan } = await load("@bufbuild/cel");
const { strings } = await load("@bufbuild/cel/ext");

const cel = (value) => {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(cel);
  if (value && typeof value === "object") return new Map(Object.entries(value).map(([k, v]) => [k, cel(v)]));
  return value;
};

// Rules are few, and the values many.
const env = celEnv({ funcs: strings });
const planned = new Map();
const judge = (rule, self) => {
  if (!planned.has(rule)) planned.set(rule, plan(env, parse(rule)));
  return planned.get(rule)({ self: cel(self) });
};

let failed = 0;
let held = 0;
let absent = 0;
for (const { where, rule, self } of JSON.parse(readFileSync(0, "utf8"))) {
  let result;
  try {
    result = judge(rule, self);
  } catch (error) {
    result = error;
  }
  if (result === true) {
    held++;
  } else if (result && /field not found|no such key|not found/i.test(String(result.message ?? result))) {
    absent++;
  } else {
    failed++;
    if (failed < 10) console.log(`${where}: ${rule}: ${result?.message ?? result}`);
  }
}
console.log(`CEL: ${held} rules hold, ${absent} are about absent fields, ${failed} do not hold`);
process.exit(failed ? 1 : 0);
