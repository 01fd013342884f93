/** What the open scenario was read from, kept so that its lines can be shown: files as they are, long texts outside of the heap. */
import type { InputFile, Reading } from "../../engine/views.ts";

/** A longer text is kept as a Blob, which the browser may put on disk. */
const LONG = 256 * 1024;

const SOURCES = new WeakMap<Reading, readonly InputFile[]>();

export function keepSources(reading: Reading, files: readonly InputFile[]): void {
  SOURCES.set(reading, files.map(({ name, content }) => ({ name, content: typeof content === "string" && content.length > LONG ? new Blob([content]) : content })));
}

/** Null: they are not here, as with a scenario that somebody else's program read. */
export function sourcesOf(reading: Reading): readonly InputFile[] | null {
  return SOURCES.get(reading) ?? null;
}
