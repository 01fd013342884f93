/** Reads a text line by line: each line goes to the reader that knows it, so one paste may mix formats. */
import type { InputReport } from "../inputs.ts";
import { dmesgReader } from "./dmesg.ts";
import type { Facts } from "./facts.ts";
import { commandLineReader } from "./command-line.ts";
import { ftraceReader, plainTableLine } from "./ftrace.ts";
import { hintsReader } from "./hints.ts";
import { ioctlLogReader } from "./ioctl-log.ts";
import { iomemReader } from "./iomem.ts";
import { textOfLine } from "../packed/line-forms.ts";
import type { Met } from "./gate.ts";
import { LineBytes } from "../line-bytes.ts";
import { EVERYTHING, ReadersGate } from "./readers-gate.ts";
import { all } from "./literals.ts";
import { KnownLines, type Teller } from "./known-lines.ts";
import { cleanLine, eachLine, type Line } from "./lines.ts";
import type { LineMarks } from "./line-marks.ts";
import { mtreeReader } from "./mtree.ts";
import { NumberTooLarge } from "./numbers.ts";
import { pciReader } from "./pci.ts";
import { qemuErrorsReader } from "./qemu-errors.ts";
import { plainTraceLine, qemuTraceReader } from "./qemu-trace.ts";
import { ignored, type Plain, type Reader, type Session, type Taken } from "./reader.ts";
import { limitsReader } from "./limits.ts";
import { refusalsReader } from "./refusals.ts";
import { reservedRegionsReader } from "./reserved-regions.ts";
import type { Slices } from "../slices.ts";
import { straceReader } from "./strace.ts";
import { syzReader } from "./syz.ts";

