/** Messages about refusals: they complete the steps of a trace, and where there is no trace they are the story. */
import type { Json } from "../../base/json.ts";
import { hex } from "../../base/u64.ts";
import type { Facts, Failure } from "../readers/facts.ts";
import type { ScenarioCall } from "../scenario.ts";
import { isMap, sizeOf } from "./call-kinds.ts";
import { driverSaid, LegacyContainer } from "./legacy.ts";
import type { Roster } from "./roster.ts";
import { DIRECT_HINT, FAILED, givenOf, IMPLIED, known, Steps } from "./steps.ts";

type MapFailure = Extract<Failure, { kind: "map" }>;

const IOMMUFD_CALLS: ReadonlySet<string> = new Set(["IOMMU_IOAS_ALLOC", "IOMMU_IOAS_MAP", "IOMMU_IOAS_MAP_FILE", "IOMMU_IOAS_UNMAP"]);

/** Puts what messages say beside the steps they speak of; maps that no step shows are added at the end. */
export function completeSteps(steps: Steps, facts: Facts): void {
  const failures = facts.failures.filter((failure): failure is MapFailure => failure.kind === "map");
  if (failures.length === 0) return;
  const places = placesOf(steps.calls);
  const awaited = new Map<string, number>();
  for (const failure of failures) awaited.set(placeOf(failure), (awaited.get(placeOf(failure)) ?? 0) + 1);
  const rest = failures.filter((failure) => {
    const more = awaited.get(placeOf(failure)) ?? 1;
    awaited.set(placeOf(failure), more - 1);
    const step = takeStep(places, failure, more);
    if (!step) return true;
    applyFailure(step, failure);
    steps.told(step, failure.at);
    return false;
  });
  const around = { onIommufd: steps.calls.some((step) => IOMMUFD_CALLS.has(step.call)), ioas: steps.calls.findLast((step) => step.call === "IOMMU_IOAS_ALLOC")?.recorded?.out?.out_ioas_id ?? 2 };
  // Who asks quotes the line that matters once more.
  const told = new Set<string>();
  for (const failure of rest) {
    const key = `${placeOf(failure)} ${failure.errno}`;
    if (failure.va === null && told.has(key)) continue;
    told.add(key);
    addFailure(steps, failure, around);
  }
}

/** Maps and unmaps of which a message may speak, by what they ask for: a log may hold very many, and as many messages. */
function placesOf(calls: readonly ScenarioCall[]): Map<string, ScenarioCall[]> {
  const places = new Map<string, ScenarioCall[]>();
  for (const step of calls) {
    const op = isMap(step) ? "map" : step.call.includes("UNMAP") ? "unmap" : null;
    const size = sizeOf(step);
    if (op === null || step.recorded?.errno === "OK" || typeof step.in.iova !== "string" || typeof size !== "string") continue;
    const key = `${op} ${step.in.iova} ${size}`;
    const same = places.get(key);
    if (same) same.push(step);
    else places.set(key, [step]);
  }
  return places;
}

/** A log that repeats itself without end is not looked through for each message. */
const MOST_ALIKE = 500;

function placeOf({ op, iova, size }: MapFailure): string {
  return `${op} ${hex(iova)} ${hex(size)}`;
}

/**
 * Takes the step that a message speaks of: none speaks of the same one. Of steps that are alike the messages speak of the last
 * ones, since what is asked for again had worked before; `more` messages of this place are left, this one among them.
 */
function takeStep(places: Map<string, ScenarioCall[]>, failure: MapFailure, more: number): ScenarioCall | undefined {
  const alike = places.get(placeOf(failure)) ?? [];
  const isOpen = ({ recorded }: ScenarioCall) => recorded === undefined || recorded.failed === true || recorded.errno === failure.errno;
  const va = failure.va === null ? null : hex(failure.va);
  const open = (alike.length > MOST_ALIKE ? alike.slice(-MOST_ALIKE) : alike).filter(isOpen);
  const exact = va === null ? [] : open.filter((step) => (step.in.vaddr ?? step.in.user_va) === va);
  const fitting = exact.length > 0 ? exact : open;
  const step = fitting[Math.max(0, fitting.length - more)];
  if (step) alike.splice(alike.lastIndexOf(step), 1);
  return step;
}

function applyFailure(step: ScenarioCall, failure: MapFailure): void {
  step.recorded = failure.errno === null ? FAILED : known(failure.errno);
  const given = givenOf(failure.errno);
  if (given) step.given = given;
  if (failure.region !== undefined) step.note = `${failure.region}${step.note === undefined ? "" : `; ${step.note}`}`;
}

