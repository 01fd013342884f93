import { EXPORT_FORMS, type ExportForm } from "../engine/export/forms.ts";
import { needFiles, numberOption, parseArguments } from "./arguments.ts";
import { inWords, readScenario } from "./files.ts";
import { CommandError, UsageError, type Output } from "./output.ts";

/** Names of the forms as a person types them. */
const NAMES: Readonly<Record<string, ExportForm>> = { ...Object.fromEntries(EXPORT_FORMS.map((form) => [form, form])), jsonl: "recording", md: "markdown" };

/** `export --as FORM FILE... [--step N] [--page URL]`: the scenario in another form; with --page, with a link to that page. */
export async function exportCommand(args: string[], output: Output): Promise<number> {
  const parsed = parseArguments(args, { "--as": "value", "--step": "value", "--page": "value" });
  const wanted = numberOption(parsed, "--step");
  const name = parsed.options.get("--as") ?? "";
  const form = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (form === undefined) throw new UsageError(`--as must be one of ${["text", "jsonl", "json", "markdown", "step", "c"].join(", ")}`);
  const { engine, scenario } = await readScenario(needFiles(parsed), output);
  const loaded = await inWords(engine.load(scenario));
  if (wanted !== null && wanted > loaded.steps) throw new CommandError(`--step must be from 0 to ${loaded.steps}`);
  const step = wanted ?? loaded.interesting;
  const page = parsed.options.get("--page");
  const link = page === undefined ? null : `${page.replace(/#.*$/, "")}${await inWords(engine.link({ step }))}`;
  const { text } = await inWords(engine.export(form, { step, link }));
  output.print(text);
  return 0;
}
