import { Kernel, type Part, type PartName } from "../kernel/kernel.ts";
import { callNames } from "../scenario/calls.ts";
import type { AnyScenario, TraceKind } from "../scenario/scenario.ts";

/** Each part is loaded when a scenario first needs it: the worker starts without any. */
const LOAD: Record<PartName, () => Promise<Part>> = {
  iommufd: async () => (await import("../kernel/iommufd/part.ts")).iommufdPart,
  vfio: async () => (await import("../kernel/vfio/part.ts")).vfioPart,
  ioasid: async () => (await import("../kernel/ioasid/part.ts")).ioasidPart,
};

const USUAL: Record<TraceKind, PartName> = { iommufd: "iommufd", "vfio-type1": "vfio", ioasid: "ioasid" };

const kernels = new Map<string, Promise<Kernel>>();

function kernelOf(names: readonly PartName[]): Promise<Kernel> {
  const key = names.join();
  let kernel = kernels.get(key);
  if (!kernel) {
    kernel = Promise.all(names.map((name) => LOAD[name]())).then((parts) => new Kernel(parts));
    // A failed fetch may succeed next time.
    kernel.catch(() => kernels.delete(key));
    kernels.set(key, kernel);
  }
  return kernel;
}

/**
 * The kernel that a scenario runs on: the part its kind usually needs, or everything when one of its calls is not in that.
 * Depends on the scenario alone, so the same scenario always has the same state.
 */
export async function kernelFor(scenario: AnyScenario): Promise<Kernel> {
  const container = scenario.container ?? (scenario.trace === "vfio-type1" ? "type1" : "iommufd");
  const usual = await kernelOf([USUAL[scenario.trace] ?? "iommufd"]);
  const names = callNames(scenario.calls);
  return [...names].every((name) => usual.defOf(name, container) !== null) ? usual : kernelOf(["iommufd", "vfio", "ioasid"]);
}
