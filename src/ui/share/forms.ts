/** The forms that the page offers, in words. */
import type { ExportForm } from "../../engine/views.ts";

export interface FormChoice {
  form: ExportForm;
  title: string;
  about: string;
}

export const CHOICES: readonly FormChoice[] = [
  { form: "json", title: "Scenario file", about: "All of it, to be opened again here or elsewhere." },
  { form: "text", title: "Text", about: "One call a line, with names for ids. Can be edited and pasted back." },
  { form: "markdown", title: "Markdown", about: "For a mail, an issue or a commit message: every call, its answer, the reason." },
  { form: "step", title: "This step", about: "The call on screen, why it was refused, and what would work." },
  { form: "recording", title: "Recording", about: "JSON Lines with the model’s answers, in the form of the recordings." },
  { form: "c", title: "C program", about: "Makes the calls on a real kernel and says where it answers otherwise." },
];
