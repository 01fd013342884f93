/** "Did you mean": the known name nearest to a misspelt one. */

const LONGEST = 60;

/** Edits (one letter put in, left out, changed, or two swapped) from one word to another. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_none, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const same = one[at - 1] === other[to - 1];
      let cost = Math.min((row[to] as number) + 1, (next[to - 1] as number) + 1, (row[to - 1] as number) + (same ? 0 : 1));
      if (at > 1 && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1]) cost = Math.min(cost, (before[to - 2] as number) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[other.length] as number;
}

/** The nearest known name; null when none is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > LONGEST) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 0.5;
  for (const name of known) {
    const plain = name.toLowerCase();
    if (Math.abs(plain.length - wanted.length) >= least) {
      // What is only begun: IOAS_MAP, IOMMU_IOAS_AL.
      if (wanted.length >= 4 && best === null && (plain.startsWith(wanted) || plain.endsWith(`_${wanted}`))) best = name;
      continue;
    }
    const edits = distance(wanted, plain);
    if (edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}

/** " – did you mean iova?", or nothing. */
export function suggestion(word: string, known: Iterable<string>): string {
  const name = nearest(word, known);
  return name === null ? "" : `; did you mean ${name}?`;
}
