/** Words about ids. Pure. */
import type { IdState, PasidEntry, PasidSpace } from "../../../kernel/inspect.ts";
import type { TipText } from "../common/Tooltip.tsx";
import { listed } from "../common/words.ts";
import { idText } from "./cells.ts";

const TEACH: Record<IdState, string> = {
  free: "Nobody has it. The allocator hands out the lowest free id first.",
  active: "In use: DMA tagged with it reaches its owner’s address space.",
  idle: "Allocated, but nothing uses it at the moment.",
  pending: "Freed, but somebody still holds a reference. The last one to let go makes it free.",
  reserved: "Never handed out. Id 0 tags DMA that carries no PASID at all.",
  orphaned: "Its owner is gone, but the id was never given back: it is lost to everybody.",
  freed: "Given back.",
};

export function stateWord(entry: PasidEntry): string {
  if (entry.state === "active") return entry.refs === null ? "active" : `refs ${entry.refs}`;
  return entry.state;
}

/** Second line of a cell: whose it is. */
export function ownerOf(entry: PasidEntry, space: PasidSpace): string {
  const set = space.sets.find((candidate) => candidate.key === entry.set);
  return set?.label ?? entry.lines[0] ?? "";
}

export function entryTip(entry: PasidEntry, space: PasidSpace): TipText {
  const rows: TipText["rows"] = [{ name: "state", value: entry.state }];
  const set = space.sets.find((candidate) => candidate.key === entry.set);
  if (set) rows.push({ name: "set", value: set.label });
  if (entry.refs !== null) rows.push({ name: "refs", value: String(entry.refs) });
  for (const line of entry.lines) rows.push({ name: "also", value: line });
  const allocator = space.allocators.find((candidate) => candidate.key === entry.allocator);
  if (allocator) rows.push({ name: "allocator", value: allocator.label });
  if (entry.holders.length > 0) rows.push({ name: "held by", value: listed(entry.holders, 4) });
  return { title: `id ${entry.id} = 0x${entry.id.toString(16)}`, rows, teach: TEACH[entry.state] };
}

export function entryText(entry: PasidEntry, space: PasidSpace): string {
  const owner = ownerOf(entry, space);
  const parts = [`id ${entry.id}`, entry.state];
  if (owner !== "") parts.push(owner);
  if (entry.refs !== null) parts.push(`refs ${entry.refs}`);
  if (entry.holders.length > 0) parts.push(`held by ${listed(entry.holders, 4)}`);
  return parts.join(", ");
}

/** "Allocators: A1 active, A2 waiting. PASID 3 is held by 1 reference." */
export function captionOf(space: PasidSpace, selected: PasidEntry | null): string {
  const parts: string[] = [];
  if (selected) {
    const held = selected.holders.length > 0 ? `, held by ${listed(selected.holders, 3)}` : selected.refs === null ? "" : `, refs ${selected.refs}`;
    parts.push(`PASID ${idText(selected.id)} is ${selected.state}${held}.`, TEACH[selected.state]);
    return parts.join(" ");
  }
  if (space.allocators.length > 0) parts.push(`Allocators: ${listed(space.allocators.map((each) => `${each.label} ${each.active ? "active" : "waiting"}`), 4)}.`);
  const pending = space.ids.filter((entry) => entry.state === "pending");
  const orphaned = space.ids.filter((entry) => entry.state === "orphaned");
  if (pending.length === 1) parts.push(`PASID ${idText(pending[0]!.id)} waits for its last reference.`);
  else if (pending.length > 1) parts.push(`${pending.length.toLocaleString("en")} ids wait for their last reference.`);
  if (orphaned.length > 0) parts.push(`${orphaned.length === 1 ? `PASID ${idText(orphaned[0]!.id)} has` : `${orphaned.length.toLocaleString("en")} ids have`} lost their owner.`.replace("has lost their", "has lost its"));
  if (space.ids.length === 0) parts.push("None is allocated: the first call gets the lowest id its range allows.");
  else if (parts.length < 2) parts.push(`${space.ids.length.toLocaleString("en")} of ${(2 ** space.bits).toLocaleString("en")} ids are known.`);
  return parts.join(" ");
}
