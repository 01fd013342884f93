import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { plural } from "../../base/format.ts";
import type { CallOffer } from "../../engine/views.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import { useApp, useEdits, useSession } from "../app.ts";
import { Errno } from "../parts/Errno.tsx";
import { Icon } from "../parts/Icon.tsx";
import type { Composing } from "../state/edits.ts";
import "../styles/edit.css";
import { CallPicker } from "./CallPicker.tsx";
import { FieldInput } from "./FieldInput.tsx";
import { askedOf, blankForm, fitting, formOf, NAMES, NOTE, problemsByField, rounded, withRange, writtenLine, type Form } from "./form.ts";
import { Preview } from "./Preview.tsx";
import { useOffers, useTried } from "./use-offers.ts";

/** Offers the calls that make sense, and says what the answer will be before a call is added. */
export default function Composer({ composing }: { composing: Composing }) {
  const { edits, session } = useApp();
  const step = useSession((state) => state.step);
  const busy = useSession((state) => state.busy !== null);
  const editing = composing.mode === "edit";
  /** Calls are tried, and added, after this step. */
  const at = editing ? composing.at - 1 : step;
  const { offers, problem } = useOffers(at);
  const [chosen, setChosen] = useState<string | null>(null);
  /** Null: what a form starts with is on its way. */
  const [form, setForm] = useState<Form | null>(null);
  const [given, setGiven] = useState<ScenarioCall["given"]>();
  const offer = offers?.calls.find(({ call }) => call === chosen) ?? null;
  if (!editing && form === null && offer && offers?.step === at) setForm(blankForm(offer));

  // The call that is to be changed comes from the engine, with names for its ids.
  useEffect(() => {
    if (!editing) return undefined;
    let wanted = true;
    session.engine.named().then(
      ({ calls }) => {
        const call = calls[composing.at - 1];
        if (!wanted || !call) return;
        setChosen(call.call);
        setForm(formOf(call));
        setGiven(call.given);
      },
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [editing, composing.at, session]);

  const close = useCallback(() => {
    edits.compose(null);
    document.querySelector<HTMLElement>(".calls")?.focus();
  }, [edits]);
  // While a call is added nothing in here has the focus.
  useEffect(() => {
    const escaped = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape" || event.target !== document.body) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    };
    document.addEventListener("keydown", escaped, true);
    return () => document.removeEventListener("keydown", escaped, true);
  }, [close]);
  const choose = (call: CallOffer) => {
    setChosen(call.call);
    setForm(null);
    setGiven(undefined);
  };
  const where = editing ? `Change step ${composing.at}` : at === 0 ? "Add a first call" : `Add a call after step ${at}`;

  return (
    // Escape closes it wherever in it one is.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className="composer"
      aria-label="Composer"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <header className="composer-head">
        <h2>{where}</h2>
        <button type="button" className="button button-quiet button-icon" aria-label="Close the composer" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {problem !== "" && <p className="composer-problem" role="alert">{problem}</p>}
      {offers && !offer && (!editing || chosen === null) && <CallPicker offers={offers} onChoose={choose} />}
      {editing && offers && chosen !== null && !offer && <p className="composer-problem">{chosen} is not a call that the model knows. It can be changed as text.</p>}
      {offer && form !== null && (
        <CallForm
          key={offer.call}
          offer={offer}
          values={form}
          given={given}
          at={at}
          editing={editing}
          busy={busy}
          onChange={setForm}
          onOther={() => setChosen(null)}
          onDone={async (call) => {
            if (!(await (editing ? edits.does("replace", composing.at, call) : edits.does("insert", at, call)))) return;
            if (editing) close();
            else setChosen(null);
          }}
        />
      )}
    </section>
  );
}

function firstField(form: HTMLFormElement | null): HTMLElement | null {
  return form?.querySelector<HTMLElement>(".composer-fields input:not([type=checkbox]), .composer-fields select, .composer-fields input") ?? form?.querySelector<HTMLElement>("button[type=submit]") ?? null;
}

interface CallFormProps {
  offer: CallOffer;
  values: Form;
  given: ScenarioCall["given"];
  at: number;
  editing: boolean;
  busy: boolean;
  onChange: (form: Form) => void;
  onOther: () => void;
  onDone: (call: ScenarioCall) => Promise<void>;
}

function CallForm({ offer, values, given, at, editing, busy, onChange, onOther, onDone }: CallFormProps) {
  const { edits, view, session } = useApp();
  const form = useRef<HTMLFormElement>(null);
  const picking = useEdits((state) => state.picking !== null);
  /** The diagram has been asked for: on a narrow screen it needs the room. */
  const [drawing, setDrawing] = useState(false);
  const hasSpace = useSession((state) => (state.frame?.iova ?? null) !== null);
  const written = useMemo(() => writtenLine(offer, values, given), [offer, values, given]);
  const tried = useTried(at, written.line);
  const problems = useMemo(() => problemsByField(written, tried?.problems ?? []), [written, tried]);
  const asked = askedOf(offer, values);
  const usual = offer.fields.filter((field) => !field.seldom);
  const seldom = offer.fields.filter((field) => field.seldom);
  const latest = useRef({ offer, values });
  useEffect(() => {
    latest.current = { offer, values };
  });
  const set = (field: string, text: string) => onChange({ ...values, [field]: text });

  // What is asked for is marked in the diagram while it is typed.
  const first = asked === null ? null : asked.first;
  const last = asked === null ? null : asked.last;
  useEffect(() => {
    if (first !== null && last !== null) view.select({ range: { first, last } });
  }, [view, first, last]);

  useLayoutEffect(() => {
    firstField(form.current)?.focus();
    return () => edits.pick(null);
  }, [edits]);
  /** From now on a drag over the diagram fills the range. */
  const pick = () => edits.pick((range) => onChange(withRange(latest.current.offer, latest.current.values, rounded(range))));
  const draw = () => {
    setDrawing(!drawing);
    if (drawing) edits.pick(null);
    else {
      pick();
      view.tab("iova");
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    // Who types and presses Enter is faster than the preview.
    const { call, problems: found } = await session.engine.tryCall(at, written.line);
    if (call && found.length === 0) await onDone(call);
  };
  const field = (name: string) => problems.get(name) ?? "";
  const stray = Object.keys(values).filter((name) => name !== NAMES && name !== NOTE && offer.fields.every((one) => one.name !== name));

  const errno = tried?.detail?.errno;
  return (
    // Enter in a list of choices would only unfold it; everywhere else it adds the call.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={form}
      className="composer-form"
      data-drawing={drawing || undefined}
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.target instanceof HTMLSelectElement)) return;
        event.preventDefault();
        form.current?.requestSubmit();
      }}
    >
      <div className="composer-scroll">
        <p className="composer-call">
          <code>{offer.call}</code>
          {!editing && (
            <button type="button" className="composer-other" onClick={onOther}>
              other call
            </button>
          )}
        </p>
        <p className="composer-summary">{offer.summary}.{offer.reason !== null && <em> {offer.reason}</em>}</p>
        <div className="composer-fields">
          {usual.map((one) => (
            <FieldInput key={one.name} field={one} value={values[one.name] ?? ""} problem={field(one.name)} onChange={(text) => set(one.name, text)} onFocus={one.name === offer.range?.first || one.name === offer.range?.length ? pick : undefined} />
          ))}
          {offer.range && hasSpace && (
            <button type="button" className="composer-draw" aria-pressed={drawing} onClick={draw}>
              {picking ? "Drag over the diagram" : "Draw the range"}
            </button>
          )}
          {stray.map((name) => (
            <FieldInput key={name} field={{ name, form: "text", takes: "kept as it is", required: false, suggested: "", absent: "", values: [], seldom: false }} value={values[name] ?? ""} problem={field(name)} onChange={(text) => set(name, text)} />
          ))}
          {offer.gives.length > 0 && (
            <FieldInput
              field={{ name: "Name", form: "text", takes: offer.gives.length > 1 ? `names, in this order: ${offer.gives.join(", ")}` : "what later calls call it by", required: false, suggested: "", absent: "made up", values: [], seldom: false }}
              value={values[NAMES] ?? ""}
              problem={field(NAMES)}
              onChange={(text) => set(NAMES, text)}
            />
          )}
          <FieldInput field={{ name: "Note", form: "text", takes: "a remark for readers", required: false, suggested: "", absent: "", values: [], seldom: false }} value={values[NOTE] ?? ""} problem="" plain onChange={(text) => set(NOTE, text)} />
          {seldom.length > 0 && (
            <details className="composer-more" open={seldom.some(({ name }) => (values[name] ?? "") !== "" && problems.has(name))}>
              <summary>{plural(seldom.length, "more field")}</summary>
              {seldom.map((one) => (
                <FieldInput key={one.name} field={one} value={values[one.name] ?? ""} problem={field(one.name)} onChange={(text) => set(one.name, text)} />
              ))}
            </details>
          )}
        </div>
        {problems.has("") && <p className="composer-problem">{problems.get("")}</p>}
        <Preview
          tried={tried}
          onUse={offer.range && {
            part: (fit) => fitting(fit, asked),
            take: (part) => {
              onChange(withRange(offer, values, part));
              form.current?.querySelector<HTMLElement>("button[type=submit]")?.focus();
            },
          }}
        />
      </div>
      <footer className="composer-foot">
        <code className="composer-line" title={written.line}>{tried?.call ? tried.text.split("\n").at(-1) : written.line}</code>
        {errno !== undefined && (
          <span aria-hidden="true">
            <Errno errno={errno} strong />
          </span>
        )}
        <button type="submit" className="button button-strong" aria-disabled={busy || !tried?.call || tried.problems.length > 0}>
          {editing ? "Change" : "Add"}
        </button>
      </footer>
    </form>
  );
}
