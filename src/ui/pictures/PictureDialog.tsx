import { useEffect, useState } from "react";
import { useApp, useSession, useView } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { saveFile, slug } from "../parts/save-file.ts";
import { messageOf } from "../state/notices.ts";
import { DIAGRAM_NAMES, DIAGRAMS, rootOf, type Diagram } from "./diagram.ts";
import { pictureOf, type Picture } from "./picture.ts";
import { drawPng, withText } from "./png.ts";
import "../styles/pictures.css";

/** Pixels of a PNG for one of the drawing. */
const SCALE = 2;

/** Saves a diagram as seen; the file opens the scenario again when it is dropped on the page. */
export default function PictureDialog() {
  const { view, address, notices } = useApp();
  const title = useSession((state) => state.loaded?.title ?? "");
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const frame = useSession((state) => state.frame);
  const drawn = DIAGRAMS.filter((diagram) => rootOf(diagram) !== null);
  const about = useView((state) => state.about);
  const [diagram, setDiagram] = useState<Diagram | undefined>(drawn.find((each) => each === about) ?? drawn[0]);
  const [picture, setPicture] = useState<(Picture & { url: string; fragment: string | null }) | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const root = diagram && rootOf(diagram);
    if (!root || !diagram) return undefined;
    let url: string | null = null;
    let over = false;
    const make = async (): Promise<void> => {
      const fragment = await address.link().then((link) => link.slice(link.indexOf("#")), () => null);
      if (over) return;
      const detail = frame?.detail;
      const step = detail ? `Step ${detail.step} of ${steps}: ${detail.call} → ${detail.errno}` : `Before the first of ${steps} calls`;
      const caption = root.querySelector(".dg-caption")?.firstChild?.textContent ?? "";
      const made = pictureOf(root, diagram, { title, step, caption, fragment, page: location.href.replace(/[?#].*$/, "") });
      url = URL.createObjectURL(new Blob([made.svg], { type: "image/svg+xml" }));
      setPicture({ ...made, url, fragment });
    };
    make().catch((error: unknown) => setProblem(messageOf(error)));
    return () => {
      over = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [diagram, address, frame, steps, title]);

  const png = async (made: Picture & { fragment: string | null }): Promise<Blob> => {
    const bytes = await drawPng(made.svg, made.width, made.height, SCALE);
    return new Blob([made.fragment === null ? bytes : withText(bytes, made.fragment)], { type: "image/png" });
  };
  const attempt = (action: (made: Picture & { fragment: string | null }) => Promise<void>) => () => {
    if (picture) action(picture).catch((error: unknown) => notices.problem(messageOf(error)));
  };
  const name = `${slug(title)}-${diagram ?? "diagram"}${frame ? `-step-${frame.step}` : ""}`;

  return (
    <Dialog title="Save a picture" wide onClose={() => view.open(null)}>
      {diagram === undefined ? (
        <p>No diagram is on screen. Choose the tab of the diagram first.</p>
      ) : (
        <>
          <div className="picture-form">
            <fieldset>
              <legend>Diagram</legend>
              {drawn.map((each) => (
                <label key={each}>
                  <input type="radio" name="diagram" checked={each === diagram} onChange={() => setDiagram(each)} data-first-focus={each === diagram || undefined} />
                  {DIAGRAM_NAMES[each]}
                </label>
              ))}
            </fieldset>
          </div>
          <div className="picture-preview">{problem !== null ? <p role="alert">{problem}</p> : picture && <img src={picture.url} alt={`${DIAGRAM_NAMES[diagram]} as it will be saved`} />}</div>
          <div className="picture-actions">
            <span className="quiet">{picture?.fragment === null ? "Too large a scenario for a picture to carry." : "The file carries the scenario: drop it on iovascope to open it again."}</span>
            <button
              type="button"
              className="button"
              disabled={!picture}
              onClick={attempt(async (made) => {
                await navigator.clipboard.write([new ClipboardItem({ "image/png": png(made) })]);
                notices.info("Picture copied. The clipboard holds the picture only; saved files carry the scenario too.");
              })}
            >
              Copy PNG
            </button>
            <button type="button" className="button" disabled={!picture} onClick={attempt(async (made) => saveFile(`${name}.png`, "image/png", await png(made)))}>
              Save PNG
            </button>
            <button type="button" className="button button-strong" disabled={!picture} onClick={attempt(async (made) => saveFile(`${name}.svg`, "image/svg+xml", made.svg))}>
              Save SVG
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
