/** Plain JSON, the form in which answers, states and scenarios leave the model. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Where two JSON values first differ, as "path: expected X, got Y"; null when they are equal.
 * An absent field and a field that is `undefined` are the same thing; an absent field and null are not.
 */
export function firstDifference(expected: unknown, got: unknown, path = ""): { path: string; expected: unknown; got: unknown } | null {
  if (expected === got) return null;
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let index = 0; index < Math.max(expected.length, got.length); index++) {
      const found = firstDifference(expected[index], got[index], `${path}[${index}]`);
      if (found) return found;
    }
    return null;
  }
  if (isJsonObject(expected) && isJsonObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const found = firstDifference(expected[key], got[key], path === "" ? key : `${path}.${key}`);
      if (found) return found;
    }
    return null;
  }
  return { path, expected, got };
}
