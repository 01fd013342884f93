import { describe, expect, it } from "vitest";
import { plainAddresses } from "./inputs.ts";

describe("plainAddresses", () => {
  it("takes the groups out of addresses and leaves everything else", () => {
    expect(plainAddresses("0xfee0_0000–0xfeef_ffff (1 MiB)")).toBe("0xfee00000–0xfeefffff (1 MiB)");
    expect(plainAddresses("0xffff_ffff_ffff_ffff")).toBe("0xffffffffffffffff");
    expect(plainAddresses("IOMMU_IOAS_MAP 0x0 0x1000")).toBe("IOMMU_IOAS_MAP 0x0 0x1000");
  });
});
