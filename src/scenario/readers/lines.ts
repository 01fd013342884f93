/** Text as people paste it: takes off what mail, terminals, journals and log collectors put around a line. */

export interface Line {
  /** Line in the input, from 1. */
  number: number;
  text: string;
  /** Without what its carriers added, once somebody looked. */
  clean?: string;
  /** The same, when it is looked at as the rest of another line. */
  rest?: string;
  /** What the gate found in it. */
  found?: number;
  /** No reader took it alone. */
  tried?: boolean;
}

// eslint-disable-next-line no-control-regex -- terminal escapes are what we look for
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g;
const TIME = "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?";

/** It may stand anywhere, so it is looked for only where its words are. */
const CLOSED = "unexpectedly closed the monitor";
const MONITOR_CLOSED = /^.*unexpectedly closed the monitor(?: \([^)]*\))?: /;

/** What is taken off the left end, each as often as it is there. */
const PREFIXES: readonly RegExp[] = [
  /^(?:[>|] ?)+(?=\S)/,
  // A quoted listing keeps its indentation.
  /^(?:> ?)+(?=\s+\S)/,
  /^`{1,3}(?!`)/,
  // "Jun 04 07:25:13 host name[123]: ", also with the year or an ISO stamp before the host.
  /^\w{3} +\d{1,2} (?:\d{4} )?[\d:.]+ \S+ [^:[\]]+(?:\[\d+\])?: /,
  new RegExp(`^${TIME} \\S+ [A-Za-z][\\w.@-]*(?:\\[\\d+\\])?: `),
  MONITOR_CLOSED,
  // What container engines put before each line.
  new RegExp(`^${TIME} std(?:out|err) [FP] `),
  /^[\w.-]{1,60} +\| (?=\S)/,
  new RegExp(`^${TIME}:? (?=(?:qemu|kvm|QEMU)\\S*: )`),
  /^(?:qemu-system-\w+|qemu-kvm|kvm|QEMU\[\d+\]|[\w./-]*qemu[\w.-]*): (?=\S)/,
  /^\+? *\d{1,6}:\s(?=\S)/,
];
/** Seconds since boot, or `dmesg -T`'s date. */
const KERNEL_STAMP = /^(?:<\d+>)?\[(?:[ +\d.]+|\w{3} \w{3} +\d+ [\d:]+ \d{4})\](?:\[[ \w]+\])? /;
const MESSAGE = /^time="[^"]*" level=\w+ msg="((?:[^"\\]|\\.)*)"(.*)$/;
const MESSAGE_ERROR = / error="((?:[^"\\]|\\.)*)"/;
/** A log line of this length is data, no message. */
const LONGEST_RECORD = 64 * 1024;

/** What a log record in logrus' key=value form says. */
function recordText(text: string): string {
  const match = MESSAGE.exec(text);
  if (!match) return text;
  const error = MESSAGE_ERROR.exec(match[2] as string)?.[1];
  return `${match[1] as string}${error === undefined ? "" : `: ${error}`}`.replace(/\\(.)/g, "$1");
}

/** The message of a line that is a JSON record: docker's, journalctl's, QMP's, a Go program's. Null: it is none. */
export function jsonRecordText(text: string): string | null {
  if (text.length > LONGEST_RECORD) return null;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) return null;
  const { msg, message, MESSAGE: journal, log, error, desc } = record as Record<string, unknown>;
  const inner = typeof error === "object" && error !== null ? (error as Record<string, unknown>).desc : error;
  const said = [msg ?? message ?? journal ?? log, inner ?? desc].filter((part) => typeof part === "string");
  return said.length === 0 ? null : said.join(": ").trim();
}

/** One line without what its carriers added. */
export function cleanLine(raw: string): string {
  let text = raw.includes("\u001b") ? raw.replace(ANSI, "") : raw;
  text = text.trimEnd();
  for (let before = ""; before !== text;) {
    before = text;
    const first = text.charCodeAt(0);
    if (first === 0x5b || first === 0x3c) text = text.replace(KERNEL_STAMP, "");
    for (const prefix of PREFIXES) if (prefix !== MONITOR_CLOSED || text.includes(CLOSED)) text = text.replace(prefix, "");
    if (text.startsWith("time=")) text = recordText(text);
    if (text.startsWith('{"')) text = jsonRecordText(text) ?? text;
  }
  return text.replace(/`+$/, "");
}

/** Told of a line and its number, from 1. */
export type TakeText = (line: string, number: number) => void;

/** A text without the soft line breaks of quoted-printable mail, by whose lines everything is counted. */
export function plainText(text: string): string {
  return /=3D|=20(?=\r?\n)/.test(text) ? unquotePrintable(text) : text;
}

/** Visits the non-empty lines of a text, as they are. Soft line breaks of quoted-printable mail are undone. */
export function eachLine(text: string, take: TakeText): void {
  const stream = new LineStream(take);
  stream.add(plainText(text));
  stream.end();
}

/** Cuts a text that comes in pieces into lines; they end with \n, \r\n or \r. */
export class LineStream {
  private readonly take: TakeText;
  private number = 0;
  /** The beginning of a line whose end has not come yet, in pieces. */
  private rest: string[] = [];
  private restLength = 0;
  private any = false;

  constructor(take: TakeText) {
    this.take = take;
  }

  add(text: string): void {
    if (text === "") return;
    this.any = true;
    let from = 0;
    // Carriage returns are rare: look for them once a piece, not once a line.
    const withReturns = text.includes("\r") || this.endsInReturn();
    if (withReturns) from = this.addWithReturns(text);
    else {
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
        this.emit(text.slice(from, end));
        from = end + 1;
      }
    }
    if (from < text.length) this.keep(text.slice(from));
  }

  end(): void {
    if (this.any && this.restLength > 0) this.emit("");
  }

  private addWithReturns(text: string): number {
    let from = 0;
    if (this.endsInReturn() && text.charCodeAt(0) !== 0x0a) this.emit("");
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== 0x0a && code !== 0x0d) continue;
      // Whether a return at the very end is half of a pair, the next piece tells.
      if (code === 0x0d && at === text.length - 1) break;
      this.emit(text.slice(from, at));
      if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) at++;
      from = at + 1;
    }
    return from;
  }

  private endsInReturn(): boolean {
    return this.rest.at(-1)?.endsWith("\r") ?? false;
  }

  private keep(text: string): void {
    this.rest.push(text);
    this.restLength += text.length;
    // Of a line without end no more is needed than to see that it is too long.
    if (this.restLength > MOST_KEPT) this.rest = [this.rest.join("").slice(0, MOST_KEPT)];
  }

  private emit(end: string): void {
    let line = end;
    if (this.rest.length > 0) {
      line = this.rest.join("") + end;
      this.rest = [];
      this.restLength = 0;
    }
    if (line.endsWith("\r")) line = line.slice(0, -1);
    this.number++;
    if (isBlank(line)) return;
    this.take(line, this.number);
  }
}

/** Characters of a line that are kept until its end comes. */
const MOST_KEPT = 2 * 1024 * 1024;

function isBlank(line: string): boolean {
  const first = line.charCodeAt(0);
  return line === "" || ((first <= 0x20 || first > 0x7e) && line.trim() === "");
}

function unquotePrintable(text: string): string {
  return text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_all, code: string) => String.fromCharCode(parseInt(code, 16)));
}
