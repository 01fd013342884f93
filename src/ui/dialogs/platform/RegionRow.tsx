import { humanSize } from "../../../base/format.ts";
import { hex, lengthOf } from "../../../base/u64.ts";
import type { RegionType } from "../../../kernel/config.ts";
import { Icon } from "../../parts/Icon.tsx";
import { readLast, readRegion, readStart, regionField } from "./check.ts";
import type { RegionDraft } from "./draft.ts";
import { Field } from "./Field.tsx";

/** In the order of the kernel's enum iommu_resv_type. */
const TYPES: readonly RegionType[] = ["direct", "direct-relaxable", "reserved", "msi", "sw-msi"];

interface Props {
  region: RegionDraft;
  /** "Region 1 of 0000:00:05.0". */
  title: string;
  onChange: (region: RegionDraft) => void;
  onRemove: () => void;
}

export function RegionRow({ region, title, onChange, onRemove }: Props) {
  const read = readRegion(region);
  const start = readStart(region.start);
  const typeId = regionField(region, "label") + "-type";
  const leaveStart = () => {
    if ("value" in start) onChange({ ...region, start: hex(start.value) });
  };
  const leaveLast = () => {
    const last = readLast(region.last, "value" in start ? start.value : null);
    if ("value" in last) onChange({ ...region, last: hex(last.value) });
  };
  return (
    <li>
      <fieldset className="pf-region" data-type={region.type}>
        <legend className="sr-only">{title}</legend>
        <Field field={regionField(region, "start")} label="Start" value={region.start} mono placeholder="0x…" onChange={(value) => onChange({ ...region, start: value })} onLeave={leaveStart} />
        <Field field={regionField(region, "last")} label="Last, or + length" value={region.last} mono placeholder="0x… or +1M" onChange={(value) => onChange({ ...region, last: value })} onLeave={leaveLast} />
        <div className="pf-field pf-size">
          <span className="pf-label">Size</span>
          <output className="pf-output" htmlFor={`${regionField(region, "start")} ${regionField(region, "last")}`}>
            {read ? humanSize(lengthOf(read.first, read.last)) : "–"}
          </output>
        </div>
        <div className="pf-field">
          <label className="pf-label" htmlFor={typeId}>
            Type
          </label>
          <select id={typeId} value={region.type} onChange={(event) => onChange({ ...region, type: event.currentTarget.value as RegionType })}>
            {TYPES.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </div>
        <Field field={regionField(region, "label")} label="What it is" value={region.label} onChange={(value) => onChange({ ...region, label: value })} />
        <button type="button" className="button button-quiet button-icon pf-remove" aria-label={`Remove ${title}`} title="Remove this region" onClick={onRemove}>
          <Icon name="close" />
        </button>
      </fieldset>
    </li>
  );
}
