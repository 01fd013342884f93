import { useCallback, useEffect, useId, useMemo, useState, type ReactNode } from "react";
import { groupedHex, humanSize } from "../../base/format.ts";
import { lengthOf } from "../../base/u64.ts";
import { barsOfGuest } from "../../scenario/layout/bars.ts";
import { planGuest, type PlacedPiece } from "../../scenario/layout/plan.ts";
import { planScenario } from "../../scenario/layout/plan-scenario.ts";
import { remediesFor, verdictSentences } from "../../scenario/layout/remedies.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import type { Clues } from "../../engine/views.ts";
import { messageOf } from "../state/notices.ts";
import "../styles/plan.css";
import { formOfCommand, guestOf, HOSTS, hostOfSpec, specOf, USUAL_FORM, VERSIONS, windowsOf, type HostChoice, type PlanForm } from "./plan-form.ts";

const PASTED = "pasted";
const OPENED = "opened";
/** Reading starts when typing has stopped this long, in milliseconds. */
const QUIET = 300;

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="plan-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** The platform that pasted listings describe; read by the engine, as an import is. */
function usePasted(text: string, onClues: (clues: Clues | undefined) => void): { host: HostChoice | null; problem: string } {
  const { session } = useApp();
  const [result, setResult] = useState<{ host: HostChoice | null; problem: string }>({ host: null, problem: "" });
  useEffect(() => {
    let wanted = text.trim() !== "";
    const timer = setTimeout(() => {
      if (!wanted) return;
      session.engine.read([{ name: "pasted text", content: text }]).then(
        ({ scenarios, clues }) => {
          const spec = scenarios[0]?.platform;
          if (!wanted) return;
          onClues(clues);
          setResult(spec ? { host: hostOfSpec(PASTED, "the pasted host", spec), problem: "" } : { host: null, problem: "Nothing in it describes a host." });
        },
        (error: unknown) => {
          if (wanted) setResult({ host: null, problem: messageOf(error) });
        },
      );
    }, QUIET);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, text, onClues]);
  return text.trim() === "" ? { host: null, problem: "" } : result;
}

