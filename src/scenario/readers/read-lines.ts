/** Reads a text line by line: each line goes to the reader that knows it, so one paste may mix formats. */
import type { InputReport } from "../inputs.ts";
import { dmesgReader } from "./dmesg.ts";
import type { Facts } from "./facts.ts";
import { commandLineReader } from "./command-line.ts";
import { ftraceReader } from "./ftrace.ts";
import { hintsReader } from "./hints.ts";
import { ioctlLogReader } from "./ioctl-log.ts";
import { iomemReader } from "./iomem.ts";
import { cleanLine, eachLine, LineStream, type Line } from "./lines.ts";
import type { LineMarks } from "./line-marks.ts";
import { mtreeReader } from "./mtree.ts";
import { pciReader } from "./pci.ts";
import { qemuErrorsReader } from "./qemu-errors.ts";
import { qemuTraceReader } from "./qemu-trace.ts";
import { ignored, type Reader, type Session, type Taken } from "./reader.ts";
import { limitsReader } from "./limits.ts";
import { refusalsReader } from "./refusals.ts";
import { reservedRegionsReader } from "./reserved-regions.ts";
import { straceReader } from "./strace.ts";
import { syzReader } from "./syz.ts";

const READERS: readonly Reader[] = [
  qemuTraceReader, ioctlLogReader, reservedRegionsReader, ftraceReader, mtreeReader, commandLineReader, hintsReader, qemuErrorsReader, dmesgReader, syzReader, straceReader, iomemReader, pciReader, limitsReader, refusalsReader,
];
const SKIPPED_SHOWN = 20;
/** Mail clients wrap long lines: such a beginning is tried together with what follows. */
const BROKEN = /IOMMU:|region_(?:add|del)|iommufd|vfio|VFIO|DMAR|0x[0-9a-f]+/;
const UNFINISHED = /(?:vfio|VFIO).*[:,(]$/;
const UNFINISHED_END: ReadonlySet<number> = new Set([0x3a, 0x2c, 0x28]);
/** Characters of the longest line that is looked at. */
const LONGEST = 1024 * 1024;
const MOST_PIECES = 3;
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

/** Lets others have a turn while a long text is being read; may reject to end it. */
export interface ReadSlices {
  between(): Promise<void> | void;
}

/** The same for a text that comes in pieces, of which no more is kept than what its lines say. */
export async function readStream(input: string, pieces: AsyncIterable<Uint8Array>, facts: Facts, slices: ReadSlices): Promise<InputReport> {
  const run = new LineRun(input, facts);
  const lines = new LineStream((line, number) => run.push(line, number));
  for await (const piece of pieces) {
    lines.feed(piece);
    await slices.between();
  }
  lines.end();
  return run.end();
}

/** Reads lines one after the other. A line may need those after it, so a few wait. */
class LineRun {
  private readonly report: InputReport;
  private readonly sessions: Entry[];
  private readonly reasons = new Map<string, number>();
  private readonly waiting: Line[] = [];
  private favourite: Entry | null = null;
  /** Null: nobody looks at single lines. */
  private readonly marks: LineMarks | null;

  constructor(input: string, facts: Facts, marks: LineMarks | null = null) {
    this.marks = marks;
    this.report = { name: input, format: "", understood: 0, lines: 0, skipped: [], ignored: [] };
    this.sessions = READERS.map((reader) => ({ format: reader.format, session: reader.open(facts, input), lines: 0, whole: WHOLE_LINE.has(reader.format) }));
  }

  push(text: string, number: number): void {
    this.report.lines++;
    if (text.length > LONGEST) {
      this.flush();
      this.skip({ text, number }, `longer than ${LONGEST / 1024 / 1024} MiB, which no line of a log is`);
      return;
    }
    this.waiting.push({ number, text });
    if (this.waiting.length >= MOST_PIECES) this.takeFirst();
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
    while (this.waiting.length > 0) this.takeFirst();
  }

  private takeFirst(): void {
    const { waiting, report, reasons } = this;
    const line = waiting[0] as Line;
    const { length } = line.text;
    this.patience += PATIENCE_PER_CHARACTER * length;
    if (length > SHORT && length * length > this.patience) {
      waiting.shift();
      this.skip(line, "it is very long, and so are others that nothing knew");
      return;
    }
    const text = cleanLine(line.text);
    const found = takeAt(this.sessions, waiting, text, this.favourite) ?? noise(text);
    if (!found) {
      waiting.shift();
      this.patience -= length * length;
      this.skip(line, "no reader knows this line");
      return;
    }
    this.favourite = found.by;
    report.understood += found.pieces;
    if (this.marks) this.mark(this.marks, found);
    if (found.by) found.by.lines += found.pieces;
    if (found.taken.ignored !== undefined) reasons.set(found.taken.ignored, (reasons.get(found.taken.ignored) ?? 0) + found.pieces);
    if (found.pieces === 1) waiting.shift();
    else waiting.splice(0, found.pieces);
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

/** The first of these lines, or it and those after it as one. `text` is the first without what its carriers added. */
function takeAt(sessions: Entry[], lines: Line[], text: string, favourite: Entry | null): Found | null {
  const { number } = lines[0] as Line;
  // A message that stops in the middle says more together with its rest.
  const unfinished = UNFINISHED_END.has(text.charCodeAt(text.length - 1)) && UNFINISHED.test(text) ? takeJoined(sessions, lines, text) : null;
  if (unfinished) return unfinished;
  const alone = take(sessions, text, number, favourite);
  if (alone) return { ...alone, pieces: 1 };
  // The messages' patterns may match anywhere, so they would also match an unknown line joined with a message.
  const anchored = sessions.filter((entry) => entry.format !== qemuErrorsReader.format && entry.format !== dmesgReader.format && entry.format !== refusalsReader.format);
  return BROKEN.test(text) ? takeJoined(anchored, lines, text) : null;
}

function takeJoined(among: Entry[], lines: Line[], text: string): Found | null {
  let joined = text;
  for (let pieces = 2; pieces <= MOST_PIECES && pieces <= lines.length; pieces++) {
    joined += ` ${cleanLine((lines[pieces - 1] as Line).text).trim()}`;
    if (UNFINISHED.test(joined) && pieces < MOST_PIECES) continue;
    const taken = take(among, joined, (lines[0] as Line).number);
    if (taken) return { ...taken, pieces };
  }
  return null;
}

/** Readers whose patterns fit a whole line: one that took the last line may be asked first. */
const WHOLE_LINE: ReadonlySet<string> = new Set([qemuTraceReader, ioctlLogReader, ftraceReader].map((reader) => reader.format));

function take(sessions: Entry[], text: string, number: number, favourite: Entry | null = null): { taken: Taken; by: Entry } | null {
  const first = favourite?.whole ? favourite.session.take(text, number) : null;
  if (first && favourite) return { taken: first, by: favourite };
  for (const by of sessions) {
    const taken = by.session.take(text, number);
    if (taken) return { taken, by };
  }
  return null;
}

function noise(text: string): Found | null {
  if (text === "") return { taken: ignored("an empty line"), pieces: 1, by: null };
  return PROMPT.test(text) ? { taken: ignored("a typed command"), pieces: 1, by: null } : null;
}
