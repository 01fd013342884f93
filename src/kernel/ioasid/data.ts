/** What the allocator keeps of one id, and the things an entry points to. */

/** Whom ids belong to. Ownership is identity: two tokens of the same name are different owners. */
export class SetToken {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export type IdLife = "INACTIVE" | "IDLE" | "ACTIVE" | "FREE_PENDING";

/** One allocated id (struct ioasid_data). */
export class IoasidData {
  /** Own number; 0 until the allocation is complete. */
  id = 0;
  readonly set: SetToken | null;
  /** Name of the private object, null for none. */
  private: string | null;
  /** Who issued it: the custom allocator's name or "default". */
  issuer = "default";
  /** References, in the forms that count them. */
  refs = 1;
  life: IdLife = "ACTIVE";
  /** The number inside the set (a guest's PASID), in the series. */
  spid = 0;
  /** The memory has been given back (after a grace period, if the code waits for one). */
  freed = false;

  constructor(set: SetToken | null, privateData: string | null) {
    this.set = set;
    this.private = privateData;
  }
}

/** What an entry's private pointer points to; its owner and those who took a reference keep it alive. */
export class PrivateObject {
  readonly name: string;
  /** References that getters took. */
  held = 0;
  /** The owner has given it up. */
  released = false;

  constructor(name: string) {
    this.name = name;
  }

  get freed(): boolean {
    return this.released && this.held === 0;
  }
}

/** An id that the allocator has forgotten but nobody gave back to the host. */
export interface LostId {
  id: number;
  set: string | null;
  private: string | null;
  issuer: string;
  why: string;
}
