/** One result of `npm run bench`: a JSON object on a line of its own. */
export interface Line {
  name: string;
  value: number;
  unit: string;
  better: "lower" | "higher";
  /** Absent for a stretch aim or a figure that is only watched. */
  goal?: number;
  /** The named peer, measured in this same run. */
  peer?: string;
  peer_value?: number;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Prints a line; `met` says whether the goal is reached (true where there is none). */
export function print(line: Line): void {
  const met = line.goal === undefined || (line.better === "lower" ? line.value <= line.goal : line.value >= line.goal);
  const rounded = { ...line, value: round(line.value), ...(line.peer_value === undefined ? {} : { peer_value: round(line.peer_value) }) };
  process.stdout.write(JSON.stringify({ ...rounded, met }) + "\n");
}

export function median(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/** Median of several runs of something that measures itself. */
export async function medianOf(runs: number, measure: () => number | Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return median(values);
}
