import { useContext } from "react";
import { useApp, useSession, useView } from "../app.ts";
import { SideContext, useFrame } from "../compare/side.ts";
import { Errno } from "../parts/Errno.tsx";
import { ObjectMark } from "../parts/Refs.tsx";
import { useAsked } from "./use-asked.ts";
import "../styles/history.css";

/** Holders shown by name. */
const MOST_HOLDERS = 4;

/** What destroying the marked object would give here, tried on a copy of the machine. */
export function DestroyAnswer() {
  const { session } = useApp();
  const side = useContext(SideContext) ?? "left";
  const step = useFrame()?.step ?? 0;
  const load = useSession((state) => state.load);
  const selection = useView((state) => state.selection);
  const key = selection && "key" in selection ? selection.key : null;
  const asked = key === null ? null : `${load}/${step}/${key}`;
  const answer = useAsked(asked, () => session.engine.tryDestroy(step, key ?? "", side));
  const trial = answer?.value;
  if (!trial || trial.key !== key) return null;
  const shown = trial.holders.slice(0, MOST_HOLDERS);
  const refused = trial.errno !== "OK";
  return (
    <div className="destroy" role="status">
      <code>{trial.call}</code> here: <Errno errno={trial.errno} />
      {!refused && " it would go."}
      {refused && shown.length === 0 && ` ${trial.text}`}
      {shown.length > 0 && (
        <>
          {" "}
          first must go:{" "}
          <span className="refs" title={trial.note}>
            {shown.map((holder) => (
              <ObjectMark key={holder.key} object={holder} />
            ))}
            {trial.holders.length > shown.length && <span className="quiet">and {trial.holders.length - shown.length} more</span>}
          </span>
        </>
      )}
    </div>
  );
}
