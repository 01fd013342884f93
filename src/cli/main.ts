import { replayCommand } from "./replay.ts";

const [verb, ...args] = process.argv.slice(2);
const verbs: Record<string, (args: string[]) => number | Promise<number>> = { replay: replayCommand };
const run = verb === undefined ? undefined : verbs[verb];
if (!run) {
  process.stderr.write(`usage: iovascope ${Object.keys(verbs).join("|")} …\n`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(args);
}
