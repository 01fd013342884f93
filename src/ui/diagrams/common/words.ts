/** "dev 1, dev 2 and 5 more". */
export function listed(words: readonly string[], most: number): string {
  if (words.length <= most) return words.join(", ");
  return `${words.slice(0, most - 1).join(", ")} and ${words.length - most + 1} more`;
}

const COUNT = new Intl.NumberFormat("en");

/** "4,213". One formatter for all: making one takes longer than a frame has. */
export function countText(count: number): string {
  return COUNT.format(count);
}
