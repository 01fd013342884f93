import { useState } from "react";
import { platformPresets, presetPlatform } from "../../kernel/platform/presets.ts";
import type { PlatformSpec, TraceKind } from "../../scenario/scenario.ts";
import { useApp } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import "../styles/edit.css";
import { blankScenario, FAMILIES, specOfPlatform } from "./blank.ts";
import { HostSelect } from "./HostSelect.tsx";

const MOCK = "mock";
const NONE = "none";

function specOf(id: string): PlatformSpec {
  const preset = platformPresets.find((one) => one.id === id);
  return preset ? specOfPlatform(presetPlatform(preset)) : { kind: id === MOCK ? "mock" : "none" };
}

/** A new scenario: what it is about, and the host it runs on. */
export default function WriteDialog() {
  const { view, edits } = useApp();
  const [title, setTitle] = useState("");
  const [trace, setTrace] = useState<TraceKind>("iommufd");
  const [host, setHost] = useState("intel-server");
  const chosen = trace === "ioasid" ? NONE : host;
  const about = platformPresets.find((one) => one.id === chosen)?.summary ?? (chosen === MOCK ? "No hardware: calls of the kernel’s own test make devices." : "The allocator of IDs needs no host of its own.");
  return (
    <Dialog title="Write a scenario" onClose={() => view.open(null)}>
      <form
        className="write-form"
        onSubmit={(event) => {
          event.preventDefault();
          void edits.does("write", blankScenario(title, trace, specOf(chosen)));
        }}
      >
        <label className="write-field">
          <span>Title</span>
          <input type="text" data-first-focus value={title} placeholder="A scenario of my own" autoComplete="off" maxLength={200} onChange={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <fieldset className="write-families">
          <legend>About</legend>
          {FAMILIES.map((family) => (
            <label key={family.trace}>
              <input type="radio" name="family" checked={trace === family.trace} onChange={() => setTrace(family.trace)} />
              <span>
                <b>{family.name}</b> {family.about}
              </span>
            </label>
          ))}
        </fieldset>
        {trace !== "ioasid" && (
          <HostSelect value={host} onChange={setHost}>
            <option value={MOCK}>The selftest’s mock IOMMU</option>
          </HostSelect>
        )}
        <p className="quiet">{about} It can be changed at any time.</p>
        <div className="form-buttons">
          <button type="button" className="button" onClick={() => view.open(null)}>
            Cancel
          </button>
          <button type="submit" className="button button-strong">
            Begin
          </button>
        </div>
      </form>
    </Dialog>
  );
}
