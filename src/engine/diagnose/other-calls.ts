/** Findings about refused calls that are no maps: who may join, who has what open, which call there is at all. */
import { rangeText } from "../../base/format.ts";
import type { Range } from "../../kernel/answer.ts";
import type { Clues } from "../../scenario/clues.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import type { Explained, History } from "../history.ts";
import { CAUSE_OF_RULE, CAUSES, type Cause } from "./causes.ts";
import type { Finding } from "./finding.ts";
import { newerRemedy, tooOld } from "./hint-words.ts";
import { isFirmwareTold, usedLists } from "./lists.ts";
import { conflictWords, findingOf, hasTwoMsiKinds, needsOf, notViable, twoKindsWords } from "./messages.ts";
import { NEED } from "./needs.ts";
import { failedInLog, lastFailed, rangeOf } from "./step-facts.ts";

/** Calls in which to look for what was mapped before, and mappings that are remembered. */
const MOST_LOOKED_BACK = 10_000;
const MOST = 100;

/** Which listed region lies on what was mapped before a group was kept out, as far as the log shows. */
function conflictBefore(history: History, step: number, clues: Clues): Partial<Finding> {
  const basis = "the errno, the lists of reserved regions, none of which has a direct region, and what was mapped before";
  const mapped: Range[] = [];
  for (let earlier = Math.max(1, step - MOST_LOOKED_BACK); earlier < step; earlier++) {
    const call = history.call(earlier);
    const range = call.call === "VFIO_IOMMU_MAP_DMA" && !failedInLog(call) ? rangeOf(call) : null;
    if (range && mapped.length < MOST) mapped.push(range);
  }
  for (const { object, regions } of usedLists(clues)) {
    for (const region of regions) {
      const under = region.type === "direct-relaxable" ? undefined : mapped.find((range) => range.first <= region.last && region.first <= range.last);
      if (under) return { basis, needs: [], object, decidedBy: { first: region.first, last: region.last }, text: `The device that joins reserves addresses that are mapped already: ${rangeText(region.first, region.last)} of ${object} lies on the mapping ${rangeText(under.first, under.last)}.` };
    }
  }
  return { basis, needs: [NEED.addresses] };
}

/** The finding of a refused call that maps and unmaps nothing. */
export function fromOther(history: History, clues: Clues, rule: string | null, explained: Explained, base: Partial<Finding> & { api: "type1" | "iommufd" }, errno: string | null): Finding | null {
  // Old Intel drivers refuse a device with firmware regions where the IOMMU is set; the kernel log says which it was.
  const isFirmware = /SET_IOMMU|SET_CONTAINER|BIND_IOMMUFD/.test(explained.call.call) && (clues.needsDirect.length > 0 || (errno === "EPERM" && usedLists(clues).some(({ regions }) => regions.some((region) => region.type === "direct"))));
  // A list without a region that firmware demands leaves one reason to keep a group out of a container.
  const isConflict = errno === "EINVAL" && rule === null && /SET_CONTAINER/.test(explained.call.call) && clues.known.regions && !isFirmwareTold(clues);
  const cause = isFirmware ? "direct-region-refuses-device" : isConflict ? "attach-reserved-over-mapping" : ((rule === null ? undefined : CAUSE_OF_RULE[rule]) ?? byErrno(explained.call, errno));
  if (cause === undefined) return null;
  const check = lastFailed(explained);
  if (cause === "two-msi-kinds" && hasTwoMsiKinds(clues)) return findingOf(cause, { ...base, text: CAUSES[cause].meaning + twoKindsWords(clues) });
  if (cause === "attach-reserved-over-mapping" && errno === "EADDRINUSE" && !check?.range) return findingOf(cause, { ...base, ...conflictWords(clues, clues.failures.find((failure) => failure.kind === "attach")?.device) });
  if (cause === "group-not-viable") {
    const refused = clues.failures.find((failure) => failure.kind === "bind" || failure.kind === "not-viable" || (failure.kind === "set-container" && failure.errno === "EPERM"));
    if (refused) return { ...notViable(refused, clues, base.api === "iommufd"), step: base.step ?? null, where: refused.at ?? base.where ?? null };
  }
  if (cause === "kernel-too-old") return findingOf(cause, { ...base, text: tooOld(ioctlOf(explained.call), clues), remedy: newerRemedy(ioctlOf(explained.call)) ?? CAUSES[cause].remedy, needs: needsOf(cause, clues) });
  const { path } = explained.call.in;
  if (cause === "group-already-open" && typeof path === "string") return findingOf(cause, { ...base, text: `${path} is open in another process, and a group has one owner.`, needs: [NEED.opener(path)] });
  const group = typeof path === "string" ? /^\/dev\/vfio\/(\d+)$/.exec(path)?.[1] : undefined;
  if (cause === "outside-the-model" && group !== undefined) return findingOf(cause, { ...base, text: `There is no /dev/vfio/${group}: no device of group ${group} is bound to vfio-pci.`, remedy: "Bind the device to vfio-pci first.", needs: [NEED.group(Number(group))] });
  if (cause === "direct-region-refuses-device" && clues.needsDirect.length > 0 && !check?.range) {
    const who = clues.needsDirect.join(", ");
    return findingOf(cause, { ...base, object: who, confidence: "given", basis: "the kernel's own message", needs: [], text: `The kernel says of ${who} that firmware demands a region of it mapped one to one, so it does not give the device away. No layout of the guest helps.` });
  }
  if (isConflict) return findingOf(cause, { ...base, ...conflictBefore(history, base.step ?? 0, clues) });
  const finding = findingOf(cause, { ...base, decidedBy: check?.range ?? null, ...(isMadeUp(base.object ?? "", clues) && { object: "" }) });
  const who = check?.objects.slice(0, 2).map((object) => object.label).join(", ") ?? "";
  // The check's own note names what is in the way better than a list of objects.
  const noted = check && check.note !== "" && check.note !== "from the log" ? check.note : who;
  const detail = isMadeUp(noted, clues) ? (check?.range && cause === "direct-region-refuses-device" ? rangeText(check.range.first, check.range.last) : "") : noted.replace(/ \(vfio\d+\)/g, "");
  return { ...finding, text: detail === "" ? finding.text : `${finding.text} Here: ${detail}.` };
}

