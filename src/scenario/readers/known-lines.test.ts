import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelLog, otherLog, qemuTrace, tableTrace } from "../samples/long-logs.ts";
import { Facts } from "./facts.ts";
import { readLines, readStream } from "./read-lines.ts";
import { told } from "./told.testing.ts";

const captures = join(process.cwd(), "conformance/captures");

/** The same text read as a whole, and as bytes that come in pieces. */
async function bothWays(text: string, size = 1000) {
  const whole = new Facts();
  const pieces = new Facts();
  const bytes = new TextEncoder().encode(text);
  async function* cut() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const reports = [readLines("log", text, whole), await readStream("log", cut(), pieces, { between: () => {} })] as const;
  return { reports, facts: [told(whole), told(pieces)] as const };
}

describe("lines of known kinds", () => {
  const texts = readdirSync(captures).filter((name) => name.endsWith(".gz")).map((name) => [name, gunzipSync(readFileSync(join(captures, name))).toString("utf8")] as const);

  it.each(texts)("say the same as when each is read by itself: %s", async (_name, text) => {
    const { reports, facts } = await bothWays(text.slice(0, 200_000));
    expect(reports[1]).toEqual(reports[0]);
    expect(facts[1] === facts[0]).toBe(true);
  }, 60_000);

  it("say the same in long logs, and when kinds of lines mix", async () => {
    const mixed = [qemuTrace(3000), kernelLog(500), tableTrace(1000), otherLog(400), tableTrace(1000, "perf"), otherLog(3), ...texts.map(([, text]) => text.slice(0, 20_000)), qemuTrace(3000), tableTrace(500, "trace-cmd"), "\r\n", qemuTrace(500).replaceAll("\n", "\r\n")].join("");
    const { reports, facts } = await bothWays(mixed);
    expect(reports[1]).toEqual(reports[0]);
    expect(facts[1] === facts[0]).toBe(true);
    expect(reports[0].understood).toBeGreaterThan(6000);
  }, 60_000);

  it("say the same whatever their numbers are", async () => {
    const hex = fc.bigInt({ min: 0n, max: (1n << 66n) - 1n }).map((value) => `0x${value.toString(16)}`);
    const number = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.nat()).map(String);
    const line = fc.tuple(hex, hex, hex, number, number, fc.constantFrom("", "1234@1700000000.123456:", "> ", "[   12.345678] ", "x: ", "12: "), fc.nat(6)).map(([one, two, three, count, flag, before, kind]) => before + [
      `vfio_listener_region_add_ram region_add [ram] ${one} - ${two} [${three}]`, `vfio_listener_region_del region_del ${one} - ${two}`,
      `iommufd_backend_map_dma  iommufd=3 ioas=${count} iova=${one} size=${two} addr=${three} readonly=${flag} (${flag})`, `iommufd_backend_unmap_dma  iommufd=3 ioas=2 iova=${one} size=${two} (${flag})`,
      `vfio_pci_write_config  (0000:00:05.${flag}, @${one}, ${two}, len=0x4)`, `vfio_region_write  (0000:00:05.0:region${count}+${one}, ${two}, 4)`, `vfio_populate_device_config ${one}:`,
    ][kind]);
    await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 5, maxLength: 60 }), async (lines) => {
      const { reports, facts } = await bothWays([...lines, ...lines].join("\n"), 64);
      expect(reports[1]).toEqual(reports[0]);
      expect(facts[1]).toBe(facts[0]);
    }), { numRuns: 150 });
  }, 60_000);

  it("say the same of page tables, whatever task and range they tell of", async () => {
    const hex = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 40n })).map((value) => `0x${value.toString(16).padStart(16, "0")}`);
    const task = fc.tuple(fc.constantFrom("qemu-system-x86-", "CPU 0/KVM-", "CPU 1/KVM-", "kworker/u64:1-", "kworker/2:0-", "irq/24-x-", "swapper/0     ", "qemu     "), fc.nat(40)).map(([name, pid]) => name + String(pid));
    const line = fc.tuple(task, hex, hex, fc.integer({ min: 100, max: 5_000_000_000 }), fc.nat(6)).map(([name, iova, end, size, kind]) => ` ${name} [001] ..... 12.345678: ` + [
      `map: IOMMU: iova=${iova} - ${end} paddr=${iova} size=${size}`, `unmap: IOMMU: iova=${iova} - ${end} size=${size} unmapped_size=${size}`, `iommu:map: IOMMU: iova=${iova} - ${end} paddr=${iova} size=${size}`,
      `map: IOMMU: iova=${iova} paddr=${end} size=${size}`, `unmap: IOMMU: iova=${iova} size=${size} unmapped_size=${size}`, `io_page_fault: IOMMU:[x] 0000:05:00.0 iova=${iova} flags=0x0000`,
      `attach_device_to_domain: IOMMU: device=0000:00:05.${size % 8}`,
    ][kind]);
    await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 5, maxLength: 60 }), async (lines) => {
      const { reports, facts } = await bothWays([...lines, ...lines.map((one) => one.replaceAll("0000001", "0000002")), ...lines].join("\n"), 64);
      expect(reports[1]).toEqual(reports[0]);
      expect(facts[1]).toBe(facts[0]);
    }), { numRuns: 150 });
  }, 60_000);

  it("are not taken for others of their length", async () => {
    const { reports } = await bothWays(["vfio_region_read 0x10", "vfio_region_read 0x11", "x".repeat(2_000_000), "vfio_region_read 0x12"].join("\n"), 50_000);
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[1].skipped).toEqual([{ line: 3, text: "x".repeat(500), why: "longer than 1 MiB, which no line of a log is" }]);
    expect(reports[1].understood).toBe(3);
  });
});
