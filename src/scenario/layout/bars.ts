/** The BARs that a guest's firmware has to place above 4 GiB, as listings of the host's devices have them. */
import type { Clues } from "../clues.ts";

/** Those of the device that a VFIO driver has, else of the only one that has any. Null: none, or nobody says which of several. */
export function barsOfGuest({ bars = [] }: Clues): { device: string; sizes: string[] } | null {
  const given = bars.filter(({ driver }) => driver?.startsWith("vfio"));
  const [only, ...others] = given.length > 0 ? given : bars;
  return only && others.length === 0 ? only : null;
}
