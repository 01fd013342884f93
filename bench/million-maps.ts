/** A recording that ends with a million areas, the same in every run: what panning is measured on. */
const CALLS = 1_000_000;
const SPACES = 10;
const PAGE = 0x1000;
/** Steps of this many places visit all of them: it has no factor in common with any number of calls used here. */
const STRIDE = 7_368_787;

const hex = (value: number) => `"0x${value.toString(16)}"`;

/** JSON Lines: ten IOMMU_IOAS_ALLOC, then IOMMU_IOAS_MAP at fixed addresses, in no order, of areas that never touch. */
export function millionMaps(calls: number = CALLS): string {
  const maps = calls - SPACES;
  const lines = ['{"trace":"iommufd","platform":"mock","title":"a million areas"}'];
  for (let space = 0; space < SPACES; space++) lines.push('{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}');
  for (let index = 0; index < maps; index++) {
    const place = (index * STRIDE) % maps;
    const iova = hex(0x1000_0000 + Math.floor(place / SPACES) * 32 * PAGE);
    const length = hex((1 + ((place * 7) % 16)) * PAGE);
    lines.push(`{"call":"IOMMU_IOAS_MAP","in":{"flags":7,"ioas_id":${1 + (place % SPACES)},"user_va":${hex(0x7f00_0000_0000 + place * 16 * PAGE)},"length":${length},"iova":${iova}}}`);
  }
  return lines.join("\n") + "\n";
}
