import { useState } from "react";
import type { CheckView } from "../../engine/views.ts";
import { useView } from "../app.ts";
import { Icon } from "../parts/Icon.tsx";
import { Marks } from "../parts/Refs.tsx";
import { touches } from "../state/selection.ts";

/** Unreached checks shown before the rest folds away. */
const MOST_UNREACHED = 3;
const STATE_WORDS = { passed: "held", failed: "failed", unreached: "not reached" } as const;

function CheckLine({ check }: { check: CheckView }) {
  const marked = useView((state) => touches(state.selection, check.objects, check.range) || touches(state.hover, check.objects, check.range));
  return (
    <li className={`check check-${check.state}${marked ? " marked" : ""}`}>
      <span className="check-sign" aria-hidden="true">
        {check.state === "unreached" ? "·" : <Icon name={check.state === "passed" ? "check" : "close"} size={13} />}
      </span>
      <div className="check-text">
        <span className="check-holds">
          {check.holds}
          <span className="sr-only"> ({STATE_WORDS[check.state]})</span>
        </span>
        <div className="check-about">
          <span className="check-fn">
            {check.fn}
            {check.state === "unreached" && " — not reached"}
          </span>
          {check.state === "passed" && <Marks objects={check.objects} range={check.range} />}
        </div>
        {check.note !== "" && check.state === "passed" && <span className="check-note">{check.note}</span>}
      </div>
    </li>
  );
}

/** The checks of a call in the order in which the kernel makes them. */
export function Checks({ checks }: { checks: CheckView[] }) {
  const [all, setAll] = useState(false);
  const reached = checks.filter((check) => check.state !== "unreached");
  const unreached = checks.filter((check) => check.state === "unreached");
  const fold = !all && unreached.length > MOST_UNREACHED + 1;
  const shown = fold ? [...reached, ...unreached.slice(0, MOST_UNREACHED)] : checks;
  return (
    <>
      <ol className="checks" aria-label="Checks, in the kernel's order">
        {shown.map((check, index) => (
          // A rule may be checked several times in one call; the order is what tells them apart.
          <CheckLine key={`${index}:${check.rule}`} check={check} />
        ))}
      </ol>
      {fold && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {unreached.length - MOST_UNREACHED} more checks were not reached
        </button>
      )}
    </>
  );
}
