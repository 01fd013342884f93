import { memo } from "react";
import { PART, type Compared } from "../../engine/views.ts";
import { partTicks } from "./part-ticks.ts";

const KIND = { [PART.answer]: "answer", [PART.state]: "state", [PART.carried]: "carried", [PART.path]: "path", [PART.same]: "same" } as const;

/** Over the timeline: where the two runs differ, and a flag where they part. */
export const PartMarks = memo(function PartMarks({ compared, steps, slots }: { compared: Compared; steps: number; slots: number }) {
  const { first, parts } = compared;
  const place = (step: number) => `${((100 * step) / Math.max(1, steps)).toFixed(3)}%`;
  return (
    <>
      {first && first.step <= steps && <span className="apart" style={{ left: place(first.step) }} />}
      {partTicks(parts, steps, slots).map((tick) => (
        <span key={tick.step} className={`part-tick part-tick-${KIND[tick.part as keyof typeof KIND]}${tick.step === first?.step ? " part-tick-first" : ""}`} style={{ left: place(tick.step) }} />
      ))}
    </>
  );
});
