import { useId, useState, type ReactNode } from "react";
import { useStore } from "zustand";
import { useApp, useView } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { forgetAll } from "../state/memory.ts";
import { messageOf } from "../state/notices.ts";
import { SPEEDS, type Speed } from "../state/player.ts";
import type { ThemeChoice } from "../state/view.ts";
import { CHOICES, type SettingsState } from "./settings.ts";
import "../styles/settings.css";

function Choice<Value extends string>(props: { legend: string; options: readonly (readonly [Value, ReactNode])[]; value: Value; first?: boolean; onChange: (value: Value) => void }) {
  const name = useId();
  return (
    <fieldset className="setting">
      <legend>{props.legend}</legend>
      <div className="setting-options">
        {props.options.map(([value, label]) => (
          <label key={value} className="setting-option">
            <input type="radio" name={name} value={value} checked={value === props.value} onChange={() => props.onChange(value)} {...(props.first && value === props.value && { "data-first-focus": true })} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const USUAL = Object.fromEntries(Object.entries(CHOICES).map(([name, [usual]]) => [name, usual])) as unknown as SettingsState;

/** What a person may choose for good. Everything is applied at once. */
export default function SettingsDialog() {
  const { view, settings, library, notices } = useApp();
  const chosen = useStore(settings.store);
  const theme = useView((state) => state.themeChoice);
  const [clearing, setClearing] = useState(false);

  const clearAll = async () => {
    setClearing(false);
    try {
      const keeper = await library.keeper();
      await keeper.settled();
      await keeper.shelf.clear();
    } catch (error) {
      notices.problem(messageOf(error));
    }
    view.theme("auto");
    settings.set(USUAL);
    view.store.setState({ sizes: {} });
    forgetAll();
    notices.info("Cleared: kept scenarios, settings and progress in lessons.");
  };

  return (
    <Dialog title="Settings" onClose={() => view.open(null)}>
      <div className="settings">
        <Choice<ThemeChoice>
          legend="Theme"
          first
          value={theme}
          onChange={(choice) => view.theme(choice)}
          options={[["auto", "As the system"], ["light", "Light"], ["dark", "Dark"]]}
        />
        <Choice<SettingsState["density"]>
          legend="Density"
          value={chosen.density}
          onChange={(density) => settings.set({ density })}
          options={[["usual", "Usual"], ["compact", "Compact"]]}
        />
        <Choice<SettingsState["motion"]>
          legend="Motion"
          value={chosen.motion}
          onChange={(motion) => settings.set({ motion })}
          options={[["system", "As the system"], ["still", "None"]]}
        />
        <Choice<SettingsState["digits"]>
          legend="Addresses"
          value={chosen.digits}
          onChange={(digits) => settings.set({ digits })}
          options={[["grouped", <code key="grouped">0xfee0_0000</code>], ["plain", <code key="plain">0xfee00000</code>]]}
        />
        <Choice<SettingsState["sizes"]>
          legend="Sizes"
          value={chosen.sizes}
          onChange={(sizes) => settings.set({ sizes })}
          options={[["usual", "1 TiB"], ["gib", "1024 GiB, no unit above"]]}
        />
        <div className="setting">
          <label htmlFor="setting-speed">Speed of Play</label>
          <select id="setting-speed" value={chosen.speed} onChange={(event) => settings.set({ speed: Number(event.currentTarget.value) as Speed })}>
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {speed}×
              </option>
            ))}
          </select>
        </div>
        <div className="setting">
          <span>Your scenarios</span>
          <label className="setting-option">
            <input type="checkbox" checked={chosen.autosave} onChange={(event) => settings.set({ autosave: event.currentTarget.checked })} />
            <span>Keep what I open and change, in this browser</span>
          </label>
        </div>
        <div className="setting setting-clear">
          <span>Data</span>
          {clearing ? (
            <div className="setting-options" role="group" aria-label="Clear all data?">
              <p>Deletes all kept scenarios, these settings and your progress in lessons.</p>
              <button type="button" className="button button-danger" onClick={() => void clearAll()}>
                Delete everything
              </button>
              {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the button that was pressed is gone; the safe one takes the focus */}
              <button type="button" className="button" autoFocus onClick={() => setClearing(false)}>
                Cancel
              </button>
            </div>
          ) : (
            <button type="button" className="button" onClick={() => setClearing(true)}>
              Clear all data…
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
