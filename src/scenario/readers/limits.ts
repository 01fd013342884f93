/** How much memory a process may lock: /proc/PID/limits, `ulimit -a`, `prlimit`, systemd's LimitMEMLOCK. */
import { parseU64 } from "../../base/u64.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Taken } from "./reader.ts";

/** Soft limit first; bytes in /proc and prlimit. */
const LIMITS: readonly [RegExp, unit: bigint][] = [
  [/^Max locked memory\s+(\d+|unlimited)\s/, 1n],
  [/^MEMLOCK\s+max locked-in-memory address space\s+(\d+|unlimited)\s/, 1n],
  [/^max locked memory\s+\(k(?:bytes|B), -l\)\s+(\d+|unlimited)$/, 1024n],
  [/^LimitMEMLOCK(?:Soft)?=(\d+|infinity)$/, 1n],
];
const OTHER = /^(?:Max (?:cpu time|file size|data size|stack size|core file size|resident set|processes|open files|address space|file locks|pending signals|msgqueue size|nice priority|realtime priority|realtime timeout)\s|Limit\s+Soft Limit\s|RESOURCE\s+DESCRIPTION\s)/;

export const limitsReader: Reader = {
  format: "limits of a process",
  needs: [anyOf([...LIMITS.map(([pattern]) => pattern), OTHER])],
  open: (facts) => ({
    take(line): Taken | null {
      if (!/^[MLRm]/.test(line)) return null;
      for (const [pattern, unit] of LIMITS) {
        const limit = pattern.exec(line)?.[1];
        if (limit === undefined) continue;
        const bytes = /^\d{1,20}$/.test(limit) ? parseU64((BigInt(limit) * unit).toString()) : null;
        if (bytes !== null) facts.lockLimit ??= bytes;
        return bytes === null ? ignored("no limit") : USED;
      }
      return OTHER.test(line) ? ignored("another limit") : null;
    },
  }),
};
