/** What the scenario says of people and machines, and what would stand instead, before it is shared. */
import { useEffect, useState } from "react";
import { plural } from "../../base/format.ts";
import type { ScrubFound, ScrubKind } from "../../engine/views.ts";
import { useApp } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { messageOf } from "../state/notices.ts";
import { PRIVATE } from "./kinds.ts";
import "../styles/scrub.css";

const NAMES: Record<ScrubKind, { title: string; about: string }> = {
  memory: { title: "Addresses of the process's memory", about: "They tell where its libraries and heap lie. Distances and alignment stay, so every answer stays too." },
  devices: { title: "PCI addresses", about: "They tell which slots a machine uses, and are what others need to talk about your devices." },
  ids: { title: "UUIDs", about: "Of mediated devices, guests and disks." },
  networks: { title: "MAC and IP addresses", about: "Of guests and hosts." },
  people: { title: "Names of users, hosts and guests", about: "As far as the text shows that they are names." },
  paths: { title: "Paths of files", about: "Other than those of devices." },
  serials: { title: "Serial numbers", about: "Of disks and boards." },
};

export default function ScrubDialog() {
  const { view, session, notices } = useApp();
  const [found, setFound] = useState<ScrubFound[] | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<ScrubKind>>(new Set(PRIVATE));
  useEffect(() => {
    let wanted = true;
    session.engine.findScrub().then(
      (list) => {
        if (wanted) setFound(list);
      },
      (error: unknown) => notices.problem(messageOf(error)),
    );
    return () => {
      wanted = false;
    };
  }, [session, notices]);
  const kinds = (found ?? []).map(({ kind }) => kind).filter((kind) => chosen.has(kind));
  const apply = async () => {
    if (await session.scrub(kinds)) notices.info("Replaced. The link and the saved file hold what stands here now.");
  };
  const toggle = (kind: ScrubKind) => setChosen((old) => new Set(old.has(kind) ? [...old].filter((other) => other !== kind) : [...old, kind]));
  return (
    <Dialog title="Scrub before sharing" onClose={() => view.open(null)}>
      <p className="scrub-lead">A link and a saved file hold the whole scenario. The same thing is replaced by the same other thing everywhere, and all answers stay as they are.</p>
      {found === null && <p>Looking…</p>}
      {found?.length === 0 && <p>Nothing was found that speaks of a process, a person or a machine.</p>}
      {found !== null && found.length > 0 && (
        <>
          <ul className="scrub-list">
            {found.map((entry) => (
              <Kind key={entry.kind} entry={entry} chosen={chosen.has(entry.kind)} onToggle={() => toggle(entry.kind)} />
            ))}
          </ul>
          <div className="scrub-actions">
            <button type="button" className="button button-strong" aria-disabled={kinds.length === 0} onClick={() => kinds.length > 0 && void apply()}>
              {kinds.length === found.length ? "Replace all of it" : `Replace ${plural(kinds.length, "kind")}`}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Kind({ entry, chosen, onToggle }: { entry: ScrubFound; chosen: boolean; onToggle: () => void }) {
  const { title, about } = NAMES[entry.kind];
  const more = entry.different - entry.examples.length;
  return (
    <li>
      <label>
        <input type="checkbox" checked={chosen} onChange={onToggle} /> <b>{title}</b>{" "}
        <span className="scrub-count">
          {entry.different === entry.count ? plural(entry.count, "place") : `${entry.different} in ${plural(entry.count, "place")}`}
        </span>
      </label>
      <p>{about}</p>
      <table aria-label={`${title}: examples`}>
        <tbody>
          {entry.examples.map(({ from, to }) => (
            <tr key={from}>
              <td>
                <code>{from}</code>
              </td>
              <td aria-hidden="true">→</td>
              <td>
                {chosen ? <code>{to}</code> : <span className="scrub-count">stays</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p>… and {more} more</p>}
    </li>
  );
}
