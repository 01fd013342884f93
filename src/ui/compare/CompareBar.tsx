import { useState } from "react";
import { PART, type Compared, type DifferenceView, type OtherSide } from "../../engine/views.ts";
import { useApp, useSession, useView } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import { Icon } from "../parts/Icon.tsx";
import { marksKey } from "../state/selection.ts";

/** Differences shown before the rest folds away. */
const SHOWN = 2;

const PART_WORDS: Record<number, string> = {
  [PART.same]: "No difference here", [PART.answer]: "The answers differ", [PART.state]: "The states differ", [PART.carried]: "Still apart, nothing new",
  [PART.path]: "The same end by another way",
};

/** One difference; pressing it marks what it is about in both columns. */
function Difference({ difference }: { difference: DifferenceView }) {
  const { view } = useApp();
  const [about] = difference.objects;
  const marked = useView((state) => about !== undefined && marksKey(state.selection, about.key));
  if (!about) return <li className="difference">{difference.text}</li>;
  return (
    <li className="difference">
      <button type="button" aria-pressed={marked} onClick={() => view.select(marked ? null : { key: about.key })}>
        {difference.text}
      </button>
    </li>
  );
}

function Differences({ other }: { other: OtherSide }) {
  const [all, setAll] = useState(false);
  const shown = all ? other.differences : other.differences.slice(0, SHOWN);
  const hidden = other.differences.length - shown.length + (all ? 0 : other.more);
  return (
    <>
      <ul className="differences">
        {shown.map((difference) => (
          <Difference key={difference.text} difference={difference} />
        ))}
        {all && other.more > 0 && <li className="difference quiet">and {other.more} more</li>}
      </ul>
      {hidden > 0 && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {hidden} more
        </button>
      )}
    </>
  );
}

function FirstDifference({ compared, step }: { compared: Compared; step: number }) {
  if (!compared.first) return <p className="compare-first">The two agree from the first call to the last.</p>;
  if (compared.first.step === step) return null;
  return (
    <CommandButton id="first-difference" label="First difference" className="compare-jump">
      First difference: step {compared.first.step}
    </CommandButton>
  );
}

/** What is not the same at this step, and where the two part. */
export function CompareBar() {
  const { session, commands } = useApp();
  const compared = useSession((state) => state.compared);
  const frame = useSession((state) => state.frame);
  if (!compared) return null;
  const other = frame?.other ?? null;
  const part = other?.part ?? PART.same;
  const sign = part === PART.same || part === PART.carried ? "same" : "differs";
  return (
    <section className={`compare-bar compare-${sign}`} aria-label="Comparison">
      <p className="compare-state">
        <span className={`part part-${part}`} aria-hidden="true" />
        {frame?.step === 0 ? "Before the first call" : frame?.step === compared.first?.step ? "The two part here" : PART_WORDS[part]}
      </p>
      <div className="compare-told">{other && <Differences key={frame?.step} other={other} />}</div>
      <div className="compare-tools">
        <FirstDifference compared={compared} step={frame?.step ?? 0} />
        <button type="button" className="button button-quiet" onClick={(Object.keys(compared.target).length > 0 ? commands.compare : commands["what-if"]).run}>
          Change…
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label="Stop comparing" title="Stop comparing" onClick={() => void session.compare(null)}>
          <Icon name="close" />
        </button>
      </div>
      {compared.every > 1 && <p className="compare-every quiet">A run this large: answers are compared at each step, states at every {compared.every}th.</p>}
    </section>
  );
}
