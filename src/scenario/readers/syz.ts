/** syzkaller programs on /dev/iommu: one call a line, structs in braces. Grammar: formats.md section (h). */
import type { Facts } from "./facts.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

/** A value of a program. `name` of a "ref" is the resource it reads, of a "bind" the one it makes. */
export type SyzValue =
  | { kind: "number"; value: bigint }
  | { kind: "auto" }
  | { kind: "nil" }
  | { kind: "bytes"; length: number }
  | { kind: "ref"; name: string }
  | { kind: "bind"; name: string; value: SyzValue }
  | { kind: "pointer"; address: bigint | null; to: SyzValue }
  | { kind: "list"; values: SyzValue[] };

export interface SyzCall {
  line: number;
  /** The resource that the call's own result is, "r0". */
  result: string | null;
  /** "ioctl", "openat", "close". */
  call: string;
  /** What follows the $, up to the next: "IOMMU_IOAS_MAP". */
  kind: string;
  /** The rest: "PAGES", "syz". */
  variant: string;
  args: SyzValue[];
}

const LINE = /^(?:(r\d+) = )?([a-z][a-z0-9_]*)(?:\$([A-Za-z0-9_]+)(?:\$([A-Za-z0-9_$]+))?)?\((.*?)\)(?: \([^()]*\))?$/;
const OPTIONS = /^\{(?:Threaded|Repeat|Procs|Sandbox)\b.*\}$|^#\{.*\}$|^# \S.*(?:syz|requires|https?:)/;
const C_PROGRAM = /syscall\(__NR_|\*\(uint(?:8|16|32|64)_t\*\)0x/;
const OURS = /^(?:IOMMU_|iommufd$)/;

class Syz implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  private begun = false;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    if (C_PROGRAM.test(line)) return ignored("a C reproducer: bring the syzkaller program instead");
    if (OPTIONS.test(line)) return ignored("options of the program");
    const match = LINE.exec(line);
    if (!match) return null;
    const [, result, call, kind = "", variant = "", text] = match as unknown as [string, string | undefined, string, string | undefined, string | undefined, string];
    const ours = OURS.test(kind) || (this.begun && call === "close");
    if (!ours) return this.begun && (kind !== "" || result !== undefined) ? ignored("another system call") : null;
    const args = parseArguments(text);
    if (!args) return null;
    this.begun = true;
    this.facts.stream("syz", this.input).events.push({ line: number, result: result ?? null, call, kind, variant, args });
    return USED;
  }
}

/** Nesting and length beyond which a program is nonsense. */
const DEEPEST = 24;

function parseArguments(text: string): SyzValue[] | null {
  const cursor = { text, at: 0 };
  const values = parseList(cursor, "", 0);
  return values && cursor.at === text.length ? values : null;
}

interface Cursor {
  text: string;
  at: number;
}

function skip(cursor: Cursor): void {
  while (cursor.text[cursor.at] === " ") cursor.at++;
}

function eat(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match) cursor.at += match[0].length;
  return match;
}

/** Values up to the closing character, or to the end of the text. */
function parseList(cursor: Cursor, close: string, depth: number): SyzValue[] | null {
  const values: SyzValue[] = [];
  for (;;) {
    skip(cursor);
    const end = close === "" ? cursor.at >= cursor.text.length : cursor.text[cursor.at] === close;
    if (end) {
      if (close !== "") cursor.at++;
      return values;
    }
    if (values.length > 0 && !eat(cursor, /,\s*/y)) return null;
    const value = parseValue(cursor, depth + 1);
    if (!value) return null;
    values.push(value);
  }
}

function parseValue(cursor: Cursor, depth: number): SyzValue | null {
  if (depth > DEEPEST) return null;
  skip(cursor);
  // A union names its member: @name=value or @name.
  eat(cursor, /@[A-Za-z0-9_]+=?/y);
  const bind = eat(cursor, /<(r\d+)=>/y);
  if (bind) {
    const value = parseValue(cursor, depth + 1);
    return value && { kind: "bind", name: bind[1] as string, value };
  }
  const pointer = eat(cursor, /&(?:AUTO|\((0x[0-9a-fA-F]+)(?:\/0x[0-9a-fA-F]+)?\))(=)?/y);
  if (pointer) {
    const to: SyzValue | null = pointer[2] === undefined ? { kind: "nil" } : parseValue(cursor, depth + 1);
    return to && { kind: "pointer", address: pointer[1] === undefined ? null : BigInt(pointer[1]), to };
  }
  const open = eat(cursor, /[{[]/y);
  if (open) {
    const values = parseList(cursor, open[0] === "{" ? "}" : "]", depth);
    return values && { kind: "list", values };
  }
  const bytes = eat(cursor, /(['"])((?:\\.|(?!\1)[^\\])*)\1/y);
  if (bytes) return { kind: "bytes", length: (bytes[2] as string).replace(/\\x[0-9a-f]{2}|\\./g, "x").length };
  const number = eat(cursor, /-?(?:0x[0-9a-fA-F]{1,16}|\d{1,20})/y);
  if (number) return { kind: "number", value: BigInt.asUintN(64, number[0].startsWith("-") ? -BigInt(number[0].slice(1)) : BigInt(number[0])) };
  const ref = eat(cursor, /r\d+/y);
  if (ref) return { kind: "ref", name: ref[0] };
  const word = eat(cursor, /nil|AUTO|ANY/y);
  return word ? { kind: word[0] === "nil" ? "nil" : "auto" } : null;
}

export const syzReader: Reader = {
  format: "syzkaller program",
  needs: [anyOf([C_PROGRAM, OPTIONS, LINE]), anyOf([C_PROGRAM, OPTIONS, /\$/, / = /, /close/])],
  open: (facts, input) => new Syz(facts, input),
};
