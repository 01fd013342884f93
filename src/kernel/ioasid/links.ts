/**
 * The kernel's linked list of a family's members, link by link: the merged code damages it in ways that only show when the
 * links themselves are modelled (M2, M3).
 */
import type { AllocatorOps } from "./host-pools.ts";

/** One list_head: a family's head (ops null) or the link inside an allocator. */
export class Link {
  readonly ops: AllocatorOps | null;
  next: Link | null = null;
  prev: Link | null = null;

  constructor(ops: AllocatorOps | null) {
    this.ops = ops;
    if (ops === null) {
      this.next = this;
      this.prev = this;
    }
  }
}

/** list_add_tail: does not ask whether the link is on a list already. */
export function addTail(link: Link, head: Link): void {
  const prev = head.prev as Link;
  head.prev = link;
  link.next = head;
  link.prev = prev;
  prev.next = link;
}

/** list_del: leaves the removed link pointing nowhere. */
export function unlink(link: Link): void {
  if (link.next) link.next.prev = link.prev;
  if (link.prev) link.prev.next = link.next;
  link.next = null;
  link.prev = null;
}

/** list_is_singular. */
export function isSingular(head: Link): boolean {
  return head.next !== head && head.next === head.prev;
}

/** Steps after which a walk counts as endless. */
const WALK_LIMIT = 20;

/** The members as a walk finds them. `ended` says how it ended: back at the head, nowhere, in freed memory, or not at all. */
export function walk(head: Link): { members: AllocatorOps[]; ended: "head" | "nowhere" | "freed" | "never" } {
  const members: AllocatorOps[] = [];
  for (let link = head.next; link !== head; link = link.next) {
    if (!link) return { members, ended: "nowhere" };
    if (link.ops === null) return { members, ended: "freed" };
    if (members.length === WALK_LIMIT) return { members, ended: "never" };
    members.push(link.ops);
  }
  return { members, ended: "head" };
}
