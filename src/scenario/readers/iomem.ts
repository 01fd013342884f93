/** /proc/iomem: host physical memory. It explains firmware ranges; it does not say anything about IOVAs. */
import { needsOf } from "./literals.ts";
import { ignored, type Reader, type Session, type Taken } from "./reader.ts";

const LINE = /^\s*([0-9a-f]{8,16})-([0-9a-f]{8,16}) : .+$/;

class Iomem implements Session {
  take(line: string): Taken | null {
    const match = LINE.exec(line);
    if (!match) return null;
    return /^0+$/.test(match[1] as string) && /^0+$/.test(match[2] as string) ? ignored("all zero: /proc/iomem was read without root") : ignored("host physical memory, not IOVA");
  }
}

export const iomemReader: Reader = {
  format: "/proc/iomem",
  needs: [needsOf(LINE)],
  open: () => new Iomem(),
};
