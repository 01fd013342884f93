import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { GIB, MIB, USUAL_GUEST, type Guest } from "./guest.ts";
import { layoutGuest } from "./layout.ts";

const text = gunzipSync(readFileSync(new URL("../../../conformance/captures/ram-layout.txt.gz", import.meta.url))).toString();
const files = text.split(/^==> /m).slice(1).map((part) => ({ name: part.slice(0, part.indexOf(" ")), body: part }));

/** What `info mtree -f` shows of memory that VFIO would map. */
function rangesOf(body: string): string[] {
  return [...body.matchAll(/^ {2}([0-9a-f]{16})-([0-9a-f]{16}) \(prio \d+, (ram|rom)\)/gm)].map((match) => `${match[3]} ${BigInt("0x" + match[1])}-${BigInt("0x" + match[2])}`);
}

function guestOf(name: string): Guest {
  const match = /^(pc|q35|virt)(?:-(7\.0))?-(\d+)([MG])(?:-(amd|intel))?/.exec(name);
  if (!match) throw new Error(name);
  return {
    ...USUAL_GUEST, machine: match[1] as "pc", version: match[2] ? [7, 0] : null, ram: Number(match[3]) * (match[4] === "G" ? GIB : MIB), physBits: 48, firmware: "seabios",
    vendor: match[1] === "virt" ? "arm" : ((match[5] ?? "intel") as "amd"),
  };
}

describe("the layout of QEMU's machines", () => {
  for (const { name, body } of files) {
    it(`is that of ${name}`, () => {
      const expected = rangesOf(body);
      const ours = layoutGuest(guestOf(name)).pieces.filter((piece) => piece.mapped).map((piece) => `${piece.kind} ${piece.first}-${piece.last}`);
      // One capture was cut down to its RAM lines.
      const onlyRam = !expected.some((line) => line.startsWith("rom"));
      expect(onlyRam ? ours.filter((line) => line.startsWith("ram")) : ours).toEqual(expected);
    });
  }

  it("places the PCI window of virt where the real one is", () => {
    for (const name of ["virt-4G.txt", "virt-300G.txt"]) {
      const body = files.find((file) => file.name === name)?.body ?? "";
      const [window] = [...body.matchAll(/([0-9a-f]{16})-([0-9a-f]{16}) \(prio 0, i\/o\): gpex_mmio_window/g)].slice(-1);
      const guest = { ...guestOf(name), bars: [{ name: "BAR 0", size: 16 * MIB }] };
      const bar = layoutGuest(guest).pieces.find((piece) => piece.kind === "bar");
      expect(bar?.first).toBe(Number("0x" + window?.[1]));
      const ecam = /([0-9a-f]{16})-[0-9a-f]{16} \(prio 0, i\/o\): pcie-mmcfg/.exec(body)?.[1];
      expect(layoutGuest(guest).pieces.map((piece) => piece.first)).toContain(Number("0x" + ecam));
    }
  });

  it("keeps room for memory devices: 1 GiB per slot and the difference to maxmem", () => {
    const { pieces } = layoutGuest({ ...USUAL_GUEST, ram: GIB, maxmem: 8 * GIB, slots: 4 });
    expect(pieces.find((piece) => piece.kind === "memory-devices")).toMatchObject({ first: 0x1_0000_0000, last: 0x3_bfff_ffff });
  });

  it("moves memory devices of an AMD guest out of the hole too", () => {
    const { pieces, relocated } = layoutGuest({ ...USUAL_GUEST, vendor: "amd", ram: 256 * MIB, maxmem: 1024 * GIB, slots: 1, physBits: 48 });
    expect(relocated).toBe(true);
    expect(pieces.find((piece) => piece.kind === "memory-devices")?.first).toBe(0x100_0000_0000);
  });

  it("puts BARs at the top of the guest's address space under OVMF, and after RAM under SeaBIOS", () => {
    const bars = [{ name: "small", size: 32 * MIB }, { name: "large", size: 256 * MIB }];
    const ovmf = layoutGuest({ ...USUAL_GUEST, bars }).pieces.filter((piece) => piece.kind === "bar");
    expect(ovmf.map((piece) => [piece.name, piece.first])).toEqual([["large", 0x3800_0000_0000], ["small", 0x3800_1000_0000]]);
    const seabios = layoutGuest({ ...USUAL_GUEST, firmware: "seabios", bars }).pieces.find((piece) => piece.kind === "bar");
    expect(seabios?.first).toBe(0x1_8000_0000);
    const limited = layoutGuest({ ...USUAL_GUEST, physBits: 39, bars }).pieces.find((piece) => piece.kind === "bar");
    expect(limited?.last).toBeLessThan(2 ** 39);
  });

  it("honours max-ram-below-4g", () => {
    const low = (machine: "q35" | "pc", ram: number) => layoutGuest({ ...USUAL_GUEST, machine, ram, maxRamBelow4g: GIB }).pieces.find((piece) => piece.name === "RAM below 4 GiB")?.last;
    expect(low("q35", 4 * GIB)).toBe(GIB - 1);
    expect(low("pc", 4 * GIB)).toBe(GIB - 1);
  });
});
