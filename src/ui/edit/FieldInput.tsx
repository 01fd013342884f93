import { useId, useState } from "react";
import type { FieldOffer } from "../../engine/views.ts";

interface FieldProps {
  field: FieldOffer;
  value: string;
  problem: string;
  onChange: (text: string) => void;
  onFocus?: () => void;
  /** Words, not a value. */
  plain?: boolean;
}

const OTHER = "\u0000other";

/** One field of a call, in the words of the text form. */
export function FieldInput(props: FieldProps) {
  const { field, value, problem } = props;
  const id = useId();
  const problemId = problem === "" ? undefined : `${id}-problem`;
  const parts = value.split("|").map((part) => part.trim()).filter((part) => part !== "" && part !== "0");
  const asBoxes = field.form === "flags" && parts.every((part) => field.values.some(({ text }) => text === part));
  if (asBoxes) {
    const toggle = (name: string, on: boolean) => {
      const next = field.values.map(({ text }) => text).filter((text) => (text === name ? on : parts.includes(text)));
      props.onChange(next.length > 0 ? next.join("|") : field.required ? "0" : "");
    };
    return (
      <fieldset className="composer-field composer-flags" aria-describedby={problemId}>
        <legend>{field.name}</legend>
        <div>
          {field.values.map(({ text }) => (
            <label key={text}>
              <input type="checkbox" checked={parts.includes(text)} onChange={(event) => toggle(text, event.currentTarget.checked)} onFocus={props.onFocus} />
              <code>{text}</code>
            </label>
          ))}
        </div>
        {problem !== "" && <p className="composer-problem" id={problemId}>{problem}</p>}
      </fieldset>
    );
  }
  return (
    <div className="composer-field">
      <label htmlFor={id}>{field.name}</label>
      <Value {...props} id={id} problemId={problemId} />
      {problem !== "" && <p className="composer-problem" id={problemId}>{problem}</p>}
    </div>
  );
}

function Value({ field, value, problem, problemId, id, onChange, onFocus, plain }: FieldProps & { id: string; problemId: string | undefined }) {
  const [typed, setTyped] = useState(false);
  const values = field.form === "yes-no" ? [{ text: "true", label: "" }, { text: "false", label: "" }] : field.values;
  const listed = value === "" || values.some(({ text }) => text === value);
  const shared = { id, "aria-invalid": problem !== "", "aria-describedby": problemId, onFocus };
  if (values.length > 0 && !typed && listed && field.form !== "text" && field.form !== "address" && field.form !== "length") {
    return (
      <select {...shared} value={value} onChange={(event) => (event.currentTarget.value === OTHER ? setTyped(true) : onChange(event.currentTarget.value))}>
        {(!field.required || value === "") && <option value="">{field.absent === "" ? "(left out)" : `(left out: ${field.absent})`}</option>}
        {values.map(({ text, label }) => (
          <option key={text} value={text}>
            {label === "" || label === text ? text : `${text} · ${label}`}
          </option>
        ))}
        {field.form !== "yes-no" && <option value={OTHER}>a number …</option>}
      </select>
    );
  }
  const suggestions = values.length > 0 ? `${id}-values` : undefined;
  return (
    <>
      <input
        {...shared}
        type="text"
        className={plain ? undefined : "composer-mono"}
        value={value}
        list={suggestions}
        placeholder={field.absent === "" ? (field.required ? field.takes : plain ? field.takes : "") : field.absent}
        title={field.takes}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={plain === true}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {suggestions !== undefined && (
        <datalist id={suggestions}>
          {values.map(({ text, label }) => (
            <option key={text} value={text}>{label}</option>
          ))}
        </datalist>
      )}
    </>
  );
}
