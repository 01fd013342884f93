/** The BARs that a guest's firmware has to place above 4 GiB, from a listing of `lspci -v`. */

const DEVICE = /^((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /;
/** "Region 1: Memory at …", or without its number as `lspci -v` prints it. */
const MEMORY = /^\s+(?:Region \d+: )?Memory at \S+ \(64-bit, (?:non-)?prefetchable\).*\[size=(\d+)([KMGT]?)\]/;
const DRIVER = /^\s+Kernel driver in use: (\S+)/;

/** What a size without a letter counts: bytes, fewer than a page each. */
const SMALL = "";

interface Listed {
  name: string;
  /** "256M". */
  sizes: string[];
  assigned: boolean;
}

/**
 * Sizes of the 64-bit BARs of the device that is given away: the one that a VFIO driver has, else the only one that has
 * any. Null: the text lists none, or does not say which of several.
 */
export function listedBars(text: string): { device: string; sizes: string[] } | null {
  const devices: Listed[] = [];
  for (const line of text.split("\n")) {
    const name = DEVICE.exec(line)?.[1];
    if (name !== undefined) devices.push({ name, sizes: [], assigned: false });
    const device = devices.at(-1);
    if (!device) continue;
    const memory = MEMORY.exec(line);
    if (memory && memory[2] !== SMALL) device.sizes.push(`${memory[1]}${memory[2]}`);
    if (DRIVER.exec(line)?.[1]?.startsWith("vfio")) device.assigned = true;
  }
  const able = devices.filter(({ sizes }) => sizes.length > 0);
  const assigned = able.filter((device) => device.assigned);
  const [only, ...others] = assigned.length > 0 ? assigned : able;
  return only && others.length === 0 ? { device: only.name, sizes: only.sizes } : null;
}
