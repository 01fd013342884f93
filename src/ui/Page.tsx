import { useDeferredValue, useEffect, useState } from "react";
import { useApp, useSession, useView } from "./app.ts";
import { listenToInputs } from "./inputs.ts";
import { Boundary } from "./parts/Boundary.tsx";
import { later } from "./parts/later.tsx";
import { BusyBar } from "./shell/BusyBar.tsx";
import { FilePicker } from "./shell/FilePicker.tsx";
import { NoticeList } from "./shell/Notices.tsx";

/** The workspace with its diagrams is fetched beside the first paint; the start page does not need it. */
const Workspace = later(() => import("./workspace/Workspace.tsx").then((module) => module.default));
export const fetchWorkspace = Workspace.fetch;
/** The same while nothing is open, with what the first diagram would wait for. */
export const prepareWorkspace = () => import("./workspace/Workspace.tsx").then(({ warmMeasure }) => Workspace.fetch().then(warmMeasure));
/** Nobody opens one before the first diagram stands. */
const Dialogs = later(() => import("./dialogs/Dialogs.tsx").then((module) => module.Dialogs));
/** Each step is told when it has been painted. */
const Spoken = later(() => import("./shell/Spoken.tsx").then((module) => module.Spoken));
/** Who follows a link never sees it. */
const StartPage = later(() => import("./start/StartPage.tsx").then((module) => module.StartPage));
export const fetchStartPage = StartPage.fetch;

/** The whole page. */
export function Page({ opening }: { opening: boolean }) {
  const app = useApp();
  // The workspace is rendered in slices; till then what was there stays, never the start page of a link that has just been opened.
  const isOpen = useDeferredValue(useSession((state) => state.loaded !== null));
  const wasOpening = useDeferredValue(opening);
  const dialog = useView((state) => state.dialog);
  const load = useSession((state) => state.load);
  const busy = useSession((state) => state.busy);
  const [dragging, setDragging] = useState(false);
  useEffect(() => listenToInputs(app, setDragging), [app]);
  return (
    <>
      {isOpen ? (
        <Boundary what="The workspace" attempt={load}>
          <Workspace />
        </Boundary>
      ) : (
        !wasOpening && <StartPage />
      )}
      {dialog !== null && <Dialogs />}
      <FilePicker />
      {dialog === null && <NoticeList />}
      {isOpen && <Spoken />}
      {(busy !== null || (opening && !isOpen)) && (
        <BusyBar text={busy ?? "Opening the link…"} />
      )}
      {dragging && (
        <div className="drop" aria-hidden="true">
          <p>Drop to open</p>
        </div>
      )}
    </>
  );
}
