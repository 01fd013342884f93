import { allRules, ruleSubsystem } from "../engine/rule-list.ts";
import { parseArguments } from "./arguments.ts";
import { UsageError, type Output } from "./output.ts";

/** `rules [--json]`: every check that the model knows. */
export function rulesCommand(args: string[], output: Output): number {
  const { files, options } = parseArguments(args, { "--json": true });
  if (files.length > 0) throw new UsageError(`rules takes no file, and "${files[0]}" is one`);
  const rules = allRules().toSorted((one, other) => (one.id < other.id ? -1 : 1));
  if (options.has("--json")) {
    const json = rules.map(({ id, errno, meaning, holds, fn, advice }) => ({ id, errno, meaning, holds, function: fn, advice, subsystem: ruleSubsystem(id) }));
    output.print(`${JSON.stringify(json, null, 2)}\n`);
    return 0;
  }
  const idWidth = Math.max(...rules.map((rule) => rule.id.length));
  for (const rule of rules) {
    output.print(`${rule.id.padEnd(idWidth)}  ${rule.errno.padEnd(10)}  ${rule.meaning}  [${ruleSubsystem(rule.id)}, ${rule.fn}]\n`);
  }
  return 0;
}
