import { replayText } from "../engine/replay.ts";
import { FormatError } from "../scenario/recording.ts";
import { needFiles, parseArguments } from "./arguments.ts";
import { readText } from "./files.ts";
import { CommandError, type Output } from "./output.ts";

const show = (value: unknown) => JSON.stringify(value) ?? "nothing";

/** `replay FILE...`: one line per divergence, last line "calls N, divergences M"; exit 1 when M > 0, 2 when a file can't be read. */
export function replayCommand(args: string[], output: Output): number {
  const files = needFiles(parseArguments(args, {}));
  let calls = 0;
  let divergences = 0;
  let undefinedCalls = 0;
  let undefinedDivergences = 0;
  for (const file of files) {
    const text = readText(file);
    try {
      const counts = replayText(text, (line, { call, field, expected, got }) => {
        output.print(`${file}:${line} ${call} ${field}: expected ${show(expected)}, got ${show(got)}\n`);
      });
      calls += counts.calls;
      divergences += counts.divergences;
      undefinedCalls += counts.undefinedCalls;
      undefinedDivergences += counts.undefinedDivergences;
    } catch (error) {
      if (error instanceof FormatError) throw new CommandError(`${file}: ${error.message}`);
      throw error;
    }
  }
  if (undefinedCalls > 0) output.print(`undefined behaviour: calls ${undefinedCalls}, divergences ${undefinedDivergences} (not counted)\n`);
  output.print(`calls ${calls}, divergences ${divergences}\n`);
  return divergences > 0 ? 1 : 0;
}
