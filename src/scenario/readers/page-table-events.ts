import type { U64 } from "../../base/u64.ts";

/** One iommu:* tracepoint: an operation on a page table, not a user's mapping. Sizes in bytes. */
export type TableEvent = { line: number; task: string } & (
  /** `end` is exclusive, and 0 stands for 2^64; older kernels print the size only. */
  | { event: "map" | "unmap"; iova: U64; end: U64 }
  | { event: "map" | "unmap"; iova: U64; size: U64 }
  | { event: "attach" | "detach"; device: string }
  | { event: "fault"; device: string; iova: U64 }
);
