/**
 * Defects of the historic forms, numbered as in the specification. `review`: somebody raised it on the list while the code was
 * being discussed; `deduced`: nobody did, it follows from the code. The sentences are ours.
 */
export interface Defect {
  readonly source: "review" | "deduced";
  readonly text: string;
}

export const DEFECTS = {
  P1: { source: "review", text: "the default allocator's flag is cleared after a test of the table, outside the lock" },
  P2: { source: "review", text: "the active allocator can go while ids it issued are outstanding" },
  P3: { source: "deduced", text: "the list head itself is taken for the next allocator" },
  P4: { source: "deduced", text: "a custom allocator's id may be stored one higher, because the limit is inclusive" },
  P5: { source: "deduced", text: "a failed store after a custom allocation is reported as success" },
  P6: { source: "deduced", text: "the host's id is not given back when it can't be stored" },
  P7: { source: "deduced", text: "the default allocator counts as in use after an allocation that failed" },
  P8: { source: "deduced", text: "a custom allocator can be registered while default ids live, and then stays unused" },
  P9: { source: "deduced", text: "the active allocator is asked to free ids it never issued" },
  P10: { source: "deduced", text: "freeing an unknown id hands a null pointer to the deferred free" },
  P11: { source: "deduced", text: "the list is tested outside the lock and an allocator is unlinked without asking whether it is linked" },
  P12: { source: "deduced", text: "the whole machine stops when the last custom allocator leaves ids behind" },
  P13: { source: "review", text: "private data is stored into an entry that was looked up without a lock" },
  M1: { source: "deduced", text: "a family keeps calling its first registrant after that one has left" },
  M2: { source: "deduced", text: "a refused registration has already relinked the allocator into memory that is then freed" },
  M3: { source: "deduced", text: "only the first registrant of a family is recognised as registered already" },
  M5: { source: "deduced", text: "unregistering compares functions only, not the allocator itself" },
  M6: { source: "deduced", text: "ids outstanding at the last unregistration are lost to the allocator, and the host is not told" },
  M7: { source: "review", text: "the last unregistration reverts to the default allocator although ids are outstanding" },
  Q1: { source: "review", text: "a lookup gives no reference on the id" },
  Q2: { source: "review", text: "an id that could not be stored is not withdrawn; that it is even returned as success is our deduction" },
  Q4: { source: "review", text: "freeing may give up half-way when the set is gone" },
  Q5: { source: "review", text: "a new quota is compared with the capacity left, not its growth" },
  Q6: { source: "review", text: "set numbers are limited by the capacity left" },
  Q7: { source: "review", text: "a reference is taken on an entry that was found without a lock" },
  Q8: { source: "review", text: "two locks are taken in opposite orders" },
  Q9: { source: "review", text: "an entry that does not exist is written to when there is no set yet" },
  Q11: { source: "deduced", text: "freeing again takes a reference that belongs to somebody else" },
  Q12: { source: "deduced", text: "a set's quota is given back while its ids are still in use" },
} as const satisfies Record<string, Defect>;

export type DefectId = keyof typeof DEFECTS;

/** "(P4, deduced by us)", "(P1, raised in review)". */
export function defectMark(id: DefectId): string {
  return `(${id}, ${DEFECTS[id].source === "review" ? "raised in review" : "deduced by us"})`;
}
