import { useState } from "react";
import type { StepDetail } from "../../engine/views.ts";
import { plural } from "../../base/format.ts";
import { useApp } from "../app.ts";
import { Marks, RangeMark } from "../parts/Refs.tsx";

/** What the refusal means, what decided it and what would work instead. */
export function Refusal({ detail }: { detail: StepDetail }) {
  const { view } = useApp();
  const [showFits, setShowFits] = useState(false);
  const { rule, advice } = detail;
  const failed = detail.checks.findLast((check) => check.state === "failed");
  if (!rule) return null;
  const fits = advice?.fits ?? [];
  const decided = new Set(failed?.objects.map((object) => object.key));
  const further = (advice?.objects ?? []).filter((object) => !decided.has(object.key));
  const toggle = () => {
    setShowFits(!showFits);
    const [best] = fits;
    if (!showFits && best) view.select({ range: best });
  };
  return (
    <div className="refusal">
      <p className="refusal-meaning">{rule.meaning}</p>
      {failed && failed.note !== "" && <p>{failed.note}</p>}
      {failed && <Marks objects={failed.objects} range={failed.range} />}
      {advice && advice.text !== "" && <p className="refusal-advice">{advice.text}</p>}
      <Marks objects={further} range={null} />
      {fits.length > 0 && (
        <button type="button" className="button" aria-expanded={showFits} onClick={toggle}>
          {showFits ? "Hide" : "Show"} the {fits.length === 1 ? "range that fits" : `${plural(fits.length, "range")} that fit`}
        </button>
      )}
      {showFits && (
        <ul className="fits">
          {fits.map((range) => (
            <li key={String(range.first)}>
              <RangeMark range={range} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
