import { useContext, useState } from "react";
import { humanSize, plural } from "../../base/format.ts";
import type { ObjectChange, RangeChange, SpaceChange, StepDiff } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { SideContext, useFrame, useNamed } from "../compare/side.ts";
import { Icon } from "../parts/Icon.tsx";
import { ObjectMark, RangeMark } from "../parts/Refs.tsx";
import { useAsked } from "./use-asked.ts";
import "../styles/history.css";

/** Listed before the rest folds away. */
const SHOWN_OBJECTS = 8;
const SHOWN_RANGES = 4;
const TITLES = { gone: "Gone", born: "New", changed: "Changed" } as const;
const SIGNS = { gone: "×", born: "+", changed: "~" } as const;

function More({ hidden, onShow }: { hidden: number; onShow: () => void }) {
  if (hidden <= 0) return null;
  return (
    <button type="button" className="more" onClick={onShow}>
      {hidden} more
    </button>
  );
}

function Objects({ what, changes }: { what: ObjectChange["what"]; changes: ObjectChange[] }) {
  const [all, setAll] = useState(false);
  if (changes.length === 0) return null;
  const shown = all ? changes : changes.slice(0, SHOWN_OBJECTS);
  return (
    <div className={`diff-part diff-${what}`}>
      <h4>
        <span className="diff-sign" aria-hidden="true">
          {SIGNS[what]}
        </span>
        {TITLES[what]} <span className="count">{changes.length}</span>
      </h4>
      <ul>
        {shown.map((change) => (
          <li key={`${change.key}/${change.label}`}>
            {change.key === "" ? <b>{change.label}</b> : <ObjectMark object={change} />}
            <span className="diff-lines">{change.lines.join(" · ")}</span>
          </li>
        ))}
      </ul>
      <More hidden={changes.length - shown.length} onShow={() => setAll(true)} />
    </div>
  );
}

function Ranges({ title, sign, change }: { title: string; sign: string; change: RangeChange }) {
  const [all, setAll] = useState(false);
  if (change.count === 0) return null;
  const shown = all ? change.ranges : change.ranges.slice(0, SHOWN_RANGES);
  return (
    <div className="diff-ranges">
      <p>
        <span className="diff-sign" aria-hidden="true">
          {sign}
        </span>
        {title}: {humanSize(change.bytes)} in {plural(change.count, "stretch", "stretches")}
      </p>
      <span className="refs">
        {shown.map((range) => (
          <RangeMark key={String(range.first)} range={range} />
        ))}
      </span>
      <More hidden={all ? 0 : change.ranges.length - shown.length} onShow={() => setAll(true)} />
      {all && change.count > change.ranges.length && <span className="quiet">and {change.count - change.ranges.length} more</span>}
    </div>
  );
}

function mappingsText({ before, after }: SpaceChange): string {
  if (before === null) return `new, with ${plural(after ?? 0, "mapping")}`;
  if (after === null) return `gone, with ${plural(before, "mapping")}`;
  return before === after ? plural(after, "mapping") : `${before.toLocaleString("en")} → ${plural(after, "mapping")}`;
}

function Space({ change }: { change: SpaceChange }) {
  return (
    <div className="diff-part diff-space">
      <h4>
        <ObjectMark object={change} /> <span className="diff-lines">{mappingsText(change)}</span>
      </h4>
      <Ranges title="Mapped" sign="+" change={change.mapped} />
      <Ranges title="Unmapped" sign="×" change={change.unmapped} />
      {change.remapped && <Ranges title="Mapped to other memory" sign="~" change={change.remapped} />}
      <Ranges title="Valid now" sign="+" change={change.opened} />
      <Ranges title="Valid no more" sign="×" change={change.closed} />
    </div>
  );
}

function callsText(diff: StepDiff): string {
  const named = diff.calls.map(({ call, count, refused }) => `${call}${count > 1 ? ` ×${count.toLocaleString("en")}` : ""}${refused > 0 ? ` (${refused.toLocaleString("en")} refused)` : ""}`);
  return named.join(", ");
}

function Told({ diff }: { diff: StepDiff }) {
  const of = (what: ObjectChange["what"]) => diff.objects.filter((change) => change.what === what);
  const nothing = diff.objects.length === 0 && diff.spaces.length === 0;
  return (
    <>
      <p className="diff-calls">{callsText(diff)}</p>
      {nothing && <p className="why-plain">Nothing: the two states are the same.</p>}
      <Objects what="gone" changes={of("gone")} />
      <Objects what="born" changes={of("born")} />
      <Objects what="changed" changes={of("changed")} />
      {diff.moreObjects > 0 && <p className="quiet">and {diff.moreObjects.toLocaleString("en")} objects more</p>}
      {diff.spaces.map((change) => (
        <Space key={change.key} change={change} />
      ))}
    </>
  );
}

function StepButton({ step }: { step: number }) {
  const { session } = useApp();
  const here = useSession((state) => state.step === step);
  return here ? (
    <b>step {step}</b>
  ) : (
    <button type="button" className="diff-step" title={`To step ${step}`} onClick={() => void session.goto(step)}>
      step {step}
    </button>
  );
}

/** What is not the same at the step on screen and at the one marked for it. */
export default function DiffCard({ pinned }: { pinned: number }) {
  const { session, history } = useApp();
  const side = useContext(SideContext) ?? "left";
  const step = useFrame()?.step ?? pinned;
  const load = useSession((state) => state.load);
  const name = useNamed("Between two steps");
  const key = step === pinned ? null : `${load}/${pinned}/${step}`;
  const answer = useAsked(key, () => session.engine.diff(pinned, step, side));
  const [from, to] = pinned < step ? [pinned, step] : [step, pinned];
  return (
    <section className={`diff${answer?.key === key ? "" : " diff-old"}`} aria-label={name}>
      <header>
        <h3>{step === pinned ? <>Step {step} is marked</> : <>From <StepButton step={from} /> to <StepButton step={to} /></>}</h3>
        <button type="button" className="button button-quiet button-icon" aria-label="Stop comparing steps" title="Stop comparing steps (m)" onClick={() => history.pin(null)}>
          <Icon name="close" />
        </button>
      </header>
      {step === pinned ? <p className="why-plain">Go to another step to see what is not the same there.</p> : answer ? <Told key={`${pinned}`} diff={answer.value} /> : <p className="why-plain">Comparing…</p>}
    </section>
  );
}
