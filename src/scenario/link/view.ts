import type { OtherForm } from "../other-form.ts";
import type { WhatIf } from "../what-if.ts";

/** What the address bar holds besides the scenario. */
export interface LinkView {
  step: number;
  /** Selected object or range key. */
  selection?: string;
  /** Key of the IOVA space shown. */
  space?: string;
  /** The window on that space, "0x1000-0x1fff" (inclusive); absent: all of it. Links older than it have none, older readers pass over it. */
  window?: string;
  /** The form shown beside the scenario's own. */
  compare?: OtherForm;
  /** One thing changed, shown beside the scenario as it is. Older readers pass over it. */
  whatIf?: WhatIf;
}

/** A link that can't be opened; the message is a sentence for people. */
export class LinkError extends Error {
  override name = "LinkError";
}
