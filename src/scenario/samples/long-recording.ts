/** A recording of very many calls, the same in every run: for tests and benches. */
import { seeded } from "./long-logs.ts";

const CALLS = 1_000_000;
const SPACES = 10;
const PAGE = 0x1000;

function shuffled(count: number, random: (limit: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = random(index + 1);
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  return order;
}

const hex = (value: number) => `"0x${value.toString(16)}"`;

/**
 * JSON Lines: a header and `calls` calls (at least 20). Ten IOMMU_IOAS_ALLOC, then IOMMU_IOAS_MAP at fixed addresses and
 * IOMMU_IOAS_UNMAP over all ten in shuffled order, three maps to one unmap of an area that was mapped before, so that half
 * as many areas as there are calls are live at the end. Areas are 1 to 16 pages long and never touch. None is refused.
 */
export function millionCalls(calls: number = CALLS): string {
  const random = seeded(20260107);
  const unmaps = Math.floor((calls - SPACES) / 4);
  const maps = calls - SPACES - unmaps;
  const places = shuffled(maps, random);
  const spaceOf = (place: number) => 1 + (place % SPACES);
  const iovaOf = (place: number) => hex(0x1000_0000 + Math.floor(place / SPACES) * 32 * PAGE);
  const lengthOf = (place: number) => hex((1 + ((place * 7) % 16)) * PAGE);
  const live: number[] = [];
  const lines = ['{"trace":"iommufd","platform":"mock","title":"a million calls"}'];
  for (let space = 0; space < SPACES; space++) lines.push('{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}');
  let mapped = 0;
  for (let step = 0; step < maps + unmaps; step++) {
    const unmapped = step - mapped;
    if (unmapped < unmaps && live.length > 0 && (mapped === maps || random(4) === 0)) {
      const index = random(live.length);
      const place = live[index] as number;
      live[index] = live.at(-1) as number;
      live.pop();
      lines.push(`{"call":"IOMMU_IOAS_UNMAP","in":{"ioas_id":${spaceOf(place)},"iova":${iovaOf(place)},"length":${lengthOf(place)}}}`);
      continue;
    }
    const place = places[mapped++] as number;
    live.push(place);
    const va = hex(0x7f00_0000_0000 + place * 16 * PAGE);
    lines.push(`{"call":"IOMMU_IOAS_MAP","in":{"flags":7,"ioas_id":${spaceOf(place)},"user_va":${va},"length":${lengthOf(place)},"iova":${iovaOf(place)}}}`);
  }
  return lines.join("\n") + "\n";
}

/** `calls` IOMMU_IOAS_MAP calls over ten IOAS in shuffled order: as many areas, none of which touches another. */
export function millionMaps(calls: number = CALLS): string {
  const places = shuffled(calls - SPACES, seeded(20260108));
  const lines = ['{"trace":"iommufd","platform":"mock","title":"a million areas"}'];
  for (let space = 0; space < SPACES; space++) lines.push('{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}');
  for (const place of places) {
    const iova = hex(0x1000_0000 + Math.floor(place / SPACES) * 32 * PAGE);
    lines.push(`{"call":"IOMMU_IOAS_MAP","in":{"flags":7,"ioas_id":${1 + (place % SPACES)},"user_va":${hex(0x7f00_0000_0000 + place * 16 * PAGE)},"length":${hex((1 + ((place * 7) % 16)) * PAGE)},"iova":${iova}}}`);
  }
  return lines.join("\n") + "\n";
}

/**
 * `calls` calls (at least 20) of one VFIO container that may hold a million mappings: three maps to one unmap in shuffled order,
 * so that half as many mappings as there are calls are live at the end. None is refused.
 */
export function millionVfio(calls: number = CALLS): string {
  const random = seeded(20260109);
  const lines = ['{"trace":"vfio-type1","platform":"intel-vtd","dma_entry_limit":1000000,"title":"a million calls of VFIO"}'];
  for (const call of ["VFIO_CONTAINER_OPEN", "VFIO_GROUP_OPEN", "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU"]) {
    lines.push(`{"call":"${call}","in":${call === "VFIO_GROUP_OPEN" ? '{"path":"/dev/vfio/3"}' : call === "VFIO_SET_IOMMU" ? '{"arg":3}' : "{}"}}`);
  }
  const unmaps = Math.floor((calls - 4) / 4);
  const places = shuffled(calls - 4 - unmaps, random);
  const lengthOf = (place: number) => hex((1 + ((place * 7) % 8)) * PAGE);
  const iovaOf = (place: number) => hex(0x1_0000_0000 + place * 16 * PAGE);
  const live: number[] = [];
  let mapped = 0;
  for (let step = 0; step < calls - 4; step++) {
    if (step - mapped < unmaps && live.length > 0 && (mapped === places.length || random(4) === 0)) {
      const index = random(live.length);
      const place = live[index] as number;
      live[index] = live.at(-1) as number;
      live.pop();
      lines.push(`{"call":"VFIO_IOMMU_UNMAP_DMA","in":{"iova":${iovaOf(place)},"size":${lengthOf(place)}}}`);
      continue;
    }
    const place = places[mapped++] as number;
    live.push(place);
    lines.push(`{"call":"VFIO_IOMMU_MAP_DMA","in":{"flags":3,"vaddr":${hex(0x7f00_0000_0000 + place * 8 * PAGE)},"iova":${iovaOf(place)},"size":${lengthOf(place)}}}`);
  }
  return lines.join("\n") + "\n";
}
