import { lazy, Suspense, useEffect, useState } from "react";
import { useApp, useSession } from "./app.ts";
import { Dialogs } from "./dialogs/Dialogs.tsx";
import { listenToInputs } from "./inputs.ts";
import { FilePicker } from "./shell/FilePicker.tsx";
import { NoticeList } from "./shell/Notices.tsx";
import { Spoken } from "./shell/Spoken.tsx";
import { StartPage } from "./start/StartPage.tsx";

/** The workspace with its diagrams is fetched beside the first paint; the start page does not need it. */
const Workspace = lazy(() => import("./workspace/Workspace.tsx"));

/** The whole page. */
export function Page({ opening }: { opening: boolean }) {
  const app = useApp();
  const isOpen = useSession((state) => state.loaded !== null);
  const busy = useSession((state) => state.busy);
  const [dragging, setDragging] = useState(false);
  useEffect(() => listenToInputs(app, setDragging), [app]);
  return (
    <>
      {isOpen ? (
        <Suspense>
          <Workspace />
        </Suspense>
      ) : (
        !opening && <StartPage />
      )}
      <Dialogs />
      <FilePicker />
      <NoticeList />
      {isOpen && <Spoken />}
      {(busy !== null || (opening && !isOpen)) && (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- output is for results of forms
        <p className="busy" role="status">
          {busy ?? "Opening the link…"}
        </p>
      )}
      {dragging && (
        <div className="drop" aria-hidden="true">
          <p>Drop to open</p>
        </div>
      )}
    </>
  );
}
