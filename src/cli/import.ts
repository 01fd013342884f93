import { scenarioJson } from "../scenario/schema.ts";
import { needFiles, parseArguments } from "./arguments.ts";
import { readScenario } from "./files.ts";
import type { Output } from "./output.ts";

/** `import FILE...`: what the files say, as one scenario in JSON. Warnings go to standard error. */
export async function importCommand(args: string[], output: Output): Promise<number> {
  const { scenario } = await readScenario(needFiles(parseArguments(args, {})), output);
  output.print(`${JSON.stringify(scenarioJson(scenario), null, 2)}\n`);
  return 0;
}
