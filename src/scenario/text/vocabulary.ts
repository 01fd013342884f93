/** The calls and fields that a text may name. */
import type { CallDef } from "../../kernel/call.ts";
import type { FieldKind } from "../../kernel/fields.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Scenario } from "../scenario.ts";

export type Container = "type1" | "iommufd";

/** Who answers the container ioctls of a scenario when it does not say. */
export function containerOf({ container, trace }: Pick<Scenario, "container" | "trace">): Container {
  return container ?? (trace === "vfio-type1" ? "type1" : "iommufd");
}

/** The definition of a call; any of that name where the scenario's own container has none. */
export function defIn(kernel: Kernel, container: Container, name: string): CallDef | null {
  return kernel.defOf(name, container) ?? kernel.defOf(name, container === "type1" ? "iommufd" : "type1");
}

/** What a field of a call takes; null when the call has no such field. */
export function kindOf(def: CallDef | null, field: string): FieldKind<any> | null {
  return def && Object.hasOwn(def.fields, field) ? (def.fields[field] as FieldKind<any>) : null;
}
