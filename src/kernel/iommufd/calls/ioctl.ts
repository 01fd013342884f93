/** What all ioctls of an iommufd share: which context, and the checks on the argument's size (iommufd_fops_ioctl, 6.12). */
import type { Answer } from "../../answer.ts";
import { defineCall, type CallDef, type Given } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { optional, orElse, u32, type Decoded, type FieldTable } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import type { Rule } from "../../rules/rule.ts";
import type { Context } from "../context.ts";
import type { Iommufd } from "../iommufd.ts";

/** Fields that every ioctl may carry. */
const COMMON = {
  /** The iommufd; absent: the one the process opened last. */
  fd: optional(u32),
  /** The structure's size; absent: its true one. */
  size: optional(u32),
  /** Non-zero: a byte behind the structure the kernel knows is not zero. */
  trailing_nonzero: orElse(u32, 0),
  __reserved: orElse(u32, 0),
};

type Common = Decoded<typeof COMMON>;

/** `caller` is the number of the calling process. */
export type IoctlHandler<In> = (iommufd: Iommufd, context: Context, fields: In, trace: CallTrace, given: Given | null, caller: number) => Answer;

interface IoctlSpec<In extends FieldTable> {
  /** Low byte of the command. */
  readonly nr: number;
  /** Smallest size accepted, and the size of the structure this kernel knows, bytes. */
  readonly min: number;
  readonly full: number;
  readonly summary: string;
  readonly in: In;
  readonly out?: FieldTable;
  readonly order: readonly Rule[];
  /** What the caller finds in its structure even when the size was refused; the kernel has not touched it. */
  readonly left?: (fields: Decoded<In>) => Record<string, unknown>;
}

/** Native ioctls by command number, for RAW_IOCTL. Filled as they are defined. */
const BY_NUMBER = new Map<number, { def: CallDef; min: number }>();

export function defineIoctl<In extends FieldTable>(name: string, spec: IoctlSpec<In>, run: IoctlHandler<Decoded<In> & Common>): CallDef {
  const { min, full, nr, summary, out } = spec;
  const order = [R["fd-not-open"], R["struct-too-small"], R["struct-unknown-tail"], ...spec.order];
  const def = defineCall(name, { subsystem: "iommufd", summary, in: { ...COMMON, ...spec.in }, out, order }, (machine, fields, trace, given) => {
    const { size, fd } = fields as Common;
    const context = contextOf(machine.iommufd, machine.caller, fd);
    if (context === null) return noContext(trace, fd);
    if (size !== null || trace.explain) {
      const known = size ?? full;
      if (!trace.holds(R["struct-too-small"], known >= min, () => ({ note: `size ${known}, at least ${min}` }))) return trace.refusal(spec.left?.(fields));
      const clean = known <= full || (fields as Common).trailing_nonzero === 0;
      if (!trace.holds(R["struct-unknown-tail"], clean, () => ({ note: `size ${known}, known ${full}` }))) return trace.refusal(spec.left?.(fields));
    }
    return run(machine.iommufd, context, fields, trace, given, machine.caller);
  });
  if (!BY_NUMBER.has(nr)) BY_NUMBER.set(nr, { def, min });
  return def;
}

export function ioctlByNumber(nr: number): { def: CallDef; min: number } | null {
  return BY_NUMBER.get(nr) ?? null;
}

/** The context behind a descriptor of a process; without one, that of the iommufd it opened last. Null: none is open. */
export function contextOf(iommufd: Iommufd, caller: number, fd: number | null): Context | null {
  const process = iommufd.processes[caller];
  if (!process) return null;
  if (fd === null) return process.current;
  const file = process.files.get(fd);
  return file?.what.kind === "iommufd" ? file.what.context : null;
}

export function noContext(trace: CallTrace, fd: number | null): Answer {
  return trace.refuse(R["fd-not-open"], () => ({ note: fd === null ? "no iommufd is open" : `fd ${fd}` }));
}

/** Reserved fields must be zero. */
export function reservedIsZero(trace: CallTrace, reserved: number): boolean {
  if (reserved === 0 && !trace.explain) return true;
  return trace.holds(R["unknown-flag"], reserved === 0, () => ({ note: `__reserved ${reserved}` }));
}

/** Only known flags may be set. */
export function flagsAreKnown(trace: CallTrace, flags: number, known: number, fn: string): boolean {
  const good = (flags & ~known) === 0;
  if (good && !trace.explain) return true;
  return trace.holds(R["unknown-flag"], good, () => ({ fn, note: `flags 0x${(flags >>> 0).toString(16)}, known 0x${known.toString(16)}` }));
}
