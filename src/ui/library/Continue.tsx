import { useEffect, useState } from "react";
import { plural } from "../../base/format.ts";
import { useApp } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import { messageOf } from "../state/notices.ts";
import { when, type KeptRecord } from "./record.ts";

/** Offers the scenario that was open last, at its step. */
export default function Continue() {
  const { library, notices } = useApp();
  const [records, setRecords] = useState<KeptRecord[]>([]);
  const [now] = useState(() => Date.now());
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    let stop = () => {};
    let gone = false;
    const start = async () => {
      const keeper = await library.keeper();
      await keeper.settled();
      const refresh = async () => {
        const list = await keeper.shelf.list();
        if (!gone) setRecords(list);
      };
      await refresh();
      if (!gone) stop = keeper.shelf.onChange(() => void refresh().catch(() => {}));
    };
    start().catch((error: unknown) => setTrouble(messageOf(error)));
    return () => {
      gone = true;
      stop();
    };
  }, [library]);
  const [last] = records;
  if (trouble !== null) return <p className="quiet">What was kept here can’t be shown. {trouble}</p>;
  if (!last) return null;
  const open = () => void library.keeper().then((keeper) => keeper.open(last.id)).catch((error: unknown) => notices.problem(messageOf(error)));
  return (
    <>
      <button type="button" className="example continue-last" onClick={open}>
        <span className="example-about">Continue where you were</span>
        <span className="example-title">{last.title}</span>
        <span className="example-about">
          step {last.view.step} of {last.calls} · {when(last.saved, Math.max(now, last.saved))}
        </span>
      </button>
      <CommandButton id="library" icon="library">
        Your scenarios ({plural(records.length, "kept", "kept")})
      </CommandButton>
    </>
  );
}
