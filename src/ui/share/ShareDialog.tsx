import { useEffect, useState } from "react";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { saveFile } from "../parts/save-file.ts";
import { LONGEST_IN_BAR, MOST_LINKED } from "../state/address.ts";
import { messageOf } from "../state/notices.ts";
import "../styles/share.css";

/** Chat tools and mail programs cut longer links. */
const LONGEST_PLAIN = 8000;

type Linked = { link: string } | { problem: string } | null;

function useLink(): Linked {
  const { address } = useApp();
  const [linked, setLinked] = useState<Linked>(null);
  useEffect(() => {
    let wanted = true;
    address.link().then(
      (link) => wanted && setLinked({ link }),
      (error: unknown) => wanted && setLinked({ problem: messageOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [address]);
  return linked;
}

/** The link is made after the dialog has opened. */
const takeFocus = (element: HTMLElement | null) => element?.focus();

/** What there is to say when a link is long, or when there is none. */
export default function ShareDialog() {
  const { view, session, notices } = useApp();
  const linked = useLink();
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const link = linked && "link" in linked ? linked.link : null;
  const calls = steps.toLocaleString("en");

  const save = async () => {
    try {
      const { name, content } = await session.engine.file();
      saveFile(name, content.type, content);
      notices.info("Saved. Whoever drops the file on iovascope sees the same scenario.");
      view.open(null);
    } catch (error) {
      notices.problem(messageOf(error));
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link ?? "");
      notices.info("Link copied.");
      view.open(null);
    } catch {
      notices.problem("The browser did not let us write to the clipboard.");
    }
  };

  return (
    <Dialog title={link !== null && link.length <= LONGEST_IN_BAR ? "This link is long" : "Too large for a link"} onClose={() => view.open(null)}>
      {linked === null ? (
        <p role="status">Making the link…</p>
      ) : (
        <>
          <dl className="share-facts">
            <div>
              <dt>Calls</dt>
              <dd>
                {calls} <span className="share-limit">a link holds at most {MOST_LINKED.toLocaleString("en")}</span>
              </dd>
            </div>
            {link !== null && (
              <div>
                <dt>Characters of the link</dt>
                <dd>
                  {link.length.toLocaleString("en")} <span className="share-limit">chat tools and mail break links above {LONGEST_PLAIN.toLocaleString("en")}</span>
                </dd>
              </div>
            )}
          </dl>
          <p>
            {link === null
              ? `${"problem" in linked ? linked.problem : ""} Whoever drops it on iovascope sees the same.`
              : link.length > LONGEST_IN_BAR
                ? "The address bar does not hold this scenario either. A file does: whoever drops it on iovascope sees the same."
                : "It works in the address bar and in bookmarks. To send it to somebody, a file is safer: dropped on iovascope it shows the same."}
          </p>
          <div className="form-buttons">
            {link !== null && (
              <button type="button" className="button" onClick={() => void copy()}>
                Copy the link anyway
              </button>
            )}
            <button ref={takeFocus} type="button" className="button button-strong" onClick={() => void save()}>
              Save the scenario file
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
