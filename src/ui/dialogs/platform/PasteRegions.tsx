import { useId, useState } from "react";
import type { Engine } from "../../../engine/views.ts";
import { messageOf } from "../../state/notices.ts";
import type { PlatformDraft } from "./draft.ts";
import { listingOf, withListing, type ListingTarget } from "./listing.ts";

interface Props {
  engine: Engine;
  draft: PlatformDraft;
  groups: readonly number[];
  onDraft: (draft: PlatformDraft) => void;
}

/** Takes the regions of groups from what a real host lists. */
export function PasteRegions({ engine, draft, groups, onDraft }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [target, setTarget] = useState<ListingTarget>("named");
  const [outcome, setOutcome] = useState<{ ok: boolean; text: string } | null>(null);

  const take = async () => {
    try {
      if (text.trim() === "") throw new Error("There is nothing in it yet.");
      const listing = listingOf(text, await engine.read([{ name: "the listing", content: text }]));
      const { draft: changed, done } = withListing(draft, listing, target);
      onDraft(changed);
      setOutcome({ ok: true, text: done });
    } catch (error) {
      setOutcome({ ok: false, text: messageOf(error) });
    }
  };

  return (
    <details className="pf-paste">
      <summary>Take the regions from a real host</summary>
      <div className="pf-paste-body">
        <label className="pf-label" htmlFor={id}>
          What <code>grep . /sys/kernel/iommu_groups/*/reserved_regions</code> prints, or one such file
        </label>
        <textarea
          id={id}
          className="pf-input pf-mono"
          rows={5}
          spellCheck={false}
          autoComplete="off"
          value={text}
          aria-invalid={outcome?.ok === false}
          aria-describedby={outcome ? `${id}-outcome` : undefined}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setOutcome(null);
          }}
        />
        <div className="pf-paste-bar">
          <label htmlFor={`${id}-target`}>for</label>
          <select id={`${id}-target`} value={target} onChange={(event) => setTarget(event.currentTarget.value === "named" ? "named" : Number(event.currentTarget.value))}>
            <option value="named">the groups it names</option>
            {groups.map((group) => (
              <option key={group} value={group}>
                group {group}
              </option>
            ))}
          </select>
          <button type="button" className="button" onClick={() => void take()}>
            Replace the regions
          </button>
        </div>
        <p id={`${id}-outcome`} className={outcome?.ok === false ? "pf-problem" : "pf-done"} role="status">
          {outcome?.text}
        </p>
      </div>
    </details>
  );
}
