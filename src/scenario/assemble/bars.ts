/** Where the guest put the BARs of an assigned device, from the trace of its config space. */
import { add, bitAnd, sub, toBig, fromBig, type U64 } from "../../base/u64.ts";
import type { TraceEvent } from "../readers/trace-events.ts";

const BAR0 = 0x10;
const BAR_COUNT = 6;

export class Bars {
  private readonly sizes = new Map<string, U64[]>();
  private readonly registers = new Map<string, number[]>();

  take(event: TraceEvent): void {
    if (event.event === "bar-size" && event.bar < BAR_COUNT) row(this.sizes, event.device)[event.bar] = event.size;
    if (event.event !== "config-write" || event.length !== 4) return;
    const bar = (event.offset - BAR0) / 4;
    if (Number.isInteger(bar) && bar >= 0 && bar < BAR_COUNT && event.value !== 0xffffffff) row(this.registers, event.device)[bar] = Number(event.value);
  }

  /** "BAR 0 of 0000:00:05.0" when a whole range lies in one. Inclusive. */
  nameOf(first: U64, last: U64): string | null {
    for (const [device, sizes] of this.sizes) {
      for (let bar = 0; bar < BAR_COUNT; bar++) {
        const size = sizes[bar] ?? 0;
        const base = this.baseOf(device, bar);
        if (base === null || base === 0 || size === 0) continue;
        if (first >= base && last <= sub(add(base, size), 1)) return `BAR ${bar} of ${device}`;
      }
    }
    return null;
  }

  /** The address in a memory BAR's register (two of them for a 64-bit BAR); null for I/O ports and unwritten ones. */
  private baseOf(device: string, bar: number): U64 | null {
    const registers = this.registers.get(device) ?? [];
    const low = registers[bar];
    if (low === undefined || (low & 1) === 1) return null;
    const base = bitAnd(low, 0xffff_fff0);
    // Bits 2:1 = 2: the next register holds the upper half. A VMM's guest writes the type bits or zeros there.
    const sizes = this.sizes.get(device) ?? [];
    const high = registers[bar + 1];
    if (high !== undefined && high !== 0 && (sizes[bar + 1] ?? 0) === 0) return fromBig((toBig(high) << 32n) | toBig(base));
    return base;
  }
}

function row<Value>(table: Map<string, Value[]>, key: string): Value[] {
  let found = table.get(key);
  if (!found) table.set(key, (found = []));
  return found;
}
