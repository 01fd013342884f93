/** What a VMM's trace tells, one event per line. Addresses are U64, `last` is inclusive, sizes in bytes. */
import type { U64 } from "../../base/u64.ts";

export type TraceEvent = { line: number } & (
  | { event: "open-device"; path: string; fd: number }
  | { event: "connect" }
  | { event: "disconnect"; users: number }
  | { event: "bind"; device: string; fd: number; devId: number }
  | { event: "alloc-ioas"; ioas: number }
  | { event: "alloc-hwpt"; devId: number; ptId: number; flags: number; dataType: number; dataLen: number; hwpt: number; ret: number }
  | { event: "attach"; device: string; ptId: number; pasid: number }
  | { event: "detach"; device: string; pasid: number }
  | { event: "map"; ioas: number; iova: U64; size: U64; va: U64; readonly: boolean; ret: number }
  | { event: "map-file"; ioas: number; iova: U64; size: U64; fd: number; start: U64; readonly: boolean; ret: number }
  | { event: "unmap"; ioas: number; iova: U64; size: U64; ret: number; nonexistent: boolean }
  | { event: "free"; id: number; ret: number }
  | { event: "set-dirty"; hwpt: number; enable: boolean; ret: number }
  | { event: "get-dirty"; hwpt: number; iova: U64; size: U64; flags: U64; pageSize: U64; ret: number }
  | { event: "legacy-attach"; device: string; group: number }
  | { event: "legacy-detach"; device: string; group: number }
  | { event: "close-container" }
  | { event: "close-group" }
  | { event: "region-add"; first: U64; last: U64; va: U64 }
  | { event: "region-del"; first: U64; last: U64 }
  | { event: "viommu"; map: boolean; first: U64; last: U64 }
  | { event: "bar-size"; device: string; bar: number; size: U64 }
  | { event: "config-write"; device: string; offset: number; value: U64; length: number }
);
