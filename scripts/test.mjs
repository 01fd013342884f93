/** Everything that must hold, in one command; the last line is "N passed, N failed". */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";
import { LIMITS, sizes } from "./sizes.mjs";

const reports = mkdtempSync(join(tmpdir(), "iovascope-test-"));
/** How scripts/firefox.mjs says that there is none here. */
const NO_FIREFOX = 77;
let passed = 0;
let failed = 0;

function count(ok, what) {
  if (ok) passed++;
  else failed++;
  process.stdout.write(`${ok ? "ok" : "FAILED"}: ${what}\n`);
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

async function step(name, command, args) {
  process.stdout.write(`\n== ${name}\n`);
  count((await run(command, args)) === 0, name);
}

await step("types", "npx", ["tsc", "--noEmit"]);
await step("lint", "npx", ["oxlint", "--type-aware", "--deny-warnings"]);

process.stdout.write("\n== unit and conformance\n");
const unitFile = join(reports, "unit.json");
const unitStatus = await run("npx", ["vitest", "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${unitFile}`], process.stdout.isTTY ? {} : { NO_COLOR: "1" });
const unit = readReport(unitFile);
if (unit) {
  passed += unit.numPassedTests;
  failed += unit.numFailedTests;
}
if (!unit || (unitStatus !== 0 && unit.numFailedTests === 0)) count(false, "unit and conformance tests ran");

// The same inputs every time; npm run fuzz makes as many others as wanted.
process.stdout.write("\n== fuzz\n");
const fuzzFile = join(reports, "fuzz.json");
const fuzzStatus = await run("node", ["scripts/fuzz.mjs", "20000", "--report", fuzzFile]);
const fuzz = readReport(fuzzFile);
if (fuzz) {
  passed += fuzz.passed;
  failed += fuzz.failed;
}
if (!fuzz || (fuzzStatus !== 0 && fuzz.failed === 0)) count(false, "mutated inputs were tried");

await step("build", "npx", ["vite", "build", "--logLevel", "warn"]);
if (existsSync("dist/index.html")) {
  const found = sizes("dist");
  for (const [what, limit] of Object.entries(LIMITS)) count(found[what] <= limit, `${what}: ${(found[what] / 1000).toFixed(1)} kB gzip, limit ${limit / 1000}`);

  process.stdout.write("\n== end to end\n");
  const e2eFile = join(reports, "e2e.json");
  process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = e2eFile;
  const e2eStatus = await run("node", ["scripts/e2e.mjs", "--reporter=list,json"]);
  const stats = readReport(e2eFile)?.stats;
  if (stats) {
    passed += stats.expected + stats.flaky;
    failed += stats.unexpected;
  }
  if (!stats || (e2eStatus !== 0 && stats.unexpected === 0)) count(false, "end-to-end tests ran");

  process.stdout.write("\n== Firefox\n");
  const firefox = await run("node", ["scripts/firefox.mjs"]);
  if (firefox === NO_FIREFOX) process.stdout.write("skipped: smoke test in a stock Firefox\n");
  else count(firefox === 0, "smoke test in a stock Firefox");
}

process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
