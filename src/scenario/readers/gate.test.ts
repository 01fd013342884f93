import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelLog, qemuTrace } from "../samples/long-logs.ts";
import { Gate, PCI_DEVICE } from "./gate.ts";
import { Facts } from "./facts.ts";
import { all, anyOf, needsOf } from "./literals.ts";
import { cleanLine } from "./lines.ts";
import { READERS, readStream } from "./read-lines.ts";
import { ReadersGate } from "./readers-gate.ts";
import { told } from "./told.testing.ts";

const captures = join(process.cwd(), "conformance/captures");
const samples = [
  kernelLog(60), qemuTrace(60),
  `IOMMU Group 3:
\t00:1f.0 ISA bridge [0601]: Intel Corporation Device [8086:7a04]
\t[1002:73bf] 03:00.0 VGA compatible controller
03:00.0 VGA compatible controller: AMD Navi 21
\tIOMMU group: 3
\tKernel driver in use: vfio-pci
0000:41:00.0 "Ethernet controller": x group 5
<device>
  <name>pci_0000_03_00_0</name>
  <iommuGroup number='3'>
</device>
<domain type='kvm'>
  <name>guest</name>
</domain>
/usr/bin/qemu-system-x86_64 \\
-m 4096 \\
-device vfio-pci,host=03:00.0
[pid 12] ioctl(10, VFIO_IOMMU_MAP_DMA, 0x7ffc) = -1 EINVAL (Invalid argument)
r0 = openat$iommufd(0xffffffffffffff9c, &(0x7f0000000000), 0x0, 0x0)
ioctl$IOMMU_IOAS_ALLOC(r0, 0x3b81, &(0x7f0000000040)={0xc, 0x0, <r1=>0x0})
00001000-0009ffff : System RAM
Max locked memory         65536                65536                bytes
LimitMEMLOCK=infinity
2026/11/21 vfio map of iova 0x1000 size 0x2000 failed: errno=22
thread 'main' panicked: DMA unmap: Os { code: 22, message: "Invalid argument" }
EAL: Cannot set up DMA remapping, error 12 (Cannot allocate memory)
error: internal error: qemu unexpectedly closed the monitor: qemu-system-x86_64: vfio: failed to open /dev/vfio/3: Device or resource busy
time="2026-01-01T00:00:00Z" level=error msg="vfio_dma_map failed" error="errno 22"
{"msg": "IOMMU_IOAS_MAP failed: Bad address"}
arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
arm-smmu-v3 arm-smmu-v3.0.auto: 	0x0000000000001000`,
  ...readdirSync(captures).filter((name) => name.endsWith(".gz")).map((name) => gunzipSync(readFileSync(join(captures, name))).toString("utf8").slice(0, 30_000)),
].flatMap((text) => text.split(/\r?\n/)).filter((line) => line.length < 2000);
/** One of each kind: lines alike but for numbers are the same to readers. */
const kinds = [...new Map(samples.map((line) => [line.replace(/[0-9a-f]+/g, "0"), line])).values()];

/** Lines like those of samples: cut, joined, with other digits, in other letters, carried by something. */
const mutated = fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(...kinds), fc.nat(4000), fc.nat(4000), fc.nat(9)).map(([one, other, from, at, how]) => {
  switch (how) {
    case 0:
      return one;
    case 1:
      return one.slice(from % (one.length + 1));
    case 2:
      return one.slice(0, at % (one.length + 1));
    case 3:
      return one.slice(0, at % (one.length + 1)) + other.slice(from % (other.length + 1));
    case 4:
      return one.replace(/\d/g, (digit) => String((Number(digit) + from) % 10));
    case 5:
      return one.toUpperCase();
    case 6:
      return `Jun 04 07:25:13 host kernel: ${one}`;
    case 7:
      return `[   12.345678] ${one}`;
    case 8:
      return `${one} ${other}`;
    default:
      return `  ${one}`;
  }
});

/** The same lines through the gate and, one by one, past it. */
async function read(text: string, gated: boolean) {
  const facts = new Facts();
  async function* pieces() {
    yield new TextEncoder().encode(text);
  }
  const report = await readStream("log", pieces(), facts, { between: () => {} }, gated);
  return { report, facts: told(facts) };
}

