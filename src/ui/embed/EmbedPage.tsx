import { useEffect, useState } from "react";
import { useApp, useSession } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { useMedia } from "../parts/use-media.ts";
import { NoticeList } from "../shell/Notices.tsx";
import { Spoken } from "../shell/Spoken.tsx";
import { Timeline } from "../timeline/Timeline.tsx";
import { IovaPanel, ObjectsPanel, PasidPanel } from "../workspace/DiagramPanels.tsx";
import { listenToHost } from "./control.ts";
import { SHOWN, type Shown } from "./message.ts";
import "../styles/embed.css";

const PANELS = { iova: IovaPanel, objects: ObjectsPanel, pasids: PasidPanel } as const;

/** What the address asks to be shown. */
function wanted(): Shown {
  const asked = new URLSearchParams(location.search).get("show");
  return SHOWN.find((one) => one === asked) ?? "iova";
}

/** The same situation in the whole app: this page's address without what makes it a frame. */
function wholeApp(): string {
  return location.pathname + location.hash;
}

/** One diagram with its steps, in somebody else's page. */
export default function EmbedPage({ opening, ready }: { opening: boolean; ready: Promise<void> }) {
  const app = useApp();
  const loaded = useSession((state) => state.loaded);
  const load = useSession((state) => state.load);
  const busy = useSession((state) => state.busy);
  const detail = useSession((state) => state.frame?.detail ?? null);
  const [show, setShow] = useState(wanted);
  const narrow = useMedia("(max-width: 759.98px)");
  useEffect(() => {
    let stop = () => {};
    let gone = false;
    void ready.then(() => {
      if (!gone) stop = listenToHost(app, setShow);
    });
    return () => {
      gone = true;
      stop();
    };
  }, [app, ready]);
  const Shown = PANELS[show];
  return (
    <div className="embed" data-show={show}>
      <header className="embed-head">
        <h1>{loaded?.title ?? "iovascope"}</h1>
        <p className={detail?.rule ? "embed-answer embed-refused" : "embed-answer"}>{detail?.spoken ?? ""}</p>
        <a
          className="embed-open"
          href={wholeApp()}
          target="_blank"
          rel="noopener"
          onFocus={(event) => event.currentTarget.setAttribute("href", wholeApp())}
          onPointerEnter={(event) => event.currentTarget.setAttribute("href", wholeApp())}
        >
          Open in iovascope
        </a>
      </header>
      <main className="embed-main">
        {loaded ? (
          <Boundary what="The diagram" attempt={load}>
            <Shown key={`${show}:${load}`} compact={narrow} />
          </Boundary>
        ) : (
          <p className="empty">{opening ? "Opening the link…" : "Nothing is open. The address of this frame can carry a link after “#”, and the page around it can load a scenario."}</p>
        )}
      </main>
      <Timeline />
      <NoticeList />
      {loaded && <Spoken />}
      {busy !== null && (
        <p className="busy" role="status">
          {busy}
        </p>
      )}
    </div>
  );
}
