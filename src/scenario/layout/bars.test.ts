import { describe, expect, it } from "vitest";
import { listedBars } from "./bars.ts";

const GPU = `01:00.0 VGA compatible controller: Maker Device (rev a1)
	Subsystem: Maker
	Region 0: Memory at f6000000 (32-bit, non-prefetchable) [size=16M]
	Region 1: Memory at e0000000 (64-bit, prefetchable) [size=256M]
	Region 3: Memory at f0000000 (64-bit, prefetchable) [size=32M]
	Region 5: I/O ports at e000 [size=128]`;

const NIC = `02:00.0 Ethernet controller: Maker Device
	Memory at fc000000 (64-bit, non-prefetchable) [size=64K]
	Memory at fc010000 (64-bit, prefetchable) [size=512]`;

describe("listedBars", () => {
  it("takes the 64-bit BARs of the only device that has any", () => {
    expect(listedBars(GPU)).toEqual({ device: "01:00.0", sizes: ["256M", "32M"] });
    expect(listedBars(NIC)).toEqual({ device: "02:00.0", sizes: ["64K"] });
  });

  it("takes those of the device that is given away among several, and guesses nothing", () => {
    expect(listedBars(`${GPU}\n\n${NIC}`)).toBeNull();
    expect(listedBars(`${GPU}\n\tKernel driver in use: vfio-pci\n\n${NIC}\n\tKernel driver in use: igb`)).toEqual({ device: "01:00.0", sizes: ["256M", "32M"] });
    expect(listedBars(`${GPU}\n\tKernel driver in use: vfio-pci\n\n${NIC}\n\tKernel driver in use: vfio-pci`)).toBeNull();
  });

  it("finds nothing in other texts", () => {
    for (const text of ["", "rubbish\n\tMemory at", "0x00000000fee00000 0x00000000feefffff msi"]) expect(listedBars(text)).toBeNull();
  });
});
