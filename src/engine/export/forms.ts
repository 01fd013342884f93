/** The forms in which a scenario leaves iovascope. */

/** "text": the text form; "recording": JSON Lines with the model's answers; "step": one step as Markdown. */
export const EXPORT_FORMS = ["text", "json", "recording", "markdown", "step", "c"] as const;
export type ExportForm = (typeof EXPORT_FORMS)[number];

export interface ExportOptions {
  /** The step on screen: what "step" is about. */
  step: number;
  /** The full link to the scenario, for the forms that carry one; null: it fits no link. */
  link: string | null;
}

export interface Exported {
  /** File name without its folder. */
  name: string;
  /** Media type. */
  type: string;
  text: string;
}
