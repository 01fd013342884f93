/** Reads a text line by line: each line goes to the reader that knows it, so one paste may mix formats. */
import type { InputReport } from "../inputs.ts";
import { dmesgReader } from "./dmesg.ts";
import type { Facts } from "./facts.ts";
import { commandLineReader } from "./command-line.ts";
import { ftraceReader } from "./ftrace.ts";
import { hintsReader } from "./hints.ts";
import { ioctlLogReader } from "./ioctl-log.ts";
import { iomemReader } from "./iomem.ts";
import { textOfLine } from "../packed/line-forms.ts";
import { LineBytes } from "../line-bytes.ts";
import { KnownLines } from "./known-lines.ts";
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
import type { TraceEvent } from "./trace-events.ts";

const READERS: readonly Reader[] = [
  qemuTraceReader, ioctlLogReader, reservedRegionsReader, ftraceReader, mtreeReader, commandLineReader, hintsReader, qemuErrorsReader, dmesgReader, syzReader, straceReader, iomemReader, pciReader, limitsReader, refusalsReader,
];
const SKIPPED_SHOWN = 20;
const TOO_LONG = "longer than 1 MiB, which no line of a log is";
/** Mail clients wrap long lines: such a beginning is tried together with what follows. */
const BROKEN = /IOMMU:|region_(?:add|del)|iommufd|vfio|VFIO|DMAR|0x[0-9a-f]+/;
const UNFINISHED = /(?:vfio|VFIO).*[:,(]$/;
const UNFINISHED_END: ReadonlySet<number> = new Set([0x3a, 0x2c, 0x28]);
/** Characters of the longest line that is looked at. */
const LONGEST = 1024 * 1024;
const MOST_PIECES = 3;
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

/** The same for a text that comes in pieces, of which no more is kept than what its lines say. */
export async function readStream(input: string, pieces: AsyncIterable<Uint8Array>, facts: Facts, slices: Slices): Promise<InputReport> {
  const run = new LineRun(input, facts);
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
  private readonly known: KnownLines<TraceEvent>;
  private readonly trace: Entry;
  /** Lines that end in the middle of what others take for one. */
  private extra = 0;

  constructor(input: string, facts: Facts, marks: LineMarks | null = null) {
    this.marks = marks;
    this.report = { name: input, format: "", understood: 0, lines: 0, skipped: [], ignored: [] };
    this.sessions = READERS.map((reader) => ({ format: reader.format, session: reader.open(facts, input), lines: 0, whole: WHOLE_LINE.has(reader.format) }));
    this.trace = this.sessions.find((entry) => entry.format === qemuTraceReader.format) as Entry;
    this.known = new KnownLines(plainTraceLine, () => facts.stream("trace", input).events.writer);
  }

  /** The same as push, for a line in bytes [from, to). */
  readonly pushBytes = (bytes: Uint8Array, from: number, to: number, line: number): void => {
    const number = line + this.extra;
    const known = this.waiting.length === 0 ? this.known.take(bytes, from, to, number) : null;
    if (known) {
      this.report.lines++;
      this.count(known, 1, this.trace);
      return;
    }
    // Progress bars and old Macs end lines with a return alone.
    const parts = textOfLine(bytes, from, to).split("\r");
    this.extra += parts.length - 1;
    parts.forEach((text, part) => {
      if (text.trim() !== "") this.push(text, number + part);
    });
  };

  /** A line of which only the beginning was read. */
  pushLong(head: string, line: number): void {
    this.report.lines++;
    this.flush();
    this.skip({ text: head, number: line + this.extra }, TOO_LONG);
  }

  push(text: string, number: number): void {
    this.report.lines++;
    if (text.length > LONGEST) {
      this.flush();
      this.skip({ text, number }, TOO_LONG);
      return;
    }
    this.waiting.push({ number, text });
    while (this.waiting.length > 0 && this.takeFirst());
  }

  end(): InputReport {
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
    const found = takeAt(this.sessions, waiting, line, this.favourite, final || waiting.length >= MOST_PIECES) ?? noise(line.clean);
    if (found === "later") return false;
    if (!found) {
      waiting.shift();
      this.patience -= length * length;
      this.skip(line, "no reader knows this line");
      return true;
    }
    if (found.by === this.trace && found.pieces === 1 && this.marks === null && line.clean === line.text) this.known.learn(line.text);
    if (this.marks) this.mark(this.marks, found);
    this.count({ ignored: found.taken.ignored }, found.pieces, found.by);
    if (found.pieces === 1) waiting.shift();
    else waiting.splice(0, found.pieces);
    return true;
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
}

interface Found {
  taken: Taken;
  /** Lines of the text that it took. */
  pieces: number;
  by: Entry | null;
}

/** The first of these lines, or it and those after it as one. "later": there are not enough of those yet. */
function takeAt(sessions: Entry[], lines: Line[], line: Line, favourite: Entry | null, enough: boolean): Found | "later" | null {
  const { number, clean: text = "" } = line;
  if (!line.tried) {
    // A message that stops in the middle says more together with its rest.
    const isUnfinished = UNFINISHED_END.has(text.charCodeAt(text.length - 1)) && UNFINISHED.test(text);
    if (isUnfinished && !enough) return "later";
    const unfinished = isUnfinished ? takeJoined(sessions, lines, text) : null;
    if (unfinished) return unfinished;
    const alone = take(sessions, text, number, favourite);
    if (alone) return { ...alone, pieces: 1 };
    line.tried = true;
  }
  if (!enough && BROKEN.test(text)) return "later";
  // The messages' patterns may match anywhere, so they would also match an unknown line joined with a message.
  const anchored = sessions.filter((entry) => entry.format !== qemuErrorsReader.format && entry.format !== dmesgReader.format && entry.format !== refusalsReader.format);
  return BROKEN.test(text) ? takeJoined(anchored, lines, text) : null;
}

function takeJoined(among: Entry[], lines: Line[], text: string): Found | null {
  let joined = text;
  for (let pieces = 2; pieces <= MOST_PIECES && pieces <= lines.length; pieces++) {
    const next = (lines[pieces - 1] as Line).text;
    if (joined.length + next.length > LONGEST_WRAPPED) return null;
    joined += ` ${cleanLine(next).trim()}`;
    if (UNFINISHED.test(joined) && pieces < MOST_PIECES) continue;
    const taken = take(among, joined, (lines[0] as Line).number);
    if (taken) return { ...taken, pieces };
  }
  return null;
}

/** Readers whose patterns fit a whole line: one that took the last line may be asked first. */
const WHOLE_LINE: ReadonlySet<string> = new Set([qemuTraceReader, ioctlLogReader, ftraceReader].map((reader) => reader.format));

function take(sessions: Entry[], text: string, number: number, favourite: Entry | null = null): { taken: Taken; by: Entry } | null {
  const first = favourite?.whole ? takeBy(favourite, text, number) : null;
  if (first && favourite) return { taken: first, by: favourite };
  for (const by of sessions) {
    const taken = takeBy(by, text, number);
    if (taken) return { taken, by };
  }
  return null;
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
