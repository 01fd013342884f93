import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import figures from "./figures.json";
import { SIMPLIFIED } from "./simplified.ts";
import "../styles/history.css";

type Family = keyof typeof figures;

/** What was recorded, and on what. */
const SOURCES: readonly { family: Family; what: string; on: string }[] = [
  { family: "iommufd", what: "iommufd", on: "Linux 6.12 (Debian’s 6.12.117), the kernel’s own mock device" },
  { family: "vtd", what: "iommufd and VFIO on VT-d", on: "Linux 6.12 on a machine with Intel VT-d" },
  { family: "vfio-type1", what: "VFIO type1", on: "Linux 6.1.192’s code in user space, a VT-d machine on 6.12, RFC v2 as posted" },
  { family: "ioasid", what: "IOASID allocator", on: "the postings of 2019–2021 and Linux 5.5, 5.11, 6.1, run in user space" },
];

/** Calls recorded in all, and how many of them the model answers as was recorded. */
function totals(): { calls: number; agree: number } {
  return Object.values(figures).reduce((sum, { calls, agree }) => ({ calls: sum.calls + calls, agree: sum.agree + agree }), { calls: 0, agree: 0 });
}

const number = (value: number) => value.toLocaleString("en");

function agreeText({ calls, agree }: { calls: number; agree: number }): string {
  return calls === agree ? `all ${number(calls)}` : `${number(agree)} of ${number(calls)}`;
}

/** How far the open scenario's own recording agrees; nothing for scenarios without one. */
function Own() {
  const marks = useSession((state) => state.loaded?.marks ?? null);
  const recorded = useSession((state) => state.frame?.detail?.recorded ?? null);
  if (!marks || !recorded) return null;
  const differing = marks.reduce((sum, mark) => sum + Number(mark === 2), 0);
  return <p>The scenario that is open carries recorded answers of its own: {differing === 0 ? "the model agrees with every one of them." : `${number(differing)} of them differ from the model’s.`}</p>;
}

/** What stands behind the answers: which kernels, how many recorded calls agree, what is simplified. */
export default function TrustDialog() {
  const { view } = useApp();
  const { calls, agree } = totals();
  return (
    <Dialog title="What stands behind the answers" onClose={() => view.open(null)}>
      <p className="trust-sum">
        <b>{number(agree)}</b> of {number(calls)} calls recorded from the kernel’s own code are answered the same way: errno, output fields, events and state.
      </p>
      <Own />
      <div className="trust-scroll">
        <table className="trust">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">Calls that agree</th>
              <th scope="col">Recorded on</th>
            </tr>
          </thead>
          <tbody>
            {SOURCES.map(({ family, what, on }) => (
              <tr key={family}>
                <th scope="row">{what}</th>
                <td className="trust-figure">{agreeText(figures[family])}</td>
                <td>{on}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">iommufd answers as Linux 6.12, type1 as 6.1 and 6.12. Where a description and a recording differ, the recording is followed. Each historic form answers as it was posted, faults and all.</p>
      <h3>Simplified</h3>
      <ul className="trust-simplified">
        {SIMPLIFIED.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="quiet">
        More in <code>docs/model.md</code>; how the recordings are replayed in <code>docs/recordings.md</code>.
      </p>
    </Dialog>
  );
}
