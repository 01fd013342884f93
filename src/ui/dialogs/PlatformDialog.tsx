import { useMemo, useRef, useState, type FormEvent } from "react";
import { plural, rangeText } from "../../base/format.ts";
import type { Platform, PlatformKind } from "../../kernel/config.ts";
import { profileOf } from "../../kernel/platform/platform.ts";
import { platformOf } from "../../scenario/machine-config.ts";
import type { PlatformSpec } from "../../scenario/scenario.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import "../styles/platform.css";
import { checkDraft } from "./platform/check.ts";
import { DeviceEditor } from "./platform/DeviceEditor.tsx";
import { draftOf, newDevice, withBits, withKind, type DeviceDraft, type PlatformDraft } from "./platform/draft.ts";
import { AS_IT_IS, HostList } from "./platform/HostList.tsx";
import { hostWith } from "./platform/hosts.ts";
import { kindChoice, KINDS } from "./platform/kinds.ts";
import { PasteRegions } from "./platform/PasteRegions.tsx";
import { ProblemsContext } from "./platform/problems.ts";
import { lost, usedBy, usedDevices } from "./platform/used.ts";
import { WindowsPreview } from "./platform/WindowsPreview.tsx";

/** More devices than this start folded. */
const FEW = 2;

/** Chooses and edits the host, and runs the same calls on it. */
export function PlatformDialog() {
  const { view } = useApp();
  const spec = useSession((state) => state.loaded?.platform);
  const kernel = useSession((state) => state.loaded?.kernel);
  if (!spec || kernel === undefined) return null;
  return (
    <Dialog title="Platform" wide onClose={() => view.open(null)}>
      <PlatformForm opened={spec} kernel={kernel} />
    </Dialog>
  );
}

/** The devices that are unfolded at first: all, where they are few. */
function firstOpen(draft: PlatformDraft): ReadonlySet<number> {
  return new Set(draft.devices.length <= FEW ? draft.devices.map((device) => device.key) : []);
}

