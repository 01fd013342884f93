/** Linux iommu:* trace events from trace_pipe, trace-cmd report or perf script. Grammar: formats.md section (c). */
import type { U64 } from "../../base/u64.ts";
import type { Facts } from "./facts.ts";
import { cleanLine } from "./lines.ts";
import { hexNumber, smallNumber } from "./numbers.ts";
import { anyOf } from "./literals.ts";
import type { TableEvent } from "./page-table-events.ts";
import { ignored, USED, type Plain, type Reader, type Session, type Taken } from "./reader.ts";

const EVENT = /(?:^|[\s:])(?:iommu:)?(map|unmap|attach_device_to_domain|detach_device_from_domain|add_device_to_group|remove_device_from_group|io_page_fault):\s+IOMMU:\s?(.*)$/;
const TASK = /^\s*(.+?)-(\d+)\s+(?:\(\s*-?\d*-*\)\s+)?\[\d+\]/;
const PERF_TASK = /^\s*(.+?)\s+(\d+)\s+\[\d+\]/;
const RANGE = /^(?:dev=\S+ )?iova=(0x[0-9a-f]{1,16}) - (0x[0-9a-f]{1,16}) /;
const SIZED = /^(?:dev=\S+ )?iova=(0x[0-9a-f]{1,16}) (?:paddr=0x[0-9a-f]+ )?size=(\d+)/;
const NOISE = /^#\s*(?:$|tracer:|entries-in-|TASK-PID|_-|\/|\||=+|captured on|hostname|os release|perf version|arch|nrcpus|cpu|total memory|cmdline|event :|missing features)|^cpus=\d+$|^# ?tracer: |^\s*\S+-\d+\s+\[\d+\] .*: (?:tracing_on|.*_hit):/;
const LOST = /LOST (\d+) EVENTS/;
/** Tasks of the kernel: their mappings are the DMA API's, not a user's. */
const KERNEL_TASK = /^(?:kworker\/|irq\/|swapper|ksoftirqd|<idle>|\(udev-worker\)|systemd-udevd|modprobe|rcu_|khugepaged|kswapd)/;

class Ftrace implements Session {
  private readonly facts: Facts;
  private readonly input: string;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    const match = EVENT.exec(line);
    if (!match) {
      if (LOST.test(line)) {
        this.facts.warnings.push(`${this.input}, line ${number}: the kernel dropped events here; the picture is incomplete.`);
        return USED;
      }
      return NOISE.test(line) ? ignored("a heading") : null;
    }
    return this.event(match[1] as string, match[2] as string, taskOf(line), number);
  }

  private event(name: string, args: string, task: string, line: number): Taken | null {
    const events = this.facts.stream("page-table", this.input).events;
    switch (name) {
      case "map":
      case "unmap": {
        const place = rangeOf(args);
        if (!place) return null;
        if (KERNEL_TASK.test(task)) return ignored(KERNELS_OWN);
        events.push({ line, task, event: name, ...place });
        return USED;
      }
      case "add_device_to_group":
      case "remove_device_from_group": {
        const member = /groupID=(\d+) device=(\S+)/.exec(args);
        if (!member) return null;
        if (name === "add_device_to_group") this.facts.join(member[2] as string, smallNumber(member[1]));
        return USED;
      }
      case "io_page_fault": {
        const fault = /^(\S+) (\S+) iova=(0x[0-9a-f]{1,16})/.exec(args);
        if (!fault) return null;
        events.push({ line, task, event: "fault", device: fault[2] as string, iova: hexNumber(fault[3]) });
        this.facts.faults.push({ at: { file: this.input, line }, device: fault[2] as string, address: hexNumber(fault[3]), by: null });
        return USED;
      }
      default: {
        const device = /device=(\S+)/.exec(args)?.[1];
        if (device === undefined) return null;
        events.push({ line, task, event: name === "attach_device_to_domain" ? "attach" : "detach", device });
        return USED;
      }
    }
  }
}

function taskOf(line: string): string {
  return TASK.exec(line)?.[1] ?? PERF_TASK.exec(line)?.[1] ?? "";
}

const KERNELS_OWN = "a mapping of the kernel's own DMA API";
/** What stands behind the range in what kernels print, up to the end of the line. */
const REST = /^(?:paddr=0x[0-9a-f]{1,16} )?size=\d+(?: unmapped_size=\d+)?$/;

/** The end is exclusive, and 0 stands for 2^64; older kernels print a size only. */
function rangeOf(args: string): { iova: U64; end: U64 } | { iova: U64; size: U64 } | null {
  const range = RANGE.exec(args);
  if (range) {
    const iova = hexNumber(range[1]);
    const end = hexNumber(range[2]);
    return end === 0 || end > iova ? { iova, end } : null;
  }
  const sized = SIZED.exec(args);
  return sized ? { iova: hexNumber(sized[1]), size: smallNumber(sized[2]) } : null;
}

/** What a line says by itself; null for those that say more than that, and for what is none. */
export function plainTableLine(line: string): Plain<TableEvent> | null {
  if (cleanLine(line) !== line) return null;
  const match = EVENT.exec(line);
  const name = match?.[1];
  if (name !== "map" && name !== "unmap") return null;
  const args = match?.[2] as string;
  const range = RANGE.exec(args);
  // With more in it, it might be another reader's line too.
  if (!range || !REST.test(args.slice(range[0].length))) return null;
  const place = rangeOf(args);
  if (!place) return null;
  const task = taskOf(line);
  // Kernel tasks have many names, of which nothing is kept.
  if (KERNEL_TASK.test(task)) return { event: { line: 0, task: "", event: name, ...place }, isSilent: true, ignored: KERNELS_OWN };
  return { event: { line: 0, task, event: name, ...place }, ignored: undefined };
}

export const ftraceReader: Reader = {
  format: "iommu trace events",
  needs: [anyOf([EVENT, LOST, NOISE])],
  open: (facts, input) => new Ftrace(facts, input),
};
