import { useState } from "react";
import { PLATFORM_KINDS, widthsOf } from "./platform-kinds.ts";
import type { PlatformKind } from "../../kernel/config.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";

/** Runs the same calls on another platform. */
export function PlatformDialog() {
  const { view, session } = useApp();
  const platform = useSession((state) => state.loaded?.platform);
  const [kind, setKind] = useState<PlatformKind>(platform?.kind ?? "none");
  const [width, setWidth] = useState<number | undefined>(platform?.address_bits);
  if (!platform) return null;
  const widths = widthsOf(kind);
  const wanted = width !== undefined && widths.includes(width) ? width : undefined;
  return (
    <Dialog title="Platform" onClose={() => view.open(null)}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void session.changePlatform({ kind, address_bits: wanted, guessed: false });
        }}
      >
        <p>
          {platform.guessed
            ? "Nothing in the input says which IOMMU the host has, so this one was assumed. Reserved ranges and limits follow from it."
            : "Reserved ranges and limits follow from the host’s IOMMU."}{" "}
          The same calls run again on the one chosen here.
        </p>
        <label>
          <span>IOMMU</span>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as PlatformKind)}>
            {PLATFORM_KINDS.map((entry) => (
              <option key={entry.kind} value={entry.kind}>
                {entry.name}
              </option>
            ))}
          </select>
        </label>
        {widths.length > 0 && (
          <label>
            <span>Address width</span>
            <select value={wanted ?? ""} onChange={(event) => setWidth(event.currentTarget.value === "" ? undefined : Number(event.currentTarget.value))}>
              <option value="">usual for it</option>
              {widths.map((bits) => (
                <option key={bits} value={bits}>
                  {bits} bits
                </option>
              ))}
            </select>
          </label>
        )}
        <div className="form-buttons">
          <button type="button" className="button" onClick={() => view.open(null)}>
            Cancel
          </button>
          <button type="submit" className="button button-strong">
            Run again
          </button>
        </div>
      </form>
    </Dialog>
  );
}