function PlatformForm({ opened, kernel }: { opened: PlatformSpec; kernel: string }) {
  const { view, session } = useApp();
  const scenario = useSession((state) => state.scenario);
  const current = useMemo(() => platformOf(opened), [opened]);
  const used = useMemo(() => usedBy(scenario), [scenario]);
  const kept = useMemo(() => usedDevices(used, current.devices), [used, current]);
  const [host, setHost] = useState<{ id: string; platform: Platform }>({ id: AS_IT_IS, platform: current });
  const [keeps, setKeeps] = useState(true);
  const [draft, setDraft] = useState(() => draftOf(current));
  const [unfolded, setUnfolded] = useState(() => firstOpen(draft));
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState<number | null>(null);
  const addButton = useRef<HTMLButtonElement>(null);

  const { spec, problems } = useMemo(() => checkDraft(draft), [draft]);
  const platform = useMemo(() => platformOf(spec), [spec]);
  const groups = useMemo(() => [...new Set(platform.devices.map((device) => device.group))].sort((one, other) => one - other), [platform]);
  const group = asked !== null && groups.includes(asked) ? asked : (groups.find((number) => kept.some((device) => device.group === number)) ?? groups[0] ?? null);
  const missing = lost(used, current.devices, spec.devices);
  const { widths } = kindChoice(draft.kind);
  const { aperture } = profileOf(draft.kind, draft.bits);
  const problemsValue = useMemo(() => ({ problems, tried }), [problems, tried]);

  const start = (chosen: { id: string; platform: Platform }, keep: boolean) => {
    const fresh = draftOf(chosen.id === AS_IT_IS ? chosen.platform : hostWith(chosen.platform, keep ? kept : []));
    setHost(chosen);
    setKeeps(keep);
    setDraft(fresh);
    setUnfolded(firstOpen(fresh));
    setTried(false);
  };
  const toggle = (key: number, open: boolean) => {
    if (unfolded.has(key) === open) return;
    setUnfolded(new Set(open ? [...unfolded, key] : [...unfolded].filter((other) => other !== key)));
  };
  const setDevices = (devices: DeviceDraft[]) => setDraft({ ...draft, devices });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const [first] = problems.keys();
    if (first === undefined) {
      void session.changePlatform(spec);
      return;
    }
    setUnfolded(new Set(draft.devices.map((device) => device.key)));
    // The field may only now be unfolded.
    requestAnimationFrame(() => document.getElementById(first)?.focus());
  };

  return (
    <ProblemsContext value={problemsValue}>
      <form className="pf" noValidate onSubmit={submit}>
        <p className="pf-lead">
          {opened.guessed
            ? "Nothing in the input says which IOMMU the host has, so this one was assumed. Reserved ranges and limits follow from it."
            : "Reserved ranges and limits follow from the host’s IOMMU and its devices."}{" "}
          Start from a host, change what is different on yours, and run the same calls on it.
        </p>
        <div className="pf-start">
          <HostList current={current} chosen={host.id} onChoose={(id, chosen) => start({ id, platform: chosen }, keeps)} />
          <WindowsPreview platform={platform} kernel={kernel} groups={groups} group={group} onGroup={setAsked} />
        </div>
        <div className="pf-edit">
          {host.id !== AS_IT_IS && kept.length > 0 && (
            <label className="pf-check">
              <input type="checkbox" checked={keeps} onChange={(event) => start(host, event.currentTarget.checked)} />
              <span>Give its devices the names, groups and numbers that the calls use</span>
            </label>
          )}
          <div className="pf-iommu">
            <div className="pf-field">
              <label className="pf-label" htmlFor="pf-kind">
                IOMMU
              </label>
              <select id="pf-kind" value={draft.kind} onChange={(event) => setDraft(withKind(draft, event.currentTarget.value as PlatformKind))}>
                {KINDS.map((entry) => (
                  <option key={entry.kind} value={entry.kind}>
                    {entry.name}
                  </option>
                ))}
              </select>
            </div>
            {widths.length > 0 && (
              <div className="pf-field">
                <label className="pf-label" htmlFor="pf-bits">
                  Address width
                </label>
                <select id="pf-bits" value={draft.bits} aria-describedby="pf-aperture" onChange={(event) => setDraft(withBits(draft, Number(event.currentTarget.value)))}>
                  {!widths.some(({ bits }) => bits === draft.bits) && <option value={draft.bits}>{draft.bits} bits</option>}
                  {widths.map(({ bits, note }) => (
                    <option key={bits} value={bits}>
                      {bits} bits{note !== undefined && `: ${note}`}
                    </option>
                  ))}
                </select>
              </div>
            )}
            <p className="pf-aperture" id="pf-aperture">
              Aperture <code>{rangeText(aperture.first, aperture.last)}</code>
            </p>
            <label className="pf-check">
              <input type="checkbox" checked={draft.interruptRemapping} onChange={(event) => setDraft({ ...draft, interruptRemapping: event.currentTarget.checked })} />
              <span>Interrupts are remapped</span>
            </label>
            <label className="pf-check">
              <input type="checkbox" checked={draft.dirtyTracking} onChange={(event) => setDraft({ ...draft, dirtyTracking: event.currentTarget.checked })} />
              <span>Dirty pages are tracked</span>
            </label>
          </div>
          <div className="pf-devices-head">
            <h3>Devices</h3>
            <button
              ref={addButton}
              type="button"
              className="button"
              onClick={() => {
                const device = newDevice(draft);
                setDevices([...draft.devices, device]);
                setUnfolded(new Set([...unfolded, device.key]));
              }}
            >
              Add a device
            </button>
          </div>
          {draft.devices.length === 0 && <p className="quiet">None. Test devices and described groups are made by the calls themselves.</p>}
          <ul className="pf-devices">
            {draft.devices.map((device) => (
              <DeviceEditor
                key={device.key}
                device={device}
                open={unfolded.has(device.key)}
                onToggle={(open) => toggle(device.key, open)}
                onChange={(changed) => setDevices(draft.devices.map((other) => (other === device ? changed : other)))}
                onRemove={() => {
                  setDevices(draft.devices.filter((other) => other !== device));
                  addButton.current?.focus();
                }}
              />
            ))}
          </ul>
          <PasteRegions engine={session.engine} draft={draft} groups={groups} onDraft={setDraft} />
        </div>
        <div className="pf-foot">
          <div className="pf-notes" role="status">
            {tried && problems.size > 0 && <p className="pf-problem">{plural(problems.size, "field needs", "fields need")} another look.</p>}
            {missing.map((sentence) => (
              <p key={sentence} className="pf-warning">
                {sentence}
              </p>
            ))}
          </div>
          <button type="button" className="button" onClick={() => view.open(null)}>
            Cancel
          </button>
          <button type="submit" className="button button-strong">
            Run again
          </button>
        </div>
      </form>
    </ProblemsContext>
  );
}
