import { localEngine } from "../engine/local.ts";
import { isJsonObject } from "../base/json.ts";
import { scenarioJson } from "../scenario/schema.ts";
import { needFiles, numberOption, parseArguments } from "./arguments.ts";
import { inWords, readScenario } from "./files.ts";
import { CommandError, UsageError, type Output } from "./output.ts";

/** `link FILE... [--step N]`: the fragment of a link. Without --step it opens at the first refusal, or at the end. */
export async function linkCommand(args: string[], output: Output): Promise<number> {
  const parsed = parseArguments(args, { "--step": "value" });
  const wanted = numberOption(parsed, "--step");
  const { engine, scenario } = await readScenario(needFiles(parsed), output);
  const loaded = await inWords(engine.load(scenario));
  if (wanted !== null && wanted > loaded.steps) throw new CommandError(`--step must be from 0 to ${loaded.steps}`);
  output.print(`${await inWords(engine.link({ step: wanted ?? loaded.interesting }))}\n`);
  return 0;
}

/** `unlink LINK`: the scenario in a link, as `import` prints it, and its step. LINK is a fragment or a whole address. */
export async function unlinkCommand(args: string[], output: Output): Promise<number> {
  const [link, ...more] = needFiles(parseArguments(args, {}), "a link");
  if (link === undefined || more.length > 0) throw new UsageError("one link at a time");
  const hash = link.indexOf("#");
  const { scenario, view } = await inWords(localEngine().unlink(hash < 0 ? link : link.slice(hash)));
  const json = scenarioJson(scenario);
  output.print(`${JSON.stringify(isJsonObject(json) ? { step: view.step, ...json } : json, null, 2)}\n`);
  return 0;
}
