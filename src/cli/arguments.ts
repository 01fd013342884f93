import { UsageError } from "./output.ts";

/** Options a verb takes: true for a switch, "value" for one that needs a value. */
export type OptionTable = Readonly<Record<string, "value" | true>>;

export interface Arguments {
  files: string[];
  options: Map<string, string>;
}

/** Reads "--name", "--name value" and "--name=value"; "--" ends the options, "-" alone is a file. */
export function parseArguments(args: string[], table: OptionTable): Arguments {
  const files: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === "--") {
      files.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      files.push(arg);
      continue;
    }
    const [name, inline] = splitOption(arg);
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) throw new UsageError(`unknown option ${arg}`);
    if (kind === true) {
      if (inline !== null) throw new UsageError(`${name} takes no value`);
      options.set(name, "");
      continue;
    }
    const value = inline ?? args[++index];
    if (value === undefined) throw new UsageError(`${name} needs a value`);
    options.set(name, value);
  }
  return { files, options };
}

function splitOption(arg: string): [name: string, value: string | null] {
  const equals = arg.indexOf("=");
  return equals < 0 ? [arg, null] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

/** The whole number of an option; null when it was not given. */
export function numberOption({ options }: Arguments, name: string): number | null {
  const text = options.get(name);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${name} must be a whole number, not "${text}"`);
  return Number(text);
}

export function needFiles({ files }: Arguments, what = "a file"): string[] {
  if (files.length === 0) throw new UsageError(`${what} is needed`);
  return files;
}
