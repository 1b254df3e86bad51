// Judges a probe's result files: usage compare.mjs EXPECTED-SKIPS EXPECTED-LOSSES [PREFIX=]RESULT.json…, where PREFIX goes before
// each label of that file.
// Prints each surprise and a closing line of counts. A skip or loss that is missing or additional counts as a failure; a
// check that fails as expected-losses says counts as skipped.
import { readFileSync } from 'node:fs';

const [skipsFile, lossesFile, ...results] = process.argv.slice(2);
const rows = results.flatMap((result) => {
  const [file, prefix = ''] = result.split('=').reverse();
  return JSON.parse(readFileSync(file, 'utf8')).rows.map((row) => ({ ...row, label: prefix + row.label }));
});

function listed(file) {
  const labels = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [label, reason] = line.split('\t');
    if (!reason) { console.error(`${file}: no reason for '${label}'`); process.exit(2); }
    labels.set(label, reason);
  }
  return labels;
}
const expected = listed(skipsFile), losses = listed(lossesFile);

let passed = 0, failed = 0, skipped = 0;
const surprise = (text) => { failed += 1; console.log(`FAIL ${text}`); };
for (const row of rows) {
  const skip = expected.delete(row.label), loss = losses.get(row.label);
  losses.delete(row.label);
  if (loss && row.result === 'FAIL') { skipped += 1; console.log(`LOSS ${row.label}: ${loss}`); }
  else if (loss) surprise(`${row.label}: ${row.result}, so take it out of expected-losses`);
  else if (row.result === 'FAIL') surprise(`${row.label}: ${row.why}`);
  else if (row.result === 'skip' && !skip) surprise(`${row.label}: skipped, and expected-skips does not list it`);
  else if (row.result === 'ok' && skip) surprise(`${row.label}: works, so take it out of expected-skips`);
  else if (skip) skipped += 1;
  else passed += 1;
}
for (const label of [...expected.keys(), ...losses.keys()]) surprise(`${label}: expected, but the probe has no such check`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
