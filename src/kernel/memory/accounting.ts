/** Locked-memory accounting: what pinning counts against RLIMIT_MEMLOCK, per user or per process. Figures are pages. */
import { toBig, type U64 } from "../../base/u64.ts";

/** None: the one who mapped had CAP_IPC_LOCK. User: against the user's total. Mm: against the process's own. */
export type AccountMode = "none" | "user" | "mm";

/** What the kernel asks about a process when it maps or sets options. A process starts as root with everything. */
export interface Credentials {
  ipcLock: boolean;
  sysResource: boolean;
  /** RLIMIT_MEMLOCK in pages; null: no limit. */
  limit: number | null;
}

export class Accounting {
  private readonly credentials: Credentials[] = [{ ipcLock: true, sysResource: true, limit: null }];
  private userPages = 0;
  private readonly mmPages: number[] = [];

  of(process: number): Credentials {
    return this.credentials[process] as Credentials;
  }

  fork(parent: number): void {
    this.credentials.push({ ...this.of(parent) });
  }

  setLimit(process: number, bytes: U64): void {
    this.of(process).limit = Number(toBig(bytes) >> 12n);
  }

  charged(mode: AccountMode, process: number): number {
    return mode === "user" ? this.userPages : mode === "mm" ? (this.mmPages[process] ?? 0) : 0;
  }

  /** Counts `pages` more (or fewer). False, and nothing counted, when a growth would pass the process's limit. */
  charge(mode: AccountMode, process: number, pages: number): boolean {
    if (mode === "none") return true;
    const after = this.charged(mode, process) + pages;
    const { limit } = this.of(process);
    if (pages > 0 && limit !== null && after > limit) return false;
    if (mode === "user") this.userPages = after;
    else this.mmPages[process] = after;
    return true;
  }
}
