/** Below this many a comparison sort is as good. */
const FEW = 2048;
const BUCKETS = 65_536;

/** The order that sorts the first `count` keys (none negative) ascending; equal keys stay in their order. Linear in `count`. */
export function sortedOrder(keys: Float64Array, count: number): Uint32Array {
  let order = Uint32Array.from({ length: count }, (_, index) => index);
  if (count < FEW) return order.sort((one, other) => (keys[one] as number) - (keys[other] as number) || one - other);
  // Floats that are not negative sort like their bits, sixteen at a time from the lowest.
  const digits = new Uint16Array(keys.buffer, keys.byteOffset, count * 4);
  let next = new Uint32Array(count);
  for (let digit = 0; digit < 4; digit++) {
    const places = new Uint32Array(BUCKETS);
    for (let index = digit; index < digits.length; index += 4) places[digits[index] as number]!++;
    if (places[digits[digit] as number] === count) continue;
    let place = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const size = places[bucket] as number;
      places[bucket] = place;
      place += size;
    }
    for (let at = 0; at < count; at++) {
      const index = order[at] as number;
      next[places[digits[index * 4 + digit] as number]!++] = index;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Parts an order by group (0 … groups − 1), keeping it inside each; `bounds[group]` is where the group starts. */
export function grouped(order: Uint32Array, groupOf: Uint32Array, groups: number): { order: Uint32Array; bounds: Uint32Array } {
  const bounds = new Uint32Array(groups + 1);
  for (const index of order) bounds[(groupOf[index] as number) + 1]!++;
  for (let group = 0; group < groups; group++) bounds[group + 1]! += bounds[group] as number;
  const places = bounds.slice();
  const parted = new Uint32Array(order.length);
  for (const index of order) parted[places[groupOf[index] as number]!++] = index;
  return { order: parted, bounds };
}
