import { useEffect, useId, useState } from "react";
import type { Exported, ExportForm } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { saveFile } from "../parts/save-file.ts";
import { messageOf } from "../state/notices.ts";
import "../styles/share.css";
import { CHOICES } from "./forms.ts";

/** Characters of a text that are shown; all of it is copied and saved. */
const MOST_SHOWN = 20_000;

type Made = { form: ExportForm; file: Exported } | { form: ExportForm; problem: string };

/** The scenario in a form; null while it is being made. */
function useExported(form: ExportForm, step: number): Made | null {
  const { session, address } = useApp();
  const [made, setMade] = useState<Made | null>(null);
  useEffect(() => {
    let wanted = true;
    const make = async () => {
      const link = form === "json" || form === "text" || form === "recording" ? null : await address.link().catch(() => null);
      return session.engine.export(form, { step, link });
    };
    make().then(
      (file) => wanted && setMade({ form, file }),
      (error: unknown) => wanted && setMade({ form, problem: messageOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [session, address, form, step]);
  return made?.form === form ? made : null;
}

function Preview({ made }: { made: Made | null }) {
  if (made === null) return <p className="export-status" role="status">Writing…</p>;
  if ("problem" in made) return <p className="export-status">{made.problem}</p>;
  const { text, name } = made.file;
  const lines = text.split("\n").length - 1;
  return (
    <>
      <p className="export-file">
        <code>{name}</code> · {lines.toLocaleString("en")} {lines === 1 ? "line" : "lines"}, {Math.ceil(text.length / 1000).toLocaleString("en")} kB
      </p>
      {/* Scrolls by itself, so the keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="export-text" tabIndex={0} aria-label="The text">
        {text.slice(0, MOST_SHOWN)}
        {text.length > MOST_SHOWN && "\n… the rest is in the file"}
      </pre>
    </>
  );
}

/** The scenario in another form: to read, to copy, to save. */
export default function ExportDialog() {
  const { view, session, notices } = useApp();
  const step = useSession((state) => state.step);
  const [form, setForm] = useState<ExportForm>("json");
  const made = useExported(form, step);
  const name = useId();
  const file = made && "file" in made ? made.file : null;

  const save = async () => {
    try {
      // The scenario file of a very long run is written piece by piece.
      if (form === "json") {
        const whole = await session.engine.file();
        saveFile(whole.name, whole.content.type, whole.content);
      } else if (file) saveFile(file.name, file.type, file.text);
      notices.info(form === "json" ? "Saved. Import it, here or elsewhere, to open it again." : "Saved.");
      view.open(null);
    } catch (error) {
      notices.problem(messageOf(error));
    }
  };
  const copy = async () => {
    if (!file) return;
    try {
      await navigator.clipboard.writeText(file.text);
      notices.info("Copied.");
    } catch {
      notices.problem("The browser did not let us write to the clipboard. Mark the text and copy it by hand.");
    }
  };

  return (
    <Dialog title="Export" wide onClose={() => view.open(null)}>
      <div className="export">
        <fieldset className="export-forms">
          <legend className="sr-only">Form</legend>
          {CHOICES.map((choice) => (
            <label key={choice.form} className="export-form" data-chosen={choice.form === form || undefined}>
              <input type="radio" name={name} checked={choice.form === form} data-first-focus={choice.form === form || undefined} onChange={() => setForm(choice.form)} />
              <span className="export-title">{choice.title}</span>
              <span className="export-about">{choice.about}</span>
            </label>
          ))}
        </fieldset>
        <section className="export-preview" aria-label="Preview" aria-busy={made === null}>
          <Preview made={made} />
        </section>
      </div>
      <div className="form-buttons">
        <button type="button" className="button" disabled={!file} onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" className="button button-strong" disabled={form !== "json" && !file} onClick={() => void save()}>
          Save the file
        </button>
      </div>
    </Dialog>
  );
}