/** Will it fit? A guest laid out as its VMM does it, against the holes and the width of a host. */
export default function PlanDialog() {
  const { session, view, notices } = useApp();
  const opened = useSession((state) => state.loaded?.platform);
  // What was imported may list BARs.
  const [imported] = useState(() => {
    const { reading } = session.store.getState();
    return reading?.clues ? barsOfGuest(reading.clues) : null;
  });
  const [form, setForm] = useState<PlanForm>(imported ? { ...USUAL_FORM, bars: imported.sizes.join(", ") } : USUAL_FORM);
  const [barsOf, setBarsOf] = useState(imported?.device ?? "");
  const [hostId, setHostId] = useState(opened && opened.kind !== "none" && opened.kind !== "mock" ? OPENED : "intel-desktop");
  const [pastedText, setPastedText] = useState("");
  const [device, setDevice] = useState("");
  const [command, setCommand] = useState("");
  const takeBars = useCallback((clues: Clues | undefined) => {
    const listed = clues && barsOfGuest(clues);
    setBarsOf(listed?.device ?? "");
    if (listed) setForm((before) => ({ ...before, bars: listed.sizes.join(", ") }));
  }, []);
  const pasted = usePasted(hostId === PASTED ? pastedText : "", takeBars);
  const change = (part: Partial<PlanForm>) => setForm((before) => ({ ...before, ...part }));

  const host = useMemo((): HostChoice | null => {
    if (hostId === PASTED) return pasted.host;
    if (hostId === OPENED && opened) return hostOfSpec(OPENED, "the open scenario's host", opened);
    return HOSTS.find((candidate) => candidate.id === hostId) ?? null;
  }, [hostId, pasted.host, opened]);
  const devices = host?.platform.devices ?? [];
  const chosen = devices.some((candidate) => candidate.name === device) ? device : (devices[0]?.name ?? null);
  const read = useMemo(() => guestOf(form), [form]);
  const planned = useMemo(() => {
    if (!host || !("guest" in read)) return null;
    const windows = windowsOf(host, chosen);
    const plan = planGuest(windows, read.guest);
    return { windows, plan, sentences: verdictSentences(windows, plan), remedies: remediesFor(windows, plan) };
  }, [host, chosen, read]);

  const onCommand = (text: string) => {
    setCommand(text);
    const filled = formOfCommand(text, host?.platform.kind ?? "intel-vtd", form);
    if (filled) setForm(filled);
  };
  const show = async () => {
    if (!planned || !host) return;
    try {
      await session.open(planScenario(planned.plan, specOf(host, chosen), `Will it fit? ${humanSize(planned.plan.guest.ram)} of RAM on ${host.platform.name}`));
    } catch (error) {
      notices.problem(messageOf(error));
    }
  };

  return (
    <Dialog title="Will it fit?" wide onClose={() => view.open(null)}>
      <p className="plan-lead">A guest is laid out as its VMM does it, and held against what the host’s IOMMU can address and what its devices reserve.</p>
      <div className="plan">
        <form
          className="plan-form"
          onSubmit={(event) => {
            event.preventDefault();
            void show();
          }}
        >
          <fieldset>
            <legend>Host</legend>
            <Field label="Platform">
              {(id) => (
                <select id={id} value={hostId} onChange={(event) => setHostId(event.currentTarget.value)}>
                  {opened && <option value={OPENED}>The open scenario’s host</option>}
                  {HOSTS.map((entry) => (
                    <option key={entry.id} value={entry.id}>
                      {entry.name}
                    </option>
                  ))}
                  <option value={PASTED}>Pasted reserved regions …</option>
                </select>
              )}
            </Field>
            {hostId === PASTED && (
              <Field label="Listing">
                {(id) => (
                  <textarea id={id} className="plan-paste" spellCheck={false} value={pastedText} placeholder="grep . /sys/kernel/iommu_groups/*/reserved_regions; dmesg | grep DMAR; lspci -v" onChange={(event) => setPastedText(event.currentTarget.value)} />
                )}
              </Field>
            )}
            {pasted.problem !== "" && <p className="plan-problem">{pasted.problem}</p>}
            {devices.length > 1 && (
              <Field label="Device">
                {(id) => (
                  <select id={id} value={chosen ?? ""} onChange={(event) => setDevice(event.currentTarget.value)}>
                    {devices.map((entry) => (
                      <option key={entry.name} value={entry.name}>
                        {entry.name}
                        {entry.model ? ` (${entry.model})` : ""}, group {entry.group}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            )}
          </fieldset>
          <fieldset>
            <legend>Guest</legend>
            <Field label="Fill in from">
              {(id) => <textarea id={id} className="plan-paste" spellCheck={false} value={command} placeholder="paste a QEMU command line or a domain’s XML" onChange={(event) => onCommand(event.currentTarget.value)} />}
            </Field>
            <Field label="RAM">{(id) => <input id={id} value={form.ram} autoComplete="off" data-first-focus onChange={(event) => change({ ram: event.currentTarget.value })} />}</Field>
            <Field label="Machine">
              {(id) => (
                <select id={id} value={form.machine} onChange={(event) => change({ machine: event.currentTarget.value as PlanForm["machine"] })}>
                  <option value="q35">q35</option>
                  <option value="pc">pc (i440fx)</option>
                  <option value="virt">virt (Arm)</option>
                  <option value="microvm">microvm</option>
                </select>
              )}
            </Field>
            {(form.machine === "q35" || form.machine === "pc") && (
              <Field label="Version">
                {(id) => (
                  <select id={id} value={form.version} onChange={(event) => change({ version: event.currentTarget.value })}>
                    {VERSIONS.map(({ value, name }) => (
                      <option key={value} value={value}>
                        {name}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            )}
            {form.machine !== "virt" && (
              <Field label="vCPU">
                {(id) => (
                  <select id={id} value={form.vendor === "amd" ? "amd" : "intel"} onChange={(event) => change({ vendor: event.currentTarget.value as PlanForm["vendor"] })}>
                    <option value="intel">Intel</option>
                    <option value="amd">AMD</option>
                  </select>
                )}
              </Field>
            )}
            <Field label="Address bits">{(id) => <input id={id} value={form.physBits} inputMode="numeric" autoComplete="off" onChange={(event) => change({ physBits: event.currentTarget.value })} />}</Field>
            <Field label="Firmware">
              {(id) => (
                <select id={id} value={form.firmware} onChange={(event) => change({ firmware: event.currentTarget.value as PlanForm["firmware"] })}>
                  <option value="ovmf">OVMF (UEFI)</option>
                  <option value="seabios">SeaBIOS</option>
                </select>
              )}
            </Field>
            <Field label="BARs">{(id) => <input id={id} value={form.bars} autoComplete="off" onChange={(event) => change({ bars: event.currentTarget.value })} />}</Field>
            {barsOf !== "" && <p className="plan-note">BARs as listed for {barsOf}</p>}
            <Field label="Most memory">{(id) => <input id={id} value={form.maxmem} autoComplete="off" placeholder="maxmem, if any" onChange={(event) => change({ maxmem: event.currentTarget.value })} />}</Field>
          </fieldset>
        </form>
        <section className="plan-result" aria-label="Result" aria-live="polite">
          {"problem" in read && <p className="plan-problem">{read.problem}</p>}
          {planned && (
            <>
              <div className={`plan-verdict plan-verdict-${planned.plan.fits ? "fits" : planned.plan.starts ? "starts" : "fails"}`}>
                {planned.sentences.map((sentence) => (
                  <p key={sentence}>{sentence}</p>
                ))}
              </div>
              {planned.remedies.length > 0 && (
                <div>
                  <h3>What would work</h3>
                  <ul className="plan-remedies">
                    {planned.remedies.map((remedy) => (
                      <li key={remedy.id}>
                        {remedy.text} {remedy.option !== "" && <code>{remedy.option}</code>}
                      </li>
                    ))}
                  </ul>
                </div>
              )}
              <h3>The layout</h3>
              <ul className="plan-pieces">
                {planned.plan.pieces.map((piece) => (
                  <Piece key={`${piece.first}:${piece.name}`} piece={piece} />
                ))}
              </ul>
              <div className="form-buttons">
                <button type="button" className="button button-strong" onClick={() => void show()}>
                  Show on the IOVA axis
                </button>
              </div>
            </>
          )}
        </section>
      </div>
    </Dialog>
  );
}

const VERDICT: Record<PlacedPiece["verdict"], string> = { fits: "fits", "crosses-hole": "crosses", "above-aperture": "too high", "not-mapped": "not mapped" };

function Piece({ piece }: { piece: PlacedPiece }) {
  return (
    <li className={`plan-piece plan-piece-${piece.verdict}`}>
      <span className="plan-piece-verdict">{VERDICT[piece.verdict]}</span>
      <span className="plan-piece-name">
        {piece.name}
        {piece.hole && <em> — {piece.hole.label}</em>}
        {piece.placedByGuest && <em> — where the guest’s firmware usually puts it</em>}
      </span>
      <span className="plan-piece-range">
        {groupedHex(piece.first)} – {groupedHex(piece.last)}
      </span>
      <span className="plan-piece-size">{humanSize(lengthOf(piece.first, piece.last))}</span>
    </li>
  );
}