/** Is it about a group that no input has? Devices of which only the name is known got one to have one. */
function isMadeUp(text: string, clues: Clues): boolean {
  const group = /\bgroup (\d+)\b/.exec(text)?.[1];
  if (group === undefined || clues.groups.length === 0) return group !== undefined && !namesGroup(Number(group), clues);
  return !clues.groups.some((known) => known.group === Number(group)) && !namesGroup(Number(group), clues);
}

function namesGroup(group: number, { failures, events }: Clues): boolean {
  return failures.some((failure) => "group" in failure && failure.group === group) || events.some((event) => event.call.startsWith("VFIO_GROUP"));
}

function ioctlOf({ call, note }: ScenarioCall): string {
  return call === "RAW_IOCTL" ? (/^IOMMU_\w+/.exec(note ?? "")?.[0] ?? "") : call;
}

/** Where the model, which does not know enough, would not refuse. */
function byErrno(call: ScenarioCall, errno: string | null): Cause | undefined {
  if (errno === "EBUSY" && /GROUP_OPEN|SET_CONTAINER|BIND_IOMMUFD|ATTACH_IOMMUFD_PT|CDEV_OPEN/.test(call.call)) return "group-already-open";
  switch (call.call) {
    case "VFIO_GROUP_SET_CONTAINER":
      return errno === "EINVAL" ? "direct-region-refuses-device" : errno === "EPERM" ? "group-not-viable" : undefined;
    case "VFIO_SET_IOMMU":
      return errno === "EPERM" ? "no-interrupt-remapping" : errno === "EINVAL" ? "direct-region-refuses-device" : undefined;
    case "VFIO_DEVICE_BIND_IOMMUFD":
      return errno === "EPERM" ? "group-not-viable" : errno === "EINVAL" ? "direct-region-refuses-device" : undefined;
    case "VFIO_DEVICE_ATTACH_IOMMUFD_PT":
      return errno === "EADDRINUSE" ? "attach-reserved-over-mapping" : errno === "ENOENT" ? "vdevice-missing" : errno === "EINVAL" && call.in.pasid !== undefined ? "pasid-not-supported-by-group" : undefined;
    case "IOMMU_GET_HW_INFO":
      return errno === "ENOENT" ? "mdev-has-no-hwpt" : undefined;
    case "RAW_IOCTL":
      return errno === "ENOTTY" ? "kernel-too-old" : undefined;
    default:
      return undefined;
  }
}
