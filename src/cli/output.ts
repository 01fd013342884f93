/** Where a command writes. */
export interface Output {
  /** Standard output; the text brings its own line ends. */
  print(text: string): void;
  /** Standard error, one line. */
  warn(line: string): void;
}

/** A wrong use of the command: exit 2, the message, and a hint at the usage. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Something that can't be read or done: exit 2 and the message. */
export class CommandError extends Error {
  override name = "CommandError";
}

export type Command = (args: string[], output: Output) => number | Promise<number>;
