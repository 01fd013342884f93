import type { PlatformSpec } from "../../scenario.ts";

/** Two groups; the second keeps 64 MiB below 2 GiB for itself. */
export const hostWithStolenMemory: PlatformSpec = {
  kind: "intel-vtd", address_bits: 48,
  devices: [
    { name: "0000:03:00.0", group: 14, model: "nvme" },
    {
      name: "0000:00:02.0", group: 2, model: "gpu",
      regions: [{ start: "0x7c000000", last: "0x7fffffff", type: "reserved", label: "stolen memory" }, { start: "0xfee00000", last: "0xfeefffff", type: "msi", label: "MSI" }],
    },
  ],
};