describe("the gate before the readers", () => {
  const gate = new ReadersGate(READERS, []);
  const mayFit = (text: string, index: number) => (gate.gate.text(text) & (gate.groups[index] as number)) === gate.groups[index];

  it("lets every line through to the readers that take it", () => {
    const stopped = (raw: string) => {
      const line = cleanLine(raw);
      return READERS.filter((reader, index) => {
        const session = reader.open(new Facts(), "log");
        let taken: unknown = null;
        try {
          taken = session.take(line, 1);
        } catch {
          // A number that is too large.
        }
        return taken !== null && !mayFit(line, index);
      }).map(({ format }) => format);
    };
    fc.assert(fc.property(mutated, (raw) => {
      expect(stopped(raw)).toEqual([]);
    }), { numRuns: 4000 });
    expect(stopped(kinds.join(" "))).toEqual([]);
  }, 60_000);

  it("changes nothing of what texts say", async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(mutated, fc.constantFrom("the vfio thing 12 was seen", "x 0x12 y", "", "   ", "vfio: went on:", "GET /index 200", "`", "$ ls", "\u00a0", "ünï vfio-pci")), { minLength: 1, maxLength: 40 }), async (lines) => {
      const text = lines.join("\n");
      expect(await read(text, true)).toEqual(await read(text, false));
    }), { numRuns: 400 });
  }, 120_000);

  it("stops what is of no concern", () => {
    for (const line of ["systemd[1]: Started Journal Service.", "usb 1-1: new high-speed USB device number 4 using xhci_hcd", "GET /index.html?id=5 200 7"]) {
      expect(READERS.filter((_reader, index) => mayFit(line, index)).map(({ format }) => format)).toEqual([]);
    }
  });
});

describe("what a pattern needs", () => {
  const passes = (pattern: RegExp, text: string) => new Gate([needsOf(pattern)]).text(text) === 1;

  it("is found in its own texts, and in no others", () => {
    expect(passes(/^(?:one|two) (\d+): three?$/, "two 5: thre")).toBe(true);
    expect(passes(/^(?:one|two) (\d+): three?$/, "six 5: three")).toBe(false);
    expect(passes(/\bab{2}c+d?\b(?!e)[Ff]/, "ABBCf")).toBe(true);
    expect(passes(/\bab{2}c+d?\b(?!e)[Ff]/, "abcf")).toBe(false);
    expect(passes(/a|.*/, "")).toBe(true);
    expect(passes(/(?:x|y)?z/, "z")).toBe(true);
  });

  it("may be met where lines are joined, and in none of them", () => {
    const gate = new Gate([needsOf(/a to iommu group/), needsOf(/went on = \d/), needsOf(/x - y/)]);
    const joined = (...lines: string[]) => gate.joined(lines.map((line) => {
      gate.bytes(new TextEncoder().encode(line), 0, line.length);
      return gate.lastMet();
    }));
    expect(joined("a", "to iommu group") & 1).toBe(1);
    expect(joined("see a", "to", "iommu group") & 1).toBe(1);
    expect(joined("it went", "[   1.2] on = 5") & 2).toBe(2);
    expect(joined("it went", "on", "= 5") & 2).toBe(2);
    expect(joined("x", "-", "y") & 4).toBe(4);
    expect(joined("it came", "on = 5") & 2).toBe(0);
    expect(joined("x", "+", "y")).toBe(0);
  });

  it("may be of several parts, which may stand in any order", () => {
    const both = new Gate([all(needsOf(/alpha/), PCI_DEVICE), anyOf([/beta/, /gamma/])]);
    expect([both.text("alpha"), both.text("00:1f.6 Alpha"), both.text("gamma 00:1f.6"), both.text("00:1g.6 Alphabeta"), both.text("00:1f.6 alph"), both.text("00:1f.6: alpha")]).toEqual([0, 1, 2, 2, 0, 0]);
    expect(both.bytes(new TextEncoder().encode("x00:1f.6 Alpha beta"), 1, 19)).toBe(3);
  });
});
