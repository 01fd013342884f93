import { useEffect, useState } from "react";
import { plural } from "../../base/format.ts";
import type { Clues, Diagnosis, Finding } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { plainAddresses } from "../inputs.ts";
import { Icon } from "../parts/Icon.tsx";
import { messageOf } from "../state/notices.ts";
import { answered, NOTHING_SAID, type Answers } from "./answers.ts";
import { Questions } from "./Questions.tsx";
import "../styles/diagnosis.css";

const SEVERITY: Record<Finding["severity"], string> = { fatal: "stops it", "peer-to-peer": "only peer-to-peer is lost", harmless: "harmless by itself" };
const SURE: Record<Finding["confidence"], string> = { given: "the log says so", modelled: "found by the model", guessed: "rests on a guess" };
const MOST_OTHERS = 12;

/** Why what was imported failed: the likeliest cause, what would work, how sure, what to run to be sure. */
export default function DiagnosisCard({ clues }: { clues: Clues }) {
  const { session, notices } = useApp();
  const load = useSession((state) => state.load);
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const [answers, setAnswers] = useState<Answers>(NOTHING_SAID);
  useEffect(() => {
    let wanted = true;
    session.engine.diagnose(answered(clues, answers)).then(
      (found) => {
        if (wanted) setDiagnosis(found);
      },
      (error: unknown) => {
        if (wanted) notices.problem(messageOf(error));
      },
    );
    return () => {
      wanted = false;
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- on another platform the answers are others
  }, [session, notices, clues, answers, load]);
  const at = useSession((state) => state.frame?.step ?? state.step);
  const [opened, setOpened] = useState(false);
  const [first, ...others] = diagnosis?.findings ?? [];
  if (!diagnosis || !first) return null;
  const answer = (next: Answers) => {
    // Who answers sees what becomes of it, wherever that is.
    setOpened(true);
    setAnswers(next);
  };
  // At other steps their own reasons come first.
  if (first.step !== null && first.step !== at && !opened) {
    return (
      <section className="diagnosis diagnosis-short" data-severity={first.severity} aria-label="Diagnosis">
        <p className="diagnosis-what">{first.text}</p>
        <div className="diagnosis-actions">
          <StepButton finding={first} />
          <button type="button" className="button" onClick={() => setOpened(true)}>
            What would work
          </button>
        </div>
      </section>
    );
  }
  return (
    <section className="diagnosis" data-severity={first.severity} aria-label="Diagnosis">
      <Found finding={first} />
      <Questions finding={first} clues={clues} answers={answers} onAnswer={answer} />
      <div className="diagnosis-actions">
        <CopyButton text={plainAddresses(diagnosis.reply)} label="Copy as a reply" />
        <StepButton finding={first} />
      </div>
      {others.length > 0 && (
        <details>
          <summary>{plural(others.length, "further finding")}</summary>
          <ul className="diagnosis-others">
            {others.slice(0, MOST_OTHERS).map((finding, index) => (
              <li key={`${index}:${finding.cause}`}>
                <b>{finding.cause}</b> <span className="diagnosis-soft">{SEVERITY[finding.severity]}</span>
                <p>{finding.text}</p>
                <StepButton finding={finding} />
              </li>
            ))}
          </ul>
          {others.length > MOST_OTHERS && <p className="diagnosis-soft">… {others.length - MOST_OTHERS} more</p>}
        </details>
      )}
    </section>
  );
}

function Found({ finding }: { finding: Finding }) {
  return (
    <>
      <p className="diagnosis-what">{finding.text}</p>
      <p>
        <b>What would work.</b> {finding.remedy}
      </p>
      <h3>
        {finding.cause}{" "}
        <span className="diagnosis-soft">
          {SEVERITY[finding.severity]} · <Place finding={finding} />
          {SURE[finding.confidence]}: {finding.basis}.
        </span>
      </h3>
      {finding.needs.length > 0 && (
        <details className="diagnosis-needs">
          <summary>To be sure: what to run on the host</summary>
          {finding.needs.map((need) => (
            <div key={need.command} className="diagnosis-need">
              <span className="diagnosis-soft">{need.why}</span>
              <code>{need.command}</code>
              <CopyButton text={need.command} label="Copy" />
            </div>
          ))}
        </details>
      )}
    </>
  );
}

/** The line of the log that a finding is about; it leads there. */
function Place({ finding: { where } }: { finding: Finding }) {
  const { view } = useApp();
  if (!where) return null;
  return (
    <>
      <button type="button" className="text-button" onClick={() => view.open("lines", `${where.file}:${where.line}`)}>
        {where.file}, line {where.line}
      </button>
      {" · "}
    </>
  );
}

function StepButton({ finding }: { finding: Finding }) {
  const { session, view } = useApp();
  const at = useSession((state) => state.step);
  const { step, range } = finding;
  if (step === null || step === at) return null;
  const go = () => {
    void session.goto(step);
    if (range) view.show({ range });
  };
  return (
    <button type="button" className="button" onClick={go}>
      Go to step {step}
    </button>
  );
}

function CopyButton({ text, label }: { text: string; label: string }) {
  const { notices } = useApp();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      notices.problem("The browser did not let us write to the clipboard.");
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {copied && <Icon name="check" size={12} />} {copied ? "Copied" : label}
    </button>
  );
}
