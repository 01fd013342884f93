import { useContext, useRef } from "react";
import { plural } from "../../../base/format.ts";
import { deviceField, regionField } from "./check.ts";
import { emptyRegion, type DeviceDraft, type RegionDraft } from "./draft.ts";
import { Field } from "./Field.tsx";
import { ProblemsContext } from "./problems.ts";
import { RegionRow } from "./RegionRow.tsx";

interface Props {
  device: DeviceDraft;
  open: boolean;
  onToggle: (open: boolean) => void;
  onChange: (device: DeviceDraft) => void;
  onRemove: () => void;
}

/** One device with its reserved regions, folded to a line. */
export function DeviceEditor({ device, open, onToggle, onChange, onRemove }: Props) {
  const { problems } = useContext(ProblemsContext);
  const addButton = useRef<HTMLButtonElement>(null);
  const name = device.name.trim() || "unnamed device";
  const groupName = `group ${device.group.trim() || "?"}`;
  const fields = [...(["name", "group", "vfio", "model"] as const).map((field) => deviceField(device, field)), ...device.regions.flatMap((region) => (["start", "last", "label"] as const).map((field) => regionField(region, field)))];
  const wrong = fields.filter((field) => problems.has(field)).length;
  const setRegions = (regions: RegionDraft[]) => onChange({ ...device, regions });
  return (
    <li>
      <details className="pf-device" open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
        <summary>
          <span className="pf-device-name">{name}</span>
          <span className="pf-device-facts">
            {[name !== groupName && groupName, device.model.trim(), plural(device.regions.length, "region"), device.boundToHost && "host driver"].filter(Boolean).join(" · ")}
          </span>
          {wrong > 0 && !open && <span className="pf-wrong">{plural(wrong, "problem")}</span>}
        </summary>
        {open && (
          <div className="pf-device-body">
            <div className="pf-device-fields">
              <Field field={deviceField(device, "name")} label="Name" value={device.name} mono placeholder="0000:00:05.0" onChange={(value) => onChange({ ...device, name: value })} />
              <Field field={deviceField(device, "group")} label="Group" value={device.group} mono numeric onChange={(value) => onChange({ ...device, group: value })} />
              <Field field={deviceField(device, "vfio")} label="vfio N" value={device.vfio} mono numeric onChange={(value) => onChange({ ...device, vfio: value })} />
              <Field field={deviceField(device, "model")} label="Model" value={device.model} placeholder="nvme" onChange={(value) => onChange({ ...device, model: value })} />
            </div>
            <label className="pf-check">
              <input type="checkbox" checked={device.boundToHost} onChange={(event) => onChange({ ...device, boundToHost: event.currentTarget.checked })} />
              <span>Bound to a host driver: its group can’t be given away</span>
            </label>
            <h4 className="pf-regions-head">Reserved regions</h4>
            {device.regions.length === 0 && <p className="quiet">None.</p>}
            <ul className="pf-regions">
              {device.regions.map((region, index) => (
                <RegionRow
                  key={region.key}
                  region={region}
                  title={`region ${index + 1} of ${name}`}
                  onChange={(changed) => setRegions(device.regions.map((other) => (other === region ? changed : other)))}
                  onRemove={() => {
                    setRegions(device.regions.filter((other) => other !== region));
                    addButton.current?.focus();
                  }}
                />
              ))}
            </ul>
            <div className="pf-device-buttons">
              <button ref={addButton} type="button" className="button" onClick={() => setRegions([...device.regions, emptyRegion()])}>
                Add a region
              </button>
              <button type="button" className="button button-quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
                Remove the device
              </button>
            </div>
          </div>
        )}
      </details>
    </li>
  );
}
