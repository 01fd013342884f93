import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { replay } from "../engine/replay.ts";
import { FormatError, readRecording } from "../scenario/recording.ts";

/** Reads a text file, unpacking .gz. */
export function readText(file: string): string {
  const bytes = readFileSync(file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** `replay FILE...`: one line per divergence, last line "calls N, divergences M"; exit 1 when M > 0, 2 when a file can't be read. */
export function replayCommand(files: string[]): number {
  let calls = 0;
  let divergences = 0;
  let undefinedCalls = 0;
  let undefinedDivergences = 0;
  for (const file of files) {
    let sequences;
    try {
      sequences = readRecording(readText(file));
    } catch (error) {
      if (!(error instanceof FormatError) && !(error instanceof Error && "code" in error)) throw error;
      process.stderr.write(`${file}: ${error.message}\n`);
      return 2;
    }
    for (const { scenario, lines } of sequences) {
      let found = 0;
      const count = replay(scenario, (divergence) => {
        found++;
        if (scenario.undefined_behaviour) return;
        const show = (value: unknown) => JSON.stringify(value) ?? "nothing";
        process.stdout.write(`${file}:${lines[divergence.index]} ${divergence.call} ${divergence.field}: expected ${show(divergence.expected)}, got ${show(divergence.got)}\n`);
      });
      if (scenario.undefined_behaviour) {
        undefinedCalls += count;
        undefinedDivergences += found;
      } else {
        calls += count;
        divergences += found;
      }
    }
  }
  if (undefinedCalls > 0) process.stdout.write(`undefined behaviour: calls ${undefinedCalls}, divergences ${undefinedDivergences} (not counted)\n`);
  process.stdout.write(`calls ${calls}, divergences ${divergences}\n`);
  return divergences > 0 ? 1 : 0;
}
