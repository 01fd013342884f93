/** IOMMU_IOAS_MAP_FILE is newer than the kernel that is modelled (6.13); a log's become what comes nearest. */
import { add, hex, parseU64 } from "../../base/u64.ts";
import type { ScenarioCall } from "../scenario.ts";

const MAP_FILE = "IOMMU_IOAS_MAP_FILE";
const COMMAND = "0x3b8f";
const STRUCT_SIZE = 40;
/** Files have no user address; pages keep their place in the file from here. */
const SOME_VA = 0x7d00_0000_0000;

/** Turns the call into one that the model has, in place: the bare ioctl where the kernel did not know it, else a plain map. */
export function replaceMapFile(step: ScenarioCall): void {
  if (step.call !== MAP_FILE) return;
  const { flags, ioas_id, fd, start, length, iova } = step.in;
  const more = step.note === undefined ? "" : `; ${step.note}`;
  if (step.recorded?.errno === "ENOTTY") {
    step.call = "RAW_IOCTL";
    step.note = `${MAP_FILE} of ${length as string} at ${iova as string}: Linux before 6.13 does not have it${more}`;
    step.in = { cmd: COMMAND, size: STRUCT_SIZE };
    return;
  }
  step.call = "IOMMU_IOAS_MAP";
  step.note = `${MAP_FILE} of fd ${fd as number}${more}`;
  step.in = { flags, ioas_id, user_va: hex(add(SOME_VA, parseU64(start) ?? 0)), length, iova } as ScenarioCall["in"];
}
