/** All benchmarks; standard output is one JSON object a line, everything else goes to standard error. */
import { spawnSync } from "node:child_process";

const BENCHES = ["page", "replay", "model"];

const build = spawnSync("npx", ["vite", "build", "--logLevel", "warn"], { stdio: ["ignore", 2, 2] });
let failed = build.status !== 0;
for (const name of BENCHES) {
  const status = spawnSync("npx", ["tsx", "--expose-gc", `bench/${name}.ts`], { stdio: ["ignore", 1, 2] }).status;
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
