/** A broken promise of our own code, never a user's mistake. */
export class Bug extends Error {
  override name = "Bug";
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

/** The value, which our own invariants say is there. */
export function ensure<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new Bug(`missing: ${what}`);
  return value;
}

/** Ends a switch: the compiler proves that nothing reaches it. */
export function unreachable(value: never): never {
  throw new Bug(`unexpected value: ${String(value)}`);
}
