import { needFiles, parseArguments } from "./arguments.ts";
import { inWords, readScenario } from "./files.ts";
import type { Output } from "./output.ts";

/** `text FILE...`: what the files say, in the text form. Warnings go to standard error. */
export async function textCommand(args: string[], output: Output): Promise<number> {
  const { engine, scenario } = await readScenario(needFiles(parseArguments(args, {})), output);
  await inWords(engine.load(scenario));
  output.print((await inWords(engine.text())).text);
  return 0;
}
