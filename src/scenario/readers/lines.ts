/** Text as people paste it: takes off what mail, terminals, journals and log collectors put around a line. */

export interface Line {
  /** Line in the input, from 1. */
  number: number;
  text: string;
}

// eslint-disable-next-line no-control-regex -- terminal escapes are what we look for
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g;
const TIME = "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?";

/** What is taken off the left end, each as often as it is there. */
const PREFIXES: readonly RegExp[] = [
  /^(?:[>|] ?)+(?=\S)/,
  /^`{1,3}(?!`)/,
  // "Jun 04 07:25:13 host name[123]: ", also with the year or an ISO stamp before the host.
  /^\w{3} +\d{1,2} (?:\d{4} )?[\d:.]+ \S+ [^:[\]]+(?:\[\d+\])?: /,
  new RegExp(`^${TIME} \\S+ [A-Za-z][\\w.@-]*(?:\\[\\d+\\])?: `),
  /^.*unexpectedly closed the monitor: /,
  new RegExp(`^${TIME}:? (?=(?:qemu|kvm|QEMU)\\S*: )`),
  /^(?:qemu-system-\w+|qemu-kvm|kvm|QEMU\[\d+\]|[\w./-]*qemu[\w.-]*): (?=\S)/,
  /^\+? *\d{1,6}:\s(?=\S)/,
];
const KERNEL_STAMP = /^(?:<\d+>)?\[[ +\d.]+\](?:\[[ \w]+\])? /;
const MESSAGE = /^time="[^"]*" level=\w+ msg="((?:[^"\\]|\\.)*)".*$/;

/** One line without what its carriers added. */
export function cleanLine(raw: string): string {
  let text = raw.includes("\u001b") ? raw.replace(ANSI, "") : raw;
  text = text.trimEnd();
  for (let before = ""; before !== text;) {
    before = text;
    const first = text.charCodeAt(0);
    if (first === 0x5b || first === 0x3c) text = text.replace(KERNEL_STAMP, "");
    for (const prefix of PREFIXES) text = text.replace(prefix, "");
    if (text.startsWith("time=")) text = text.replace(MESSAGE, (_all, message: string) => message.replace(/\\(.)/g, "$1"));
  }
  return text.replace(/`+$/, "");
}

/** The non-empty lines of a text, as they are. Soft line breaks of quoted-printable mail are undone. */
export function linesOf(text: string): Line[] {
  const plain = /=3D|=20(?=\r?\n)/.test(text) ? unquotePrintable(text) : text;
  const lines: Line[] = [];
  let number = 0;
  for (const line of plain.split(/\r\n|\n|\r/)) {
    number++;
    if (line.trim() !== "") lines.push({ number, text: line });
  }
  return lines;
}

function unquotePrintable(text: string): string {
  return text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_all, code: string) => String.fromCharCode(parseInt(code, 16)));
}
