/**
 * `run COUNT SEED FIRST STRIDE MARK` makes cases FIRST, FIRST + STRIDE, …: one worker of scripts/fuzz.mjs. Prints a JSON object a
 * line; the file MARK holds the number of the case at hand, so that one that never ends can be named.
 */
import { openSync, writeSync } from "node:fs";
import { makeCase, runCase, KINDS, type Case } from "./check.ts";
import { readCorpus } from "./corpus.ts";

/** Nothing may take longer, in ms of processor time. */
const LONGEST_MS = 1000;

const [count = 0, seed = 1, first = 0, stride = 1] = process.argv.slice(2, 6).map(Number);
const mark = process.argv[6] === undefined ? null : openSync(process.argv[6], "w");
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const busyMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const corpus = await readCorpus(process.cwd());
const tally = Object.fromEntries(KINDS.map((kind) => [kind, { refused: 0, opened: 0 }]));
let slowest = 0;

async function timed(made: Case, index: number): Promise<"refused" | "opened"> {
  const wall = performance.now();
  const before = busyMs();
  const outcome = await runCase(made, seed, index);
  // A machine that is busy with other things makes nothing slow here.
  const took = Math.min(performance.now() - wall, busyMs() - before);
  slowest = Math.max(slowest, took);
  if (took > LONGEST_MS) throw new Error(`it took ${Math.round(took)} ms`);
  return outcome;
}

let done = 0;
for (let index = first; index < count; index += stride) {
  if (mark !== null) writeSync(mark, String(index).padEnd(12), 0);
  const made = makeCase(corpus, seed, index);
  try {
    const outcome = await timed(made, index).catch((error: Error) => {
      if (!error.message.startsWith("it took")) throw error;
      // Once more: the first may have paid for the compiler or a collection.
      return timed(made, index);
    });
    (tally[made.kind] as { refused: number; opened: number })[outcome]++;
  } catch (error) {
    say({ failed: index, kind: made.kind, message: error instanceof Error ? error.message : String(error) });
  }
  if (++done % 500 === 0) say({ done });
}
say({ done, tally, slowest: Math.round(slowest) });
