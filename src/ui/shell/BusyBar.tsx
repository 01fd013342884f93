import { useApp, useSession } from "../app.ts";

/** What takes long, how far it is, and a way out. */
export function BusyBar({ text }: { text: string }) {
  const { session } = useApp();
  const progress = useSession((state) => state.progress);
  return (
    <div className="busy">
      <p role="status">{text}</p>
      {progress !== null && (
        <>
          <progress aria-label={text} max={100} value={Math.round(progress * 100)} />
          <button type="button" className="button-quiet" title="Cancel (Escape)" onClick={() => session.cancel()}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
