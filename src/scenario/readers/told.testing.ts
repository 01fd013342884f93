/** For tests of readers. */
import type { Facts } from "./facts.ts";

/** All that a text said, as one text. */
export function told(facts: Facts): string {
  const plain = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value instanceof Map || value instanceof Set ? [...value] : value);
  const streams = facts.streams.map((stream) => ({ ...stream, ...("events" in stream && { events: [...stream.events] }) }));
  return JSON.stringify([Object.entries(facts).filter(([name]) => name !== "streams"), streams], plain);
}
