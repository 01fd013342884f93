/** The fixture with a compatibility IOAS: the VFIO ioctls on /dev/iommu, in both forms of type1. */
import { describe, expect, it } from "vitest";
import { hex } from "../../src/base/u64.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { ErrnoOrOk } from "../../src/kernel/errno.ts";
import { APERTURE, APERTURE_LAST, BUFFER, BUFFER_SIZE, HUGE, OWN, PAGE, Program } from "./program.ts";

const V2 = 3;
const V1 = 1;
const UNMAP_ALL = 2;
/** The 16 places of a range in an order that is neither up nor down. */
const SHUFFLED = [5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11, 0];

interface Fixture {
  program: Program;
  ioas: number;
  version: number;
}

function each(name: string, run: (fixture: Fixture) => void): void {
  it.each([["Ver1v2", V2], ["Ver1v0", V1]] as const)(`${name}, %s`, (_name, version) => {
    const program = new Program({ size: 2 * HUGE, kind: "hugetlb-2M" });
    const ioas = program.ioas();
    program.mock(ioas);
    program.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 1 });
    program.ok("VFIO_SET_IOMMU", { arg: version });
    expect(() => program.run(() => run({ program, ioas, version }))).not.toThrow();
  });
}

function mapDma(program: Program, vaddr: number, iova: number, size: number): void {
  program.ok("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: hex(vaddr), iova: hex(iova), size: hex(size) });
}

function unmapDma(program: Program, iova: number, size: number, flags = 0, errno: ErrnoOrOk = "OK"): number {
  return Number(program.err(errno, "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags, iova: hex(iova), size: hex(size) }).size);
}

describe("selftest vfio_compat_mock_domain", () => {
  each("simple_close", () => {});

  each("option_huge_pages", ({ program, ioas, version }) => {
    program.is(program.ok("IOMMU_OPTION", { option_id: 1, op: 1, object_id: ioas, val64: "0x3" }).val64, version === V1 ? "0x0" : "0x1", "option");
  });

  each("get_info", ({ program }) => {
    const ask = (argsz: number): JsonObject => program.ok("VFIO_IOMMU_GET_INFO", { argsz });
    const whole = ask(4096).argsz as number;
    for (const argsz of [16, 24, ...Array.from({ length: whole - 24 }, (_one, index) => 24 + index)]) {
      const info = ask(argsz);
      program.is([info.flags, info.iova_pgsizes, info.argsz], [3, "0x1000", whole], `info of ${argsz} bytes`);
      if (argsz >= 24) program.is(info.cap_offset, argsz < whole ? 0 : 24, "offset of the capabilities");
    }
    const caps = ask(whole).caps as { id: number; iova_ranges?: unknown }[];
    program.is(caps.map(({ id }) => id), [3, 1], "capabilities");
    program.is(caps[1]?.iova_ranges, [{ start: hex(APERTURE), end: hex(APERTURE_LAST) }], "ranges");
  });

  each("map", ({ program }) => {
    mapDma(program, BUFFER, APERTURE, BUFFER_SIZE);
    program.is(unmapDma(program, APERTURE, BUFFER_SIZE), BUFFER_SIZE, "unmapped");
    mapDma(program, BUFFER, APERTURE, BUFFER_SIZE);
    unmapDma(program, APERTURE, BUFFER_SIZE, UNMAP_ALL, "EINVAL");
    program.is(unmapDma(program, 0, 0, UNMAP_ALL), BUFFER_SIZE, "unmapped");
    for (let page = 0; page < 16; page++) mapDma(program, BUFFER + page * PAGE, APERTURE + page * PAGE, PAGE);
    for (const page of SHUFFLED) program.is(unmapDma(program, APERTURE + page * PAGE, PAGE), PAGE, "unmapped");
  });

  // type1 cuts mappings, type1v2 never does.
  each("huge_map", ({ program, version }) => {
    mapDma(program, OWN, APERTURE, 2 * HUGE);
    const part = (2 * HUGE) / 16;
    for (const index of SHUFFLED) {
      const size = unmapDma(program, APERTURE + index * part, part, 0, version === V1 ? "OK" : "ENOENT");
      if (version === V1) program.is(size, part, "unmapped");
    }
  });
});
