import { useSession } from "../app.ts";
import type { Side } from "./side.ts";

const SIDES: readonly Side[] = ["left", "right"];

/** Which side a narrow screen shows. */
export function SideToggle({ side, onSide }: { side: Side; onSide: (side: Side) => void }) {
  const compared = useSession((state) => state.compared);
  if (!compared) return null;
  return (
    <fieldset className="side-toggle" aria-label="Side shown">
      {SIDES.map((candidate) => (
        <button key={candidate} type="button" aria-pressed={candidate === side} onClick={() => onSide(candidate)}>
          <span className="side-tag">{candidate === "left" ? "Left" : "Right"}</span> {compared[candidate]}
        </button>
      ))}
    </fieldset>
  );
}
