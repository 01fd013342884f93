import { useState } from "react";
import type { FormView } from "../../engine/views.ts";
import { underForm } from "../../scenario/other-form.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { sameForm } from "./same-form.ts";

const KIND_WORDS: Record<FormView["kind"], string> = { merged: "merged", posted: "as posted", proposal: "proposal, never code" };

/** "May 2019 · as posted"; a proposal says of itself that it never was code. */
export function KindChip({ form }: { form: FormView }) {
  return (
    <span className={`chip chip-plain form-kind form-${form.kind}`}>
      {form.kind === "proposal" ? KIND_WORDS.proposal : `${form.era} · ${KIND_WORDS[form.kind]}`}
    </span>
  );
}

/** Which form of which part: the left one is the scenario's own, the right one is chosen here. */
export function CompareDialog() {
  const { view, session, notices } = useApp();
  const forms = useSession((state) => state.loaded?.forms ?? []);
  const compared = useSession((state) => state.compared);
  const scenario = useSession((state) => state.scenario);
  const step = useSession((state) => state.step);
  const reading = useSession((state) => state.reading);
  const parts = [...new Set(forms.map((form) => form.part))];
  const comparedPart = forms.find((form) => compared !== null && sameForm(form.target, compared.target))?.part;
  const [part, setPart] = useState(comparedPart ?? parts[0] ?? "");
  const offered = forms.filter((form) => form.part === part);
  const own = offered.find((form) => form.current);

  const runLeft = (form: FormView) => {
    if (!scenario) return;
    // What was recorded belongs to the form that it was recorded from.
    session.open(underForm(scenario, form.target), { step, reading }).then(() => view.open("compare"), (error: Error) => notices.problem(error.message));
  };

  return (
    <Dialog title="Compare with another form of the kernel" onClose={() => view.open(null)}>
      <p>The same calls run under two forms, side by side, and stop where the two part.</p>
      {parts.length > 1 && (
        <fieldset className="form-parts" aria-label="Part of the kernel">
          {parts.map((name) => (
            <button key={name} type="button" className="chip" aria-pressed={name === part} onClick={() => setPart(name)}>
              {name}
            </button>
          ))}
        </fieldset>
      )}
      {own && (
        <label className="form-left">
          <span>Left</span>
          <select value={own.name} onChange={(event) => runLeft(offered.find((form) => form.name === event.currentTarget.value) ?? own)}>
            {offered.map((form) => (
              <option key={form.name}>{form.name}</option>
            ))}
          </select>
        </label>
      )}
      <h3 className="form-right">Right</h3>
      <ul className="forms">
        {offered
          .filter((form) => !form.current)
          .map((form, index) => (
            <li key={form.name}>
              <button
                type="button"
                className="list-row form-choice"
                data-first-focus={index === 0 ? "" : undefined}
                aria-current={compared !== null && sameForm(form.target, compared.target)}
                onClick={() => void session.compare(form.target)}
              >
                <span className="form-name">{form.name}</span>
                <KindChip form={form} />
                <span className="form-about">{form.about}</span>
              </button>
            </li>
          ))}
      </ul>
      {compared && (
        <div className="form-buttons">
          <button type="button" className="button" onClick={() => void session.compare(null)}>
            Stop comparing
          </button>
        </div>
      )}
    </Dialog>
  );
}
