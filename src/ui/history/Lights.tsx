import { useContext, useState } from "react";
import { plural } from "../../base/format.ts";
import type { InvariantView } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { SideContext, useFrame, useNamed } from "../compare/side.ts";
import { Icon } from "../parts/Icon.tsx";
import { Marks } from "../parts/Refs.tsx";
import { useAsked } from "./use-asked.ts";
import "../styles/history.css";

const SIGN = { holds: "check", broken: "close", unchecked: "question" } as const;
const WORD = { holds: "holds", broken: "broken", unchecked: "not checked" } as const;

function summaryOf(views: readonly InvariantView[], open: boolean): string {
  const broken = views.filter((view) => view.state === "broken");
  const unchecked = views.filter((view) => view.state === "unchecked").length;
  if (broken.length === 1 && !open) return broken[0]!.broken[0]?.text ?? "";
  if (broken.length > 0) return `${broken.length} of ${views.length} invariants ${broken.length === 1 ? "does" : "do"} not hold`;
  return unchecked === 0 ? `All ${views.length} invariants hold` : `${plural(views.length - unchecked, "invariant")} hold, ${unchecked} not checked`;
}

function Light({ view }: { view: InvariantView }) {
  return (
    <li className={`light light-${view.state}`}>
      <span className="light-sign" aria-hidden="true">
        <Icon name={SIGN[view.state]} size={12} />
      </span>
      <div>
        <span>
          {view.text}
          <span className="sr-only"> ({WORD[view.state]})</span>
        </span>
        {view.note !== "" && <span className="light-note">{view.note}</span>}
        {view.broken.map((breach) => (
          <div key={breach.text} className="light-breach">
            <span>{breach.text}.</span>
            <Marks objects={breach.objects} range={breach.range} />
          </div>
        ))}
        {view.more > 0 && <span className="light-note">and {view.more} more</span>}
      </div>
    </li>
  );
}

/** What must hold at every step, as one light each; pressing the row tells more. */
export default function Lights() {
  const { session } = useApp();
  const side = useContext(SideContext) ?? "left";
  const frame = useFrame();
  const load = useSession((state) => state.load);
  const compared = useSession((state) => state.compared);
  const [open, setOpen] = useState(false);
  const name = useNamed("What must hold");
  const step = frame?.step ?? null;
  // Who is on the way to another step waits for its picture, not for this.
  const arrived = useSession((state) => state.frame?.step === state.step);
  const key = step === null || !arrived ? null : `${load}/${side === "right" ? JSON.stringify(compared?.target) : ""}/${step}`;
  const answer = useAsked(key, () => session.engine.invariants(step ?? 0, side));
  const views = answer?.key.startsWith(`${load}/`) ? answer.value : null;
  const broken = views?.some((view) => view.state === "broken") ?? false;
  const listed = views?.toSorted((left, right) => Number(right.state === "broken") - Number(left.state === "broken"));
  return (
    <section className={`lights${broken ? " lights-broken" : ""}${answer?.key === key ? "" : " lights-old"}`} aria-label={name}>
      <button type="button" className="lights-row" aria-label={views === null ? "What must hold" : undefined} aria-expanded={open} disabled={views === null || views.length === 0} onClick={() => setOpen(!open)}>
        <span className="lights-dots" aria-hidden="true">
          {views?.map((view) => (
            <i key={view.id} className={`dot-light dot-${view.state}`} />
          ))}
        </span>
        <span className="lights-text">{views === null ? "" : views.length === 0 ? "Nothing here that must hold yet" : summaryOf(views, open)}</span>
        {views !== null && views.length > 0 && <Icon name={open ? "unfold" : "fold"} size={12} />}
      </button>
      {open && listed && (
        <ul className="lights-list">
          {listed.map((view) => (
            <Light key={view.id} view={view} />
          ))}
        </ul>
      )}
    </section>
  );
}
