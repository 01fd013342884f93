/** Which subsystems a machine has. A page loads only those that its scenario needs; a terminal and tests have them all. */
import type { CallDef } from "./call.ts";
import type { Iommufd } from "./iommufd/iommufd.ts";
import type { Ioasid } from "./ioasid/ioasid.ts";
import type { Machine } from "./machine.ts";
import type { Mm } from "./mm/mm.ts";
import type { Vfio } from "./vfio/vfio.ts";

/** The subsystems of a machine; an absent one is not in this kernel. */
export interface Subsystems {
  iommufd?: Iommufd;
  vfio?: Vfio;
  ioasid?: Ioasid;
  mm?: Mm;
}

export type PartName = "iommufd" | "vfio" | "ioasid";

/** A subsystem, or two that belong together, as a kernel is put together from them. */
export interface Part {
  readonly name: PartName;
  readonly calls: readonly CallDef[];
  /** VFIO container ioctls as this part answers them when it is the one asked. */
  readonly containerCalls: readonly CallDef[];
  build(machine: Machine): Subsystems;
}

/** Parts, and the calls that they answer. Immutable. */
export class Kernel {
  readonly parts: readonly Part[];
  private readonly calls: ReadonlyMap<string, CallDef>;
  /** The VFIO container ioctls are answered by type1 or by iommufd's compatibility layer. */
  private readonly onType1: ReadonlyMap<string, CallDef>;
  private readonly onIommufd: ReadonlyMap<string, CallDef>;

  constructor(parts: readonly Part[]) {
    this.parts = parts;
    this.calls = tableOf(parts.flatMap((part) => part.calls));
    this.onType1 = tableOf(parts.flatMap((part) => (part.name === "vfio" ? part.containerCalls : [])));
    this.onIommufd = tableOf(parts.flatMap((part) => (part.name === "iommufd" ? part.containerCalls : [])));
    Object.freeze(this);
  }

  /** The definition that answers a call of this name when container ioctls go to `container`; null when there is none. */
  defOf(name: string, container: "type1" | "iommufd"): CallDef | null {
    return (container === "type1" ? this.onType1 : this.onIommufd).get(name) ?? this.calls.get(name) ?? null;
  }

  /** Every call that a machine with this kernel answers, each name once. */
  allCalls(): CallDef[] {
    return [...new Map([...this.onIommufd, ...this.calls, ...this.onType1]).values()];
  }
}

function tableOf(defs: readonly CallDef[]): ReadonlyMap<string, CallDef> {
  return new Map(defs.map((def) => [def.name, def]));
}
