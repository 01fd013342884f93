/** RAW_IOCTL: any ioctl number with a zeroed structure, to see what the entry of the ioctl says. */
import { parseU64 } from "../../../base/u64.ts";
import { defineCall, type CallDef } from "../../call.ts";
import type { FieldKind, FieldTable } from "../../fields.ts";
import { optional, orElse, pointer, text, u32 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { compatByNumber } from "./compat-calls.ts";
import { contextOf, ioctlByNumber, noContext } from "./ioctl.ts";
import { TEST_CMD } from "./test-op.ts";

const BASE = 0x80;
const TYPE = 0x3b;

/** What a zeroed structure means in each field. */
function zeroFields(table: FieldTable): Record<string, unknown> {
  const zero = (kind: FieldKind<unknown>): unknown => kind.decode(0) ?? kind.decode("0x0") ?? kind.decode([]) ?? kind.absent;
  return Object.fromEntries(Object.entries(table).map(([name, kind]) => [name, zero(kind as FieldKind<unknown>)]));
}

const raw = defineCall(
  "RAW_IOCTL",
  {
    subsystem: "iommufd", summary: "Makes an ioctl by its bare number, with a zeroed structure.", in: { cmd: text, size: orElse(u32, 0), ptr: orElse(optional(pointer), null), fd: optional(u32) },
    order: [R["fd-not-open"], R["argument-readable"], R["unknown-ioctl"], R["struct-too-small"], R["struct-unknown-tail"]],
  },
  (machine, { cmd, size, ptr, fd }, trace, given) => {
    const context = contextOf(machine.iommufd, machine.caller, fd);
    if (context === null) return noContext(trace, fd);
    const command = Number(parseU64(cmd) ?? 0);
    const nr = command & 0xff;
    const inTable = nr >= BASE && nr <= TEST_CMD;
    const compat = command === ((TYPE << 8) | nr) ? compatByNumber(nr) : null;
    const address = ptr === null ? null : machine.memory.address(ptr);
    const readable = address === null || (address !== 0 && machine.memory.isUsable(machine.caller, address, 4, false));
    if (!inTable && compat) {
      // Those without an argsz take the argument itself, not what it points to.
      if (!trace.holds(R["argument-readable"], readable || !("argsz" in compat.fields), () => ({ fn: "iommufd_vfio_ioctl", note: "argsz" }))) return trace.refusal();
      // The direct argument is the structure's address: a number no extension or type has.
      const { errno } = compat.run(machine, { ...zeroFields(compat.fields), argsz: size, arg: Infinity, fd }, trace, given);
      return { errno };
    }
    if (!trace.holds(R["unknown-ioctl"], inTable, () => ({ fn: "iommufd_vfio_ioctl", note: `command ${cmd}` }))) return trace.refusal();
    if (!trace.holds(R["argument-readable"], readable, () => ({ note: "size" }))) return trace.refusal();
    const known = command === ((TYPE << 8) | nr) ? ioctlByNumber(nr) : null;
    if (!trace.holds(R["unknown-ioctl"], known !== null, () => ({ note: `command ${cmd}` }))) return trace.refusal();
    if (!known) return trace.refusal();
    if (!trace.holds(R["struct-too-small"], size >= known.min, () => ({ note: `size ${size}, at least ${known.min}` }))) return trace.refusal();
    if (nr === TEST_CMD) return trace.refuse(R["test-op-known"], () => ({ note: "op 0" }));
    const { errno } = known.def.run(machine, { ...zeroFields(known.def.fields), size, fd }, trace, given);
    return { errno };
  },
);

export const rawCalls: readonly CallDef[] = [raw];
