import { useContext } from "react";
import { ProblemsContext } from "./problems.ts";

interface Props {
  /** Names the field among the problems; see check.ts. */
  field: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Puts what was typed into its usual form when the field is left. */
  onLeave?: () => void;
  mono?: boolean;
  numeric?: boolean;
  placeholder?: string;
}

/** A line of text with its name above and what is wrong with it below. */
export function Field({ field, label, value, onChange, onLeave, mono, numeric, placeholder }: Props) {
  const { problems, tried } = useContext(ProblemsContext);
  // What nobody has filled in yet is not a mistake.
  const problem = tried || value.trim() !== "" ? problems.get(field) : undefined;
  const problemId = `${field}-problem`;
  return (
    <div className="pf-field">
      <label className="pf-label" htmlFor={field}>
        {label}
      </label>
      <input
        id={field}
        type="text"
        className={mono ? "pf-input pf-mono" : "pf-input"}
        value={value}
        placeholder={placeholder}
        inputMode={numeric ? "numeric" : undefined}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : problemId}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={onLeave}
      />
      {problem !== undefined && (
        <p className="pf-problem" id={problemId}>
          {problem}
        </p>
      )}
    </div>
  );
}
