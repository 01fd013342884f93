import type { OtherForm } from "../../engine/views.ts";

/** Do two choices name the same form? */
export function sameForm(left: OtherForm, right: OtherForm): boolean {
  const [one, other] = [Object.entries(left), Object.entries(right)];
  return one.length === other.length && one.every(([part, value]) => right[part as keyof OtherForm] === value);
}
