/** Gives the copy of anything that is part of what is being copied. */
export type Copy = <Part>(part: Part) => Part;

/** An object that knows how to copy itself (a big store with its own copy-on-write, say). */
export interface SelfCloning {
  /** An object in a circle tells its copy to `register` before it asks for copies of what may refer back to it. */
  cloneSelf(copy: Copy, register: (twin: object) => void): object;
}

function clonesItself(value: object): value is SelfCloning {
  return typeof (value as Partial<SelfCloning>).cloneSelf === "function";
}

/**
 * A deep copy of a state graph: identity and cycles are kept, prototypes too. Frozen objects (configuration, rules,
 * definitions) are shared. Functions are shared: state must not close over state. `tally` is told how many objects were copied.
 */
export function cloneState<Value>(root: Value, tally?: { objects: number }): Value {
  const copies = new Map<object, object>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = copies.get(value);
    if (known) return known;
    if (Object.isFrozen(value)) return value;
    if (clonesItself(value)) {
      const twin = value.cloneSelf(copy as Copy, (early) => void copies.set(value, early));
      copies.set(value, twin);
      return twin;
    }
    if (ArrayBuffer.isView(value)) {
      const twin = (value as Uint8Array).slice();
      copies.set(value, twin);
      return twin;
    }
    if (Array.isArray(value)) {
      const twin: unknown[] = [];
      copies.set(value, twin);
      for (const item of value) twin.push(copy(item));
      return twin;
    }
    if (value instanceof Map) {
      const twin = new Map<unknown, unknown>();
      copies.set(value, twin);
      for (const [key, item] of value) twin.set(copy(key), copy(item));
      return twin;
    }
    if (value instanceof Set) {
      const twin = new Set<unknown>();
      copies.set(value, twin);
      for (const item of value) twin.add(copy(item));
      return twin;
    }
    const twin = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>;
    copies.set(value, twin);
    for (const key in value) {
      const part = (value as Record<string, unknown>)[key];
      twin[key] = typeof part === "object" && part !== null ? copy(part) : part;
    }
    return twin;
  };
  const twin = copy(root) as Value;
  if (tally) tally.objects = copies.size;
  return twin;
}
