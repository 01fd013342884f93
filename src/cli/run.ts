import { diagnoseCommand } from "./diagnose.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { lessonsCommand } from "./lessons.ts";
import { linkCommand, unlinkCommand } from "./link.ts";
import { CommandError, UsageError, type Command, type Output } from "./output.ts";
import { replayCommand } from "./replay.ts";
import { rulesCommand } from "./rules.ts";
import { textCommand } from "./text.ts";

const VERBS: Readonly<Record<string, { run: Command; usage: string; does: string }>> = {
  replay: { run: replayCommand, usage: "replay FILE...", does: "replay recordings of real kernels and list where the model differs" },
  import: { run: importCommand, usage: "import FILE...", does: "what logs, dumps and recordings say, as one scenario in JSON" },
  explain: { run: explainCommand, usage: "explain FILE... [--step N] [--json]", does: "the answer of call N, every check in order, and what would work" },
  diagnose: { run: diagnoseCommand, usage: "diagnose FILE... [--json]", does: "why what failed in logs failed, the likeliest cause first, and what would work" },
  text: { run: textCommand, usage: "text FILE...", does: "the scenario in the text form, one call a line, with names for ids" },
  export: { run: exportCommand, usage: "export --as text|jsonl|json|markdown|step|c FILE... [--step N] [--page URL]", does: "the scenario in another form: with the model's answers, as a mail, as a C program" },
  link: { run: linkCommand, usage: "link FILE... [--step N]", does: "the fragment of a link to the scenario" },
  unlink: { run: unlinkCommand, usage: "unlink LINK", does: "the scenario in a link, and its step, in JSON" },
  lessons: { run: lessonsCommand, usage: "lessons [--json] | lessons --check [DIR]", does: "the lessons, or every statement in them that the model finds false" },
  rules: { run: rulesCommand, usage: "rules [--json]", does: "every check that the model knows" },
};

export function usageText(): string {
  const width = Math.max(...Object.values(VERBS).map(({ usage }) => usage.length));
  const lines = Object.values(VERBS).map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does}`);
  return `usage: iovascope VERB …\n\n${lines.join("\n")}\n\nA file may be gzipped; "-" is standard input; FILE#K is the K-th sequence of a file of several.\n`;
}

/** Runs one command line; returns the exit code: 0, 1 for divergences, 2 for what can't be done, with the reason on standard error. */
export async function run(argv: string[], output: Output): Promise<number> {
  const [verb, ...args] = argv;
  if (verb === "--help" || verb === "-h" || verb === "help") {
    output.print(usageText());
    return 0;
  }
  if (verb === undefined) {
    output.warn(usageText().trimEnd());
    return 2;
  }
  const command = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!command) {
    output.warn(`iovascope: unknown verb "${verb}"; there are ${Object.keys(VERBS).join(", ")}`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    output.print(`usage: iovascope ${command.usage}\n  ${command.does}\n`);
    return 0;
  }
  try {
    return await command.run(args, output);
  } catch (error) {
    if (error instanceof UsageError) output.warn(`iovascope ${verb}: ${error.message} (usage: iovascope ${command.usage})`);
    else if (error instanceof CommandError) output.warn(`iovascope ${verb}: ${error.message}`);
    else throw error;
    return 2;
  }
}
