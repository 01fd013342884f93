import { useId, useState } from "react";
import type { Option, Question, QuestionKind } from "../../lessons/lesson.ts";
import { Icon } from "../parts/Icon.tsx";
import { optionForAddress, typedAddress } from "./answers.ts";
import { Prose, Words } from "./Prose.tsx";

const HINTS: Record<QuestionKind, string> = {
  choice: "Predict, then look.", concept: "What do you think?", address: "Type the address, such as 0x1000.", click: "Choose here, or click it in a diagram.",
};

interface Props {
  question: Question;
  /** Options chosen so far, the last one last. */
  chosen: readonly number[];
  revealed: boolean;
  onChoose: (option: number) => void;
}

/** Why an answer is right or wrong, under it. */
function Reason({ option }: { option: Option }) {
  return (
    <div className={option.right ? "lesson-reason lesson-reason-right" : "lesson-reason"}>
      <Prose blocks={option.feedback} />
    </div>
  );
}

function OptionButton({ option, picked, shownRight, onChoose }: { option: Option; picked: boolean; shownRight: boolean; onChoose: () => void }) {
  const state = (picked || shownRight) && (option.right ? "right" : "wrong");
  return (
    <li>
      <button type="button" className={`lesson-option ${state ? `lesson-option-${state}` : ""}`} aria-pressed={picked} onClick={onChoose}>
        <span className="lesson-option-sign" aria-hidden="true">
          {state && <Icon name={state === "right" ? "check" : "close"} size={13} />}
        </span>
        <span>
          <Words content={option.text} still />
        </span>
        {state && <span className="sr-only">{state === "right" ? " (right)" : " (not so)"}</span>}
      </button>
      {(picked || shownRight) && <Reason option={option} />}
    </li>
  );
}

function AddressForm({ question, onChoose }: { question: Question; onChoose: (option: number) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  return (
    <form
      className="lesson-address-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const address = typedAddress(text);
        const option = address === null ? -1 : optionForAddress(question, address);
        setProblem(address === null ? "That is no address: 0x and hexadecimal digits are." : "");
        if (option >= 0) onChoose(option);
      }}
    >
      <input id={id} type="text" className="lesson-input" aria-label="Your address" placeholder="0x…" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <button type="submit" className="button">
        Answer
      </button>
      {problem !== "" && <p className="lesson-input-problem">{problem}</p>}
    </form>
  );
}

/** A question with its answers. After the right one, the others can still be pressed to read why not. */
export function QuestionBox({ question, chosen, revealed, onChoose }: Props) {
  const titleId = useId();
  const typed = question.kind === "address";
  // Typed answers show only those that were given, and in the end the right one.
  const listed = question.options.flatMap((option, index) => (!typed || chosen.includes(index) || (revealed && option.right) ? [{ option, index }] : []));
  const visible = listed.filter(({ option, index }) => !option.other || chosen.includes(index));
  return (
    <div className="lesson-question" role="group" aria-labelledby={titleId}>
      <p className="lesson-prompt" id={titleId}>
        <Words content={question.prompt} />
      </p>
      {!revealed && <p className="lesson-hint">{HINTS[question.kind]}</p>}
      {typed && !revealed && <AddressForm question={question} onChoose={onChoose} />}
      <ul className="lesson-options">
        {visible.map(({ option, index }) => (
          <OptionButton
            key={index}
            option={option.other ? { ...option, text: [{ kind: "text", text: typed ? "Another address" : "Something else" }] } : option}
            picked={chosen.includes(index)}
            shownRight={revealed && option.right}
            onChoose={() => onChoose(index)}
          />
        ))}
      </ul>
    </div>
  );
}
