/** All benchmarks; standard output is one JSON object a line, everything else goes to standard error. */
import { spawnSync } from "node:child_process";

const BENCHES = ["page", "million", "replay", "read", "model", "links", "jumps"];

const build = spawnSync("npx", ["vite", "build", "--logLevel", "warn"], { stdio: ["ignore", 2, 2] });
let failed = build.status !== 0;
// Built, as the page is: a loader that transforms on the fly adds helpers that the product has not.
const out = "node_modules/.bench";
for (const name of BENCHES) {
  const bundled = spawnSync("npx", ["vite", "build", "--ssr", `bench/${name}.ts`, "--outDir", out, "--emptyOutDir", "--logLevel", "error"], { stdio: ["ignore", 2, 2] });
  const status = spawnSync("node", ["--expose-gc", `${out}/${name}.js`], { stdio: ["ignore", 1, 2] }).status;
  if (bundled.status !== 0 || status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
