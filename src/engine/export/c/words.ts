/** Values as C writes them. Nothing of a scenario reaches the program but through these. */
import { toBig, type U64 } from "../../../base/u64.ts";

/** A number as a C constant of `bits` bits: what is beyond them is cut off, as an assignment would. */
export function constant(value: U64, bits: 16 | 32 | 64 = 32): string {
  const whole = typeof value === "number" ? (Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n) : toBig(value);
  const cut = BigInt.asUintN(bits, whole);
  const digits = cut < 10n ? cut.toString() : `0x${cut.toString(16)}`;
  return bits === 64 ? `${digits}ull` : cut > 0x7fffffffn ? `${digits}u` : digits;
}

const PLAIN: Readonly<Record<string, string>> = { "–": "-", "—": "-", "−": "-", "·": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"', "→": "->", "×": "x" };

/** Any text as plain ASCII of one line. */
export function ascii(text: string, most = 400): string {
  const plain = text.replaceAll(/[–—−·…’‘“”→×]/g, (letter) => PLAIN[letter] as string).replaceAll(/[^\x20-\x7e]+/g, "?").replaceAll("??", "? ?");
  return plain.length > most ? `${plain.slice(0, most)}...` : plain;
}

/** A text inside a comment: it can't end it, begin another, or join lines. */
export function remark(text: string): string {
  return ascii(text).replaceAll("*/", "* /").replaceAll("/*", "/ *").replaceAll("\\", "/").trim();
}

/** A string literal. */
export function literal(text: string): string {
  return `"${ascii(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** Lines of a comment, wrapped. */
export function wrapped(text: string, before: string, width = 100): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of remark(text).split(" ")) {
    if (line !== "" && line.length + word.length >= width) {
      lines.push(before + line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, before + line];
}
