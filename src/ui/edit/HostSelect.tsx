import type { ReactNode } from "react";
import { platformPresets } from "../../kernel/platform/presets.ts";

/** Chooses one of the hosts that are known, or of further `children` (options). */
export function HostSelect({ value, onChange, children }: { value: string; onChange: (id: string) => void; children?: ReactNode }) {
  return (
    <label className="write-field">
      <span>Host</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {platformPresets.map((preset) => (
          <option key={preset.id} value={preset.id}>
            {preset.name}
          </option>
        ))}
        {children}
      </select>
    </label>
  );
}