/** A step for a map that only a message tells of. */
function addFailure(steps: Steps, failure: MapFailure, around: { onIommufd: boolean; ioas: Json }): void {
  steps.from(failure.at?.file ?? "", failure.at?.line ?? null);
  const onIommufd = failure.iommufd ?? around.onIommufd;
  if (onIommufd) around.onIommufd = true;
  const { ioas } = around;
  const va = hex(failure.va ?? failure.iova);
  const iova = hex(failure.iova);
  const size = hex(failure.size);
  // Newer VMMs map files; a kernel without that ioctl answers ENOTTY.
  const step = onIommufd
    ? failure.op === "map"
      ? failure.errno === "ENOTTY"
        ? steps.add("IOMMU_IOAS_MAP_FILE", { flags: 7, ioas_id: ioas, fd: 0, start: "0x0", length: size, iova })
        : steps.add("IOMMU_IOAS_MAP", { flags: 7, ioas_id: ioas, user_va: va, length: size, iova })
      : steps.add("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova, length: size })
    : failure.op === "map"
      ? steps.add("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: va, iova, size })
      : steps.add("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova, size });
  applyFailure(step, failure);
}

/** The story that messages alone tell: what a VMM does up to the refusal, and the refusal. Null: they name no call. */
export function failureCalls(facts: Facts, roster: Roster): Steps | null {
  const told = facts.failures.filter((failure) => failure.kind !== "map-errno" && failure.kind !== "bar-efault" && failure.kind !== "width");
  if (told.length === 0) return null;
  const steps = new Steps(facts.keepsOrigins);
  const bind = told.find((failure) => failure.kind === "bind" || failure.kind === "attach");
  // Only QEMU's iommufd backend speaks of IOMMU_IOAS_MAP.
  const speaksIommufd = facts.failures.some((failure) => failure.kind === "bar-efault" || (failure.kind === "map" && failure.iommufd));
  if (bind || speaksIommufd) {
    openIommufd(steps, facts, roster, deviceOf(told));
    if (!bind) completeSteps(steps, facts);
    return steps;
  }
  const container = new LegacyContainer(steps, roster, facts);
  for (const failure of told) {
    const group = "group" in failure ? failure.group : undefined;
    const device = "device" in failure ? failure.device : undefined;
    steps.from(failure.at?.file ?? "", failure.at?.line ?? null);
    const member = group === undefined ? roster.device(device ?? null) : device === undefined ? roster.memberOf(group) : roster.device(device, { group });
    container.attach(member.group, member.name, "implied by the message");
    if (failure.kind === "two-address-spaces") {
      const last = steps.calls.at(-1);
      if (last) last.note = `the VMM refuses: group ${failure.group} would need two address spaces, and a container holds whole groups`;
    }
  }
  completeSteps(steps, facts);
  return steps;
}

function deviceOf(failures: Failure[]): string | null {
  for (const failure of failures) if ("device" in failure && failure.device !== undefined) return failure.device;
  return null;
}

/** Ids as a fresh /dev/iommu gives them: device 1, IOAS 2. */
function openIommufd(steps: Steps, facts: Facts, roster: Roster, name: string | null): void {
  const [first] = facts.failures;
  steps.from(first?.at?.file ?? "", first?.at?.line ?? null);
  const device = roster.device(name, { vfio: 0, refused: facts.failures.some((failure) => failure.kind === "bind" && failure.errno === "EINVAL") });
  steps.implied("VFIO_CDEV_OPEN", { dev: 0, path: `/dev/vfio/devices/vfio${device.vfio ?? 0}` });
  const refused = facts.failures.find((failure) => failure.kind === "bind");
  if (refused?.kind === "bind") {
    if (refused.errno === "EPERM") roster.hostMemberOf(device.group, device.name);
    steps.add("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 }, {
      recorded: refused.errno ? known(refused.errno) : FAILED, ...(refused.errno === "EINVAL" && { note: DIRECT_HINT, ...driverSaid(facts, device, refused.errno) }),
    });
    return;
  }
  steps.implied("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 });
  steps.implied("IOMMU_IOAS_ALLOC", { flags: 0 });
  const attach = facts.failures.find((failure) => failure.kind === "attach");
  const recorded = attach?.kind === "attach" ? (attach.errno ? known(attach.errno) : FAILED) : undefined;
  steps.add("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: 0, argsz: 12, flags: 0, pt_id: 2 }, { note: IMPLIED, ...(recorded && { recorded }) });
}
