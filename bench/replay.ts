/** How fast the model answers the recordings, comparing every field of every answer. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { replay } from "../src/engine/replay.ts";
import { readRecording } from "../src/scenario/recording.ts";
import { medianOf, print } from "./line.ts";

const root = join(process.cwd(), "conformance/recordings");
const sequences = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".gz"))
  .flatMap((entry) => readRecording(gunzipSync(readFileSync(join(entry.parentPath, entry.name))).toString("utf8")));

const perSecond = await medianOf(3, () => {
  const start = performance.now();
  let calls = 0;
  for (const { scenario } of sequences) calls += replay(scenario, () => {});
  return calls / ((performance.now() - start) / 1000);
});
print({ name: "replay-calls-per-second", value: perSecond, unit: "calls/s", better: "higher" });
