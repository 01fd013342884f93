/** What a comparison with a changed scenario was asked for, so that a link can ask it again. */
import type { Compared } from "../../engine/views.ts";
import type { WhatIf } from "../../scenario/what-if.ts";

const ASKED = new WeakMap<Compared, WhatIf>();

export function keepWhatIf(compared: Compared, whatIf: WhatIf): void {
  ASKED.set(compared, whatIf);
}

export function whatIfOf(compared: Compared): WhatIf | null {
  return ASKED.get(compared) ?? null;
}
