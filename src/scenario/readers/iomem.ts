/** /proc/iomem: host physical memory. It explains firmware ranges; it does not say anything about IOVAs. */
import type { Facts } from "./facts.ts";
import { needsOf } from "./literals.ts";
import { hexNumber } from "./numbers.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const LINE = /^\s*([0-9a-f]{8,16})-([0-9a-f]{8,16}) : (.+)$/;
/** What the bridge to a bus forwards. */
const BUS = /^PCI Bus ([0-9a-f]{4}:[0-9a-f]{2})$/;

class Iomem implements Session {
  private readonly facts: Facts;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  take(line: string): Taken | null {
    const match = LINE.exec(line);
    if (!match) return null;
    const bus = BUS.exec(match[3] as string)?.[1];
    const window = { first: hexNumber(match[1]), last: hexNumber(match[2]) };
    if (bus !== undefined && window.last > window.first) {
      this.facts.bridgeWindows.push({ ...window, bridge: `PCI Bus ${bus}` });
      return USED;
    }
    return /^0+$/.test(match[1] as string) && /^0+$/.test(match[2] as string) ? ignored("all zero: /proc/iomem was read without root") : ignored("host physical memory, not IOVA");
  }
}

export const iomemReader: Reader = {
  format: "/proc/iomem",
  needs: [needsOf(LINE)],
  open: (facts) => new Iomem(facts),
};
