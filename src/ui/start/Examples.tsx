/** Placeholder until examples land. */
export function Examples() {
  return null;
}
