/** The gate before all readers, and before what is done with a line besides asking them. */
import { Gate } from "./gate.ts";
import { anyOf, needsOf } from "./literals.ts";
import type { Reader } from "./reader.ts";

/** What `bytes` says of a line of which nothing is known. */
export const EVERYTHING = 0x7fff_ffff;

/**
 * A line with one of these may become another text before readers see it (escapes, records, several lines in one), may become
 * nothing, or is a typed command.
 */
// eslint-disable-next-line no-control-regex -- terminal escapes are what we look for
const CHANGES = /\u001b|\r|\{"|msg="|`|[#] |[$] |[%] /;

export class ReadersGate {
  /** Of each reader, the bits of all that its lines need. */
  readonly groups: readonly number[];
  /** For texts without what their carriers added. */
  readonly gate: Gate;
  /** The bit of patterns that are looked for besides readers'. */
  readonly besides: number;
  /** The bit of lines that change before readers see them. */
  readonly changes: number;

  /** `besides`: other patterns for which a line must be taken apart. */
  constructor(readers: readonly Pick<Reader, "needs">[], besides: readonly RegExp[]) {
    let bit = 0;
    this.groups = readers.map(({ needs }) => needs.reduce((bits) => bits | (1 << bit++), 0));
    this.besides = 1 << bit++;
    this.changes = 1 << bit;
    this.gate = new Gate([...readers.flatMap(({ needs }) => needs), anyOf(besides), needsOf(CHANGES)]);
  }

  /** What a line in bytes [from, to) may be; 0 when it is nothing to anybody who expects nothing. */
  bytes(bytes: Uint8Array, from: number, to: number): number {
    const found = this.gate.bytes(bytes, from, to);
    if (found === 0 || (found & (this.besides | this.changes)) !== 0) return found;
    for (const bits of this.groups) if ((found & bits) === bits) return found;
    return 0;
  }
}
