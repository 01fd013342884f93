import { describe, expect, it } from "vitest";
import { readInputs } from "../read-inputs.ts";
import { barsOfGuest } from "./bars.ts";

const GPU = `01:00.0 VGA compatible controller: Maker Device (rev a1)
	Subsystem: Maker
	Region 0: Memory at f6000000 (32-bit, non-prefetchable) [size=16M]
	Region 1: Memory at e0000000 (64-bit, prefetchable) [size=256M]
	Region 3: Memory at f0000000 (64-bit, prefetchable) [size=32M]
	Region 5: I/O ports at e000 [size=128]`;

const NIC = `02:00.0 Ethernet controller: Maker Device
	Memory at fc000000 (64-bit, non-prefetchable) [size=64K]
	Memory at fc010000 (64-bit, prefetchable) [size=512]`;

/** A listing of devices alone describes no host. */
const WINDOW = "/sys/kernel/iommu_groups/3/reserved_regions:0x00000000fee00000 0x00000000feefffff msi";

async function listed(text: string) {
  const { clues } = await readInputs([{ name: "listing", content: `${WINDOW}\n${text}` }]);
  const found = clues && barsOfGuest(clues);
  return found ? { device: found.device, sizes: found.sizes } : null;
}

describe("barsOfGuest", () => {
  it("takes the 64-bit BARs of the only device that has any", async () => {
    expect(await listed(GPU)).toEqual({ device: "0000:01:00.0", sizes: ["256M", "32M"] });
    expect(await listed(NIC)).toEqual({ device: "0000:02:00.0", sizes: ["64K"] });
  });

  it("takes those of the device that is given away among several, and guesses nothing", async () => {
    expect(await listed(`${GPU}\n\n${NIC}`)).toBeNull();
    expect(await listed(`${GPU}\n\tKernel driver in use: vfio-pci\n\n${NIC}\n\tKernel driver in use: igb`)).toEqual({ device: "0000:01:00.0", sizes: ["256M", "32M"] });
    expect(await listed(`${GPU}\n\tKernel driver in use: vfio-pci\n\n${NIC}\n\tKernel driver in use: vfio-pci`)).toBeNull();
  });

  it("finds nothing in other listings", async () => {
    expect(await listed("01:00.0 VGA compatible controller: Maker Device\n\tMemory at f6000000 (32-bit, non-prefetchable) [size=16M]")).toBeNull();
  });
});
