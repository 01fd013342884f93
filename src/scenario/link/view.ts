import type { OtherForm } from "../other-form.ts";

/** What the address bar holds besides the scenario. */
export interface LinkView {
  step: number;
  /** Selected object or range key. */
  selection?: string;
  /** Key of the IOVA space shown. */
  space?: string;
  /** The form shown beside the scenario's own. */
  compare?: OtherForm;
}

/** A link that can't be opened; the message is a sentence for people. */
export class LinkError extends Error {
  override name = "LinkError";
}
