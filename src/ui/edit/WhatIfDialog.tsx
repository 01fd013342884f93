import { useEffect, useRef, useState } from "react";
import { platformPresets } from "../../kernel/platform/presets.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { WhatIf } from "../../scenario/what-if.ts";
import type { CallOffer } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { messageOf } from "../state/notices.ts";
import "../styles/edit.css";
import { FieldInput } from "./FieldInput.tsx";
import { formOf, NAMES, NOTE, writtenLine } from "./form.ts";
import { HostSelect } from "./HostSelect.tsx";
import { runWhatIf } from "./what-if.ts";

type Kind = "field" | "platform" | "form";

/** Changes one thing, and holds the run as it is against the run as it would be. */
export default function WhatIfDialog() {
  const { session, view, notices } = useApp();
  const step = useSession((state) => state.step);
  const forms = useSession((state) => state.loaded?.forms ?? []).filter((form) => !form.current);
  const [named, setNamed] = useState<Scenario | null>(null);
  const [offer, setOffer] = useState<CallOffer | null>(null);
  const [kind, setKind] = useState<Kind>(step > 0 ? "field" : "platform");
  const [host, setHost] = useState(platformPresets[0]?.id ?? "");
  const [formIndex, setFormIndex] = useState(0);
  const [field, setField] = useState("");
  const [value, setValue] = useState("");
  const [problem, setProblem] = useState("");
  const formElement = useRef<HTMLFormElement>(null);
  const call: ScenarioCall | undefined = named?.calls[step - 1];
  const fields = offer?.fields.filter(({ seldom }) => !seldom) ?? [];
  const chosen = offer?.fields.find(({ name }) => name === field);

  useEffect(() => {
    Promise.all([session.engine.named(), session.engine.offers(Math.max(0, step - 1))]).then(
      ([scenario, offers]) => {
        const made = scenario.calls[step - 1];
        const found = offers.calls.find((one) => one.call === made?.call) ?? null;
        const first = found?.range?.first ?? found?.fields.find(({ seldom }) => !seldom)?.name ?? "";
        setNamed(scenario);
        setOffer(found);
        setField(first);
        setValue(made ? (formOf(made)[first] ?? "") : "");
        if (!found) setKind("platform");
        requestAnimationFrame(() => formElement.current?.querySelector<HTMLElement>(found ? "select" : "input:checked")?.focus());
      },
      (error: unknown) => {
        notices.problem(messageOf(error));
        view.open(null);
      },
    );
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- as it was when the dialog opened
  }, []);

  const asked = async (): Promise<WhatIf | null> => {
    if (kind === "platform") return { name: platformPresets.find(({ id }) => id === host)?.name ?? "another host", host };
    if (!call || !offer) return null;
    const tried = await session.engine.tryCall(step - 1, writtenLine(offer, { ...formOf(call), [field]: value, [NAMES]: formOf(call)[NAMES] ?? "", [NOTE]: "" }, call.given).line);
    if (!tried.call || tried.problems.length > 0) {
      setProblem(tried.problems[0]?.message ?? "It can't be read.");
      return null;
    }
    return { name: `step ${step}: ${field}=${value.trim() === "" ? "left out" : value.trim()}`, step, call: tried.call };
  };
  const run = async () => {
    const other = forms[formIndex];
    if (kind === "form" && other) {
      await session.compare(other.target);
      return;
    }
    const whatIf = named && (await asked());
    if (whatIf) await runWhatIf(session, whatIf);
  };

  return (
    <Dialog title="What if…" onClose={() => view.open(null)}>
      <p>One thing is changed, and both runs are shown side by side, up to where they part.</p>
      <form
        ref={formElement}
        className="write-form what-form"
        onSubmit={(event) => {
          event.preventDefault();
          run().catch((error: unknown) => notices.problem(messageOf(error)));
        }}
      >
        <fieldset className="what-kinds">
          <legend className="sr-only">What is changed</legend>
          {call && offer && (
            <label>
              <input type="radio" name="what" checked={kind === "field"} onChange={() => setKind("field")} /> A field of step {step}, {call.call}
            </label>
          )}
          <label>
            <input type="radio" name="what" checked={kind === "platform"} onChange={() => setKind("platform")} /> The host
          </label>
          {forms.length > 0 && (
            <label>
              <input type="radio" name="what" checked={kind === "form"} onChange={() => setKind("form")} /> The kernel
            </label>
          )}
        </fieldset>
        {kind === "field" && call && offer && (
          <>
            <label className="write-field">
              <span>Field</span>
              <select
                value={field}
                onChange={(event) => {
                  setField(event.currentTarget.value);
                  setValue(formOf(call)[event.currentTarget.value] ?? "");
                  setProblem("");
                }}
              >
                {fields.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
            {chosen && (
              <div className="composer-fields">
                <FieldInput
                  key={chosen.name}
                  field={chosen}
                  value={value}
                  problem={problem}
                  onChange={(text) => {
                    setValue(text);
                    setProblem("");
                  }}
                />
              </div>
            )}
          </>
        )}
        {kind === "platform" && (
          <HostSelect value={host} onChange={setHost} />
        )}
        {kind === "form" && (
          <label className="write-field">
            <span>Form</span>
            <select value={formIndex} onChange={(event) => setFormIndex(Number(event.currentTarget.value))}>
              {forms.map((form, index) => (
                <option key={`${form.part} ${form.name}`} value={index}>
                  {form.part}: {form.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <div className="form-buttons">
          <button type="button" className="button" onClick={() => view.open(null)}>
            Cancel
          </button>
          <button type="submit" className="button button-strong">
            Compare
          </button>
        </div>
      </form>
    </Dialog>
  );
}
