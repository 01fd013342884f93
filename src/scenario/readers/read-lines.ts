/** Reads a text line by line: each line goes to the reader that knows it, so one paste may mix formats. */
import type { InputReport } from "../inputs.ts";
import { dmesgReader } from "./dmesg.ts";
import type { Facts } from "./facts.ts";
import { commandLineReader } from "./command-line.ts";
import { ftraceReader } from "./ftrace.ts";
import { hintsReader } from "./hints.ts";
import { ioctlLogReader } from "./ioctl-log.ts";
import { iomemReader } from "./iomem.ts";
import { cleanLine, linesOf, type Line } from "./lines.ts";
import { mtreeReader } from "./mtree.ts";
import { pciReader } from "./pci.ts";
import { qemuErrorsReader } from "./qemu-errors.ts";
import { qemuTraceReader } from "./qemu-trace.ts";
import { ignored, type Reader, type Session, type Taken } from "./reader.ts";
import { reservedRegionsReader } from "./reserved-regions.ts";
import { straceReader } from "./strace.ts";
import { syzReader } from "./syz.ts";

const READERS: readonly Reader[] = [
  qemuTraceReader, ioctlLogReader, reservedRegionsReader, ftraceReader, mtreeReader, commandLineReader, hintsReader, qemuErrorsReader, dmesgReader, syzReader, straceReader, iomemReader, pciReader,
];
const SKIPPED_SHOWN = 20;
/** Mail clients wrap long lines: such a beginning is tried together with what follows. */
const BROKEN = /IOMMU:|region_(?:add|del)|iommufd|vfio|VFIO|DMAR|0x[0-9a-f]+/;
const UNFINISHED = /(?:vfio|VFIO).*[:,(]$/;
const MOST_PIECES = 3;
const PROMPT = /^(?:\[?[\w.-]+(?:@[\w.-]+)?[^#$%]{0,60})?[#$%] \S/;

/** What became of one text; what it says is put into `facts`. */
export function readLines(input: string, text: string, facts: Facts): InputReport {
  const sessions = READERS.map((reader) => ({ format: reader.format, session: reader.open(facts, input), lines: 0 }));
  const lines = linesOf(text);
  const report: InputReport = { name: input, format: "", understood: 0, lines: lines.length, skipped: [], ignored: [] };
  const reasons = new Map<string, number>();
  let favourite: Entry | null = null;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as Line;
    const found: Found | null = takeAt(sessions, lines, index, favourite) ?? noise(cleanLine(line.text));
    if (!found) {
      if (report.skipped.length < SKIPPED_SHOWN) report.skipped.push({ line: line.number, text: line.text.slice(0, 500), why: "no reader knows this line" });
      continue;
    }
    favourite = found.by;
    report.understood += found.pieces;
    if (found.by) found.by.lines += found.pieces;
    if (found.taken.ignored !== undefined) reasons.set(found.taken.ignored, (reasons.get(found.taken.ignored) ?? 0) + found.pieces);
    index += found.pieces - 1;
  }
  const formats = sessions.filter((entry) => entry.lines > 0).sort((one, other) => other.lines - one.lines);
  report.format = formats.length === 0 ? "unknown" : formats.map((entry) => entry.format).join(" + ");
  report.ignored = [...reasons].map(([why, count]) => ({ why, count }));
  return report;
}

interface Entry {
  format: string;
  session: Session;
  lines: number;
}

interface Found {
  taken: Taken;
  /** Lines of the text that it took. */
  pieces: number;
  by: Entry | null;
}

function takeAt(sessions: Entry[], lines: Line[], index: number, favourite: Entry | null): Found | null {
  const line = lines[index] as Line;
  const text = cleanLine(line.text);
  // A message that stops in the middle says more together with its rest.
  const unfinished = UNFINISHED.test(text) ? takeJoined(sessions, lines, index, text) : null;
  if (unfinished) return unfinished;
  const alone = take(sessions, text, line.number, favourite);
  if (alone) return { ...alone, pieces: 1 };
  // The messages' patterns may match anywhere, so they would also match an unknown line joined with a message.
  const anchored = sessions.filter((entry) => entry.format !== qemuErrorsReader.format && entry.format !== dmesgReader.format);
  return BROKEN.test(text) ? takeJoined(anchored, lines, index, text) : null;
}

function takeJoined(among: Entry[], lines: Line[], index: number, text: string): Found | null {
  let joined = text;
  for (let pieces = 2; pieces <= MOST_PIECES && index + pieces <= lines.length; pieces++) {
    joined += ` ${cleanLine((lines[index + pieces - 1] as Line).text).trim()}`;
    if (UNFINISHED.test(joined) && pieces < MOST_PIECES) continue;
    const taken = take(among, joined, (lines[index] as Line).number);
    if (taken) return { ...taken, pieces };
  }
  return null;
}

/** Readers whose patterns fit a whole line: one that took the last line may be asked first. */
const WHOLE_LINE: ReadonlySet<string> = new Set([qemuTraceReader, ioctlLogReader, ftraceReader].map((reader) => reader.format));

function take(sessions: Entry[], text: string, number: number, favourite: Entry | null = null): { taken: Taken; by: Entry } | null {
  const first = favourite !== null && WHOLE_LINE.has(favourite.format) ? favourite.session.take(text, number) : null;
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
