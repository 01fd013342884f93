/**
 * `npm run fuzz -- N [--seed S] [--only K] [--jobs J]`: N mutated inputs, each of which must be refused clearly or open and run.
 * The same seed gives the same inputs; `--only K` repeats one and prints it. The last line is "N passed, M failed".
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const args = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return otherwise;
  const [found] = args.splice(at, args[at] === name ? 2 : 1).slice(-1);
  const value = Number(found.replace(`${name}=`, ""));
  if (!Number.isSafeInteger(value) || value < 0) {
    process.stderr.write(`${name} must be a whole number\n`);
    process.exit(2);
  }
  return value;
};
const reportAt = args.indexOf("--report");
const [report] = reportAt < 0 ? [null] : args.splice(reportAt, 2).slice(1);
const seed = option("--seed", 1);
const only = option("--only", null);
const jobs = option("--jobs", availableParallelism());
const count = only === null ? Number(args[0] ?? 10_000) : only + 1;
if (!Number.isSafeInteger(count) || count < 1 || args.length > 1) {
  process.stderr.write("usage: npm run fuzz -- N [--seed S] [--only K] [--jobs J]\n");
  process.exit(2);
}

const out = mkdtempSync(join("node_modules", ".fuzz-"));
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
const built = spawnSync("npx", ["vite", "build", "--ssr", "fuzz/run.ts", "--outDir", out, "--emptyOutDir", "--logLevel", "error"], { stdio: ["ignore", 2, 2] });
if (built.status !== 0) process.exit(1);

const started = performance.now();
const done = new Map();
let failed = 0;
let slowest = 0;
const tally = {};
let shown = started;

/** Nothing takes nearly as long, on a busy machine either. */
const HANGS_MS = 30_000;

/** Cases first, first + stride, …; one that makes the process die or never end is a failure too, and the next ones go on. */
async function work(first, stride) {
  let before = 0;
  for (let next = first; next < count; ) {
    const ended = await workFrom(next, stride, (made) => done.set(first, before + made));
    before = done.get(first) ?? 0;
    if (ended === null) return;
    fail(ended.at, "", ended.why);
    next = ended.at + stride;
    before = (next - first) / stride;
    done.set(first, before);
  }
}

function fail(index, kind, message) {
  failed++;
  process.stdout.write(`FAILED seed ${seed}, case ${index}${kind === "" ? "" : ` (${kind})`}: ${message}\n  again: npm run fuzz -- --seed ${seed} --only ${index}\n`);
}

/** Resolves to null at the end, or to the case that ended the process, and how. */
function workFrom(first, stride, progress) {
  return new Promise((resolve) => {
    const mark = join(out, `at-${first}`);
    const child = spawn("node", ["--max-old-space-size=1024", join(out, "run.js"), String(count), String(seed), String(first), String(stride), mark], { stdio: ["ignore", "pipe", 2] });
    let finished = false;
    let last = "";
    let since = performance.now();
    const at = () => (existsSync(mark) ? readFileSync(mark, "utf8").trim() : "");
    const watch = setInterval(() => {
      const now = at();
      if (now !== last) {
        last = now;
        since = performance.now();
      } else if (now !== "" && performance.now() - since > HANGS_MS) child.kill("SIGKILL");
    }, 1000);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.failed !== undefined) fail(said.failed, said.kind, said.message);
      if (said.done !== undefined) progress(said.done);
      if (said.tally) {
        finished = true;
        slowest = Math.max(slowest, said.slowest);
        for (const [kind, { refused, opened }] of Object.entries(said.tally)) {
          tally[kind] ??= { refused: 0, opened: 0 };
          tally[kind].refused += refused;
          tally[kind].opened += opened;
        }
      }
      if (performance.now() - shown > 10_000) {
        shown = performance.now();
        const total = [...done.values()].reduce((sum, value) => sum + value, 0);
        process.stdout.write(`${total} of ${count}, ${Math.round(total / ((shown - started) / 1000))} a second, ${failed} failed\n`);
      }
    });
    child.on("close", (status, signal) => {
      clearInterval(watch);
      if (finished) resolve(null);
      else resolve({ at: Number(at()), why: signal === "SIGKILL" ? `it did not end within ${HANGS_MS / 1000} s` : `the process died of it (${signal ?? `status ${status}`})` });
    });
  });
}

const workers = only === null ? Math.max(1, Math.min(jobs, 16, count)) : 1;
await Promise.all(Array.from({ length: workers }, (_none, number) => work(only ?? number, workers)));
const seconds = (performance.now() - started) / 1000;
const total = [...done.values()].reduce((sum, value) => sum + value, 0);
for (const [kind, { refused, opened }] of Object.entries(tally)) process.stdout.write(`${kind}: ${opened} opened, ${refused} refused\n`);
process.stdout.write(`${total} inputs in ${seconds.toFixed(1)} s: ${Math.round(total / seconds)} a second, the slowest ${slowest} ms of processor time\n${total - failed} passed, ${failed} failed\n`);
if (report) writeFileSync(report, JSON.stringify({ passed: total - failed, failed }));
process.exit(failed === 0 ? 0 : 1);