export const READERS: readonly Reader[] = [
  qemuTraceReader, ioctlLogReader, reservedRegionsReader, ftraceReader, mtreeReader, commandLineReader, hintsReader, qemuErrorsReader, dmesgReader, syzReader, straceReader, iomemReader, pciReader, limitsReader, refusalsReader,
];
/** Made once; it takes some milliseconds. */
let gateOfReaders: ReadersGate | null = null;
const SKIPPED_SHOWN = 20;
const TOO_LONG = "longer than 1 MiB, which no line of a log is";
/** Mail clients wrap long lines: such a beginning is tried together with what follows. */
const BROKEN = /IOMMU:|region_(?:add|del)|iommufd|vfio|VFIO|DMAR|0x[0-9a-f]+/;
const UNFINISHED = /(?:vfio|VFIO).*[:,(]$/;
const UNFINISHED_END: ReadonlySet<number> = new Set([0x3a, 0x2c, 0x28]);
/** Characters of the longest line that is looked at. */
const LONGEST = 1024 * 1024;
const MOST_PIECES = 3;
/** No rest of a wrapped line, but a line of its own: a record, a typed command, a stamp. */
const OWN_BEGINNING = /^(?:> ?)*\s*(?:\{"|[$#] |\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:|EAL: |\w{3} +\d{1,2} \d\d:\d\d:|\[ *\d+\.\d+\] )/;
const UNKNOWN = "no reader knows this line";
/** Characters of a message that a mail program may have wrapped. */
const LONGEST_WRAPPED = 4096;
const PROMPT = /^(?:\[?[\w.-]+(?:@[\w.-]+)?[^#$%]{0,60})?[#$%] \S/;

/** Trying every reader's pattern on a line that none knows may take time by its length squared: what that may add up to, and by how much it grows with each character read. */
const PATIENCE = 1e8;
const PATIENCE_PER_CHARACTER = 600;
/** Lines that are no longer are always looked at. */
const SHORT = 600;

/** What became of one text; what it says is put into `facts`. */
export function readLines(input: string, text: string, facts: Facts, marks: LineMarks | null = null): InputReport {
  const run = new LineRun(input, facts, marks);
  eachLine(text, (line, number) => run.push(line, number));
  return run.end();
}

/** The same for a text that comes in pieces, of which no more is kept than what its lines say. Not `gated`: every reader is asked of every line. */
export async function readStream(input: string, pieces: AsyncIterable<Uint8Array>, facts: Facts, slices: Slices, gated = true): Promise<InputReport> {
  const run = new LineRun(input, facts, null, gated);
  const lines = new LineBytes(LONGEST, (head, number) => run.pushLong(textOfLine(head, 0, head.length), number));
  for await (const piece of pieces) {
    lines.feed(piece, run.pushBytes);
    await slices.between();
  }
  lines.end(run.pushBytes);
  return run.end();
}

/** Reads lines one after the other. A line may need those after it, so a few wait. */
class LineRun {
  private readonly report: InputReport;
  private readonly sessions: Entry[];
  private readonly reasons = new Map<string, number>();
  private readonly waiting: Line[] = [];
  private favourite: Entry | null = null;
  private patience = PATIENCE;
  /** Null: nobody looks at single lines. */
  private readonly marks: LineMarks | null;
  private readonly known = new KnownLines<LineTeller>();
  private readonly tellers: readonly LineTeller[];
  /** Lines that nobody takes alone, while the first of them may go on in the next; not even made texts. */
  private readonly queue: QueuedLine[] = [];
  private readonly gate: ReadersGate;
  /** Readers whose patterns begin where the line begins. */
  private readonly anchored: Entry[];
  /** Those that may have to be asked of any line. */
  private readonly expectant: Entry[];
  /** Lines that end in the middle of what others take for one. */
  private extra = 0;

  constructor(input: string, facts: Facts, marks: LineMarks | null = null, gated = true) {
    this.marks = marks;
    this.report = { name: input, format: "", understood: 0, lines: 0, skipped: [], ignored: [] };
    this.gate = gated ? (gateOfReaders ??= new ReadersGate(READERS, [BROKEN])) : new ReadersGate(READERS.map(() => ({ needs: [all()] })), [/.*/]);
    this.sessions = READERS.map((reader, index) => ({ format: reader.format, session: reader.open(facts, input), lines: 0, whole: WHOLE_LINE.has(reader.format), groups: this.gate.groups[index] as number }));
    this.anchored = this.sessions.filter((entry) => !ANYWHERE.has(entry.format));
    this.expectant = this.sessions.filter(({ session }) => "expecting" in session);
    const entryOf = ({ format }: Reader) => this.sessions.find((entry) => entry.format === format) as Entry;
    this.tellers = [
      { entry: entryOf(qemuTraceReader), plain: plainTraceLine, events: () => facts.stream("trace", input).events.writer },
      { entry: entryOf(ftraceReader), plain: plainTableLine, events: () => facts.stream("page-table", input).events.writer },
    ];
  }

  /** The same as push, for a line in bytes [from, to). */
  readonly pushBytes = (bytes: Uint8Array, from: number, to: number, line: number): void => {
    const { gate, queue } = this;
    if (this.waiting.length > 0) {
      this.pushText({ bytes, from, to, line, found: this.foundIn(bytes, from, to) });
      return;
    }
    const known = queue.length === 0 ? this.known.take(bytes, from, to, line + this.extra) : null;
    if (known) {
      this.report.lines++;
      this.count(known, 1, known.by.entry);
      return;
    }
    const found = this.foundIn(bytes, from, to);
    const queued: QueuedLine = { bytes, from, to, line, found };
    const isOthers = (found === 0 || this.isNobodys(found)) && this.isOthers(bytes, from, to);
    if (isOthers && found === 0 && queue.length === 0) this.skipOthers(queued);
    else if (isOthers && endsPlainly(bytes, to)) {
      queued.met = gate.gate.lastMet();
      queue.push(queued);
      this.passQueue(false);
    } else {
      this.unqueue();
      this.pushText(queued);
    }
  };

  private foundIn(bytes: Uint8Array, from: number, to: number): number {
    return to - from <= SHORT ? this.gate.bytes(bytes, from, to) : EVERYTHING;
  }

  /** Does nobody take such a line alone? */
  private isNobodys(found: number): boolean {
    const { gate } = this;
    if ((found & gate.changes) !== 0) return false;
    for (const bits of gate.groups) if ((found & bits) === bits) return false;
    return true;
  }

  /** Skips lines of the queue until the first one may still go on. Not `final`: there may be more lines. */
  private passQueue(final: boolean): void {
    const { queue, gate } = this;
    for (let first = queue[0]; first; first = queue[0]) {
      if ((first.found & gate.besides) !== 0) {
        if (queue.length < MOST_PIECES && !final) return;
        const found = gate.gate.joined(queue.map(({ met }) => met as Met));
        for (const { groups } of this.anchored) {
          if ((found & groups) !== groups) continue;
          this.unqueue();
          return;
        }
      }
      queue.shift();
      this.skipOthers(first);
    }
  }

  /** Reads the queue's lines as texts. */
  private unqueue(): void {
    for (const line of this.queue.splice(0)) this.pushText(line);
  }

  private pushText({ bytes, from, to, line, found }: QueuedLine): void {
    const number = line + this.extra;
    // Progress bars and old Macs end lines with a return alone.
    const text = textOfLine(bytes, from, to);
    const parts = text.split("\r");
    this.extra += parts.length - 1;
    if (parts.length === 1 && (found & this.gate.changes) === 0) {
      if (text.trim() !== "") this.push(text, number, found);
      return;
    }
    parts.forEach((one, part) => {
      if (one.trim() !== "") this.push(one, number + part);
    });
  }

  /** Is it surely a line, and surely nobody expects it? */
  private isOthers(bytes: Uint8Array, from: number, to: number): boolean {
    const first = bytes[from] as number;
    const last = bytes[to - 1] as number;
    if (!(first > 0x20 && first < 0x7f) && !(last > 0x20 && last < 0x7f)) return false;
    for (const { session } of this.expectant) if (session.expecting) return false;
    return true;
  }

  /** Skips a line that no reader knows; it is not even taken apart. */
  private skipOthers({ bytes, from, to, line }: QueuedLine): void {
    const { report } = this;
    report.lines++;
    this.patience += (PATIENCE_PER_CHARACTER - (to - from)) * (to - from);
    if (report.skipped.length < SKIPPED_SHOWN || this.marks) this.skip({ number: line + this.extra, text: textOfLine(bytes, from, to) }, UNKNOWN);
  }

  /** A line of which only the beginning was read. */
  pushLong(head: string, line: number): void {
    this.passQueue(true);
    this.report.lines++;
    this.flush();
    this.skip({ text: head, number: line + this.extra }, TOO_LONG);
  }

  /** `found`: what the gate found in it. */
  push(text: string, number: number, found?: number): void {
    this.report.lines++;
    if (text.length > LONGEST) {
      this.flush();
      this.skip({ text, number }, TOO_LONG);
      return;
    }
    this.waiting.push({ number, text, ...(found !== undefined && { found }) });
    while (this.waiting.length > 0 && this.takeFirst());
  }

  end(): InputReport {
    this.passQueue(true);
    this.flush();
    const { report } = this;
    const formats = this.sessions.filter((entry) => entry.lines > 0).sort((one, other) => other.lines - one.lines);
    report.format = formats.length === 0 ? "unknown" : formats.map((entry) => entry.format).join(" + ");
    report.ignored = [...this.reasons].map(([why, count]) => ({ why, count }));
    return report;
  }

  private flush(): void {
    while (this.waiting.length > 0) this.takeFirst(true);
  }

  /** Reads the line that has waited longest. False: it may need more lines than there are yet. */
  private takeFirst(final = false): boolean {
    const { waiting } = this;
    const line = waiting[0] as Line;
    const { length } = line.text;
    if (line.clean === undefined) {
      this.patience += PATIENCE_PER_CHARACTER * length;
      if (length > SHORT && length * length > this.patience) {
        waiting.shift();
        this.skip(line, "it is very long, and so are others that nothing knew");
        return true;
      }
      line.clean = cleanLine(line.text);
    }
    const found = this.takeAt(waiting, line, final || waiting.length >= MOST_PIECES) ?? noise(line.clean);
    if (found === "later") return false;
    if (!found) {
      waiting.shift();
      this.patience -= length * length;
      this.skip(line, UNKNOWN);
      return true;
    }
    const teller = found.pieces === 1 && this.marks === null && line.clean === line.text ? this.tellers.find(({ entry }) => entry === found.by) : undefined;
    if (teller) this.known.learn(line.text, teller);
    if (this.marks) this.mark(this.marks, found);
    this.count({ ignored: found.taken.ignored }, found.pieces, found.by);
    if (found.pieces === 1) waiting.shift();
    else waiting.splice(0, found.pieces);
    return true;
  }

  /** The first of these lines, or it and those after it as one. "later": there are not enough of those yet. */
  private takeAt(lines: Line[], line: Line, enough: boolean): Found | "later" | null {
    const { number, clean: text = "" } = line;
    if (!line.tried) {
      // A message that stops in the middle says more together with its rest.
      const isUnfinished = UNFINISHED_END.has(text.charCodeAt(text.length - 1)) && UNFINISHED.test(text);
      if (isUnfinished && !enough) return "later";
      const unfinished = isUnfinished ? this.takeJoined(this.sessions, lines, text) : null;
      if (unfinished) return unfinished;
      const found = (line.found ??= this.gate.gate.text(text));
      const alone = take(this.sessions, text, number, found, this.favourite);
      if (alone) return { ...alone, pieces: 1 };
      line.tried = true;
    }
    if (line.found !== undefined && (line.found & this.gate.besides) === 0) return null;
    if (!BROKEN.test(text)) return null;
    // The messages' patterns may match anywhere, so they would also match an unknown line joined with a message.
    return enough ? this.takeJoined(this.anchored, lines, text) : "later";
  }

  private takeJoined(among: Entry[], lines: Line[], text: string): Found | null {
    const { gate } = this.gate;
    let joined = text;
    let looked = 0;
    let found: Found | null = null;
    for (let pieces = 2; pieces <= MOST_PIECES && pieces <= lines.length; pieces++) {
      const next = lines[pieces - 1] as Line;
      // Nothing is wrapped over an empty line, and those do not wait here.
      if (next.number !== (lines[pieces - 2] as Line).number + 1 || OWN_BEGINNING.test(next.text)) break;
      if (joined.length + next.text.length > LONGEST_WRAPPED) break;
      joined += ` ${(next.rest ??= cleanLine(next.text).trim())}`;
      if (pieces < MOST_PIECES && UNFINISHED_END.has(joined.charCodeAt(joined.length - 1)) && UNFINISHED.test(joined)) continue;
      gate.more(joined.slice(looked));
      looked = joined.length;
      const taken = take(among, joined, (lines[0] as Line).number, gate.sofar());
      if (taken) {
        found = { ...taken, pieces };
        break;
      }
    }
    gate.result();
    return found;
  }

  private count({ ignored: why }: Pick<Plain<unknown>, "ignored">, pieces: number, by: Entry | null): void {
    this.favourite = by;
    this.report.understood += pieces;
    if (by) by.lines += pieces;
    if (why !== undefined) this.reasons.set(why, (this.reasons.get(why) ?? 0) + pieces);
  }

  private mark(marks: LineMarks, { taken, pieces }: Found): void {
    for (const { number } of this.waiting.slice(0, pieces)) {
      if (taken.ignored === undefined) marks.understood(number);
      else marks.quiet(number, taken.ignored);
    }
  }

  private skip(line: Line, why: string): void {
    this.marks?.skipped(line.number, why);
    if (this.report.skipped.length < SKIPPED_SHOWN) this.report.skipped.push({ line: line.number, text: line.text.slice(0, 500), why });
  }
}

interface Entry {
  format: string;
  session: Session;
  lines: number;
  /** Its patterns fit a whole line: when it took the last line it may be asked first. */
  whole: boolean;
  /** Bits of what its lines need, as the gate finds it. */
  groups: number;
}

/** A reader of which lines are remembered by their kind. */
interface LineTeller extends Teller {
  entry: Entry;
}

/** A line in bytes [from, to), and what the gate found in it. */
interface QueuedLine {
  bytes: Uint8Array;
  from: number;
  to: number;
  line: number;
  found: number;
  met?: Met;
}

/** Does the line end with a character of its own, and none after which a message goes on? */
function endsPlainly(bytes: Uint8Array, to: number): boolean {
  const last = bytes[to - 1] as number;
  return last > 0x20 && last < 0x7f && !UNFINISHED_END.has(last);
}

interface Found {
  taken: Taken;
  /** Lines of the text that it took. */
  pieces: number;
  by: Entry | null;
}

/** Readers whose patterns may match anywhere in a line. */
const ANYWHERE: ReadonlySet<string> = new Set([qemuErrorsReader, dmesgReader, refusalsReader].map((reader) => reader.format));

/** Readers whose patterns fit a whole line: one that took the last line may be asked first. */
const WHOLE_LINE: ReadonlySet<string> = new Set([qemuTraceReader, ioctlLogReader, ftraceReader].map((reader) => reader.format));

/** The first reader that takes the text; `found` says which may. */
function take(sessions: Entry[], text: string, number: number, found: number, favourite: Entry | null = null): { taken: Taken; by: Entry } | null {
  const first = favourite?.whole && mayTake(favourite, found) ? takeBy(favourite, text, number) : null;
  if (first && favourite) return { taken: first, by: favourite };
  for (const by of sessions) {
    const taken = mayTake(by, found) ? takeBy(by, text, number) : null;
    if (taken) return { taken, by };
  }
  return null;
}

function mayTake({ groups, session }: Entry, found: number): boolean {
  return (found & groups) === groups || session.expecting === true;
}

function takeBy(entry: Entry, text: string, number: number): Taken | null {
  try {
    return entry.session.take(text, number);
  } catch (error) {
    if (error instanceof NumberTooLarge) return null;
    throw error;
  }
}

function noise(text: string): Found | null {
  if (text === "") return { taken: ignored("an empty line"), pieces: 1, by: null };
  return /[#$%] \S/.test(text) && PROMPT.test(text) ? { taken: ignored("a typed command"), pieces: 1, by: null } : null;
}
