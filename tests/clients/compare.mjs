// Judges a probe's result file by the skips that are expected: usage compare.mjs RESULT.json EXPECTED-SKIPS.
// Prints each surprise and a closing line of counts; a missing or an additional skip counts as a failure.
import { readFileSync } from 'node:fs';

const [resultFile, skipsFile] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(resultFile, 'utf8')).rows;
const expected = new Map();
for (const line of readFileSync(skipsFile, 'utf8').split('\n')) {
  if (line === '' || line.startsWith('#')) continue;
  const [label, reason] = line.split('\t');
  if (!reason) { console.error(`${skipsFile}: no reason for '${label}'`); process.exit(2); }
  expected.set(label, reason);
}

let passed = 0, failed = 0, skipped = 0;
const surprise = (text) => { failed += 1; console.log(`FAIL ${text}`); };
for (const row of rows) {
  const listed = expected.delete(row.label);
  if (row.result === 'FAIL') surprise(`${row.label}: ${row.why}`);
  else if (row.result === 'skip' && !listed) surprise(`${row.label}: skipped, and expected-skips does not list it`);
  else if (row.result === 'ok' && listed) surprise(`${row.label}: works, so take it out of expected-skips`);
  else if (listed) skipped += 1;
  else passed += 1;
}
for (const label of expected.keys()) surprise(`${label}: listed in expected-skips, but the probe has no such check`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
