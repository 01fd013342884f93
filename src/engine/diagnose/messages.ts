/** Findings that a message gives by itself, without running the model. */
import { unreachable } from "../../base/assert.ts";
import { groupedHex, rangeText } from "../../base/format.ts";
import type { Clues, Failure, Hint } from "../../scenario/clues.ts";
import { addressSpaces, type AssignedDevice } from "../../scenario/layout/options.ts";
import { AMD_HOLE } from "../../scenario/layout/x86.ts";
import { CAUSES, isCause, type Cause } from "./causes.ts";
import type { Finding, Need } from "./finding.ts";
import { hintWords, isBefore, isNoMatterOfAge } from "./hint-words.ts";
import { isFirmwareTold, lacksDirect, listedDirect, listedHoles, usedLists } from "./lists.ts";
import { hostNeeds, NEED } from "./needs.ts";

/** A finding with what a cause says in general; `more` is what is known in particular. */
export function findingOf(cause: Cause, more: Partial<Finding> & { api?: "type1" | "iommufd" } = {}): Finding {
  const { api = "type1", ...rest } = more;
  const facts = CAUSES[cause];
  return {
    cause, rule: facts.rules[api] ?? facts.rules.type1 ?? facts.rules.iommufd, errno: facts.errno, where: null, step: null, range: null, decidedBy: null, object: "", text: facts.meaning,
    remedy: facts.remedy, severity: facts.severity, confidence: "given", basis: "the message itself", needs: [], ...rest,
  };
}

function objectOf(failure: Failure): string {
  const device = "device" in failure ? failure.device : undefined;
  const group = "group" in failure ? failure.group : undefined;
  return [device, group === undefined ? undefined : `group ${group}`].filter((name) => name !== undefined).join(", ");
}

const GIVABLE = /^(?:vfio-pci|pcieport|pci-stub)$/;

/** Other functions of its card that a host driver has, where no listing tells groups: mostly they are in one. */
function likelyBlockers(clues: Clues, device: string | undefined): string[] {
  const slot = device?.replace(/\.[0-7]$/, ".");
  return slot === undefined ? [] : clues.ungrouped.filter(({ name, driver }) => name !== device && name.startsWith(slot) && !GIVABLE.test(driver)).map(({ name, driver }) => `${name} (${driver})`);
}

/** The members of a group that keep it from being given away, as far as a listing shows drivers. */
export function blockers(clues: Clues, group: number | null, besides: string | undefined): string[] {
  const members = clues.groups.find((candidate) => candidate.group === group)?.devices ?? [];
  return members.filter(({ name, driver }) => name !== besides && driver !== null && !GIVABLE.test(driver)).map(({ name, driver }) => `${name} (${driver})`);
}

export function notViable(failure: Failure, clues: Clues, iommufd: boolean): Finding {
  const device = "device" in failure ? failure.device : undefined;
  const group = ("group" in failure ? failure.group : undefined) ?? clues.groups.find((candidate) => candidate.devices.some(({ name }) => name === device))?.group ?? null;
  const surely = blockers(clues, group, device);
  const who = surely.length > 0 ? surely : likelyBlockers(clues, device);
  const isVague = failure.kind === "bind";
  const text = `${group === null ? "The group" : `Group ${group}`}${device === undefined ? "" : ` of ${device}`} can't be given away: ${who.length > 0 ? `${surely.length > 0 ? "" : "most likely "}${who.join(", ")} ${who.length === 1 ? "is" : "are"} still in the hands of a host driver` : "another member is still in the hands of a host driver"}, and a group goes as a whole.`;
  const remedy = who.length > 0 ? `Bind ${who.map((name) => name.replace(/ .*/, "")).join(", ")} to vfio-pci too (or unbind from its driver); bridges may stay.` : CAUSES["group-not-viable"].remedy;
  return findingOf("group-not-viable", { api: iommufd ? "iommufd" : "type1", object: objectOf(failure) || `group ${group}`, text, remedy, needs: surely.length > 0 ? [] : [group === null && device !== undefined ? NEED.groupOf(device) : NEED.group(group), ...(isVague ? [NEED.interrupts] : [])],
    // EPERM of a bind is also what a host without interrupt remapping answers.
    ...(isVague && who.length === 0 && { confidence: "guessed" as const, basis: "the errno at this call: mostly another member of the group, else interrupts that can't be isolated" }) });
}

/** The finding of a message that is not about a map; null: the steps tell it better. */
export function fromFailure(failure: Failure, clues: Clues): Finding | null {
  const found = read(failure, clues);
  return found && { ...found, where: failure.at ?? null };
}

function read(failure: Failure, clues: Clues): Finding | null {
  const object = objectOf(failure);
  switch (failure.kind) {
    case "map":
      return null;
    case "map-errno":
    case "bar-efault":
      return fromMapErrno(failure, clues);
    case "not-viable":
      return notViable(failure, clues, false);
    case "set-container":
      if (failure.errno === "EBUSY") return findingOf("group-already-open", { object });
      if (failure.errno === "EPERM") return notViable(failure, clues, false);
      if (lacksDirect(clues, failure.device, failure.group)) return findingOf("attach-reserved-over-mapping", { object, errno: failure.errno, confidence: "guessed", basis: "the message, and the group's list, which has no direct region", needs: [NEED.order] });
      return findingOf("direct-region-refuses-device", { object, errno: failure.errno, needs: isFirmwareTold(clues) ? [] : [NEED.regions, NEED.firmware], basis: "the message, which only this check gives at this point" });
    case "set-iommu": {
      const direct = listedDirect(clues, failure.device, failure.group);
      if (direct && failure.errno !== null) {
        return findingOf("direct-region-refuses-device", {
          object, errno: failure.errno, range: direct, decidedBy: direct, basis: "the message and the list of reserved regions",
          text: `${object || "The device"} has ${rangeText(direct.first, direct.last)} as a direct region: firmware demands it mapped one to one, so the kernel does not give the device away. No layout of the guest helps.`,
        });
      }
      if (clues.needsDirect.length > 0 && failure.errno !== null) return findingOf("direct-region-refuses-device", { object: object || clues.needsDirect.join(", "), errno: failure.errno });
      if (failure.errno === "EPERM") return findingOf("no-interrupt-remapping", { object, needs: [NEED.interrupts] });
      return failure.errno === "EINVAL" ? findingOf("attach-reserved-over-mapping", { object, confidence: "guessed", needs: hostNeeds(clues) }) : null;
    }
    case "open-group":
      if (failure.errno === "EBUSY") return findingOf("group-already-open", { object, needs: [NEED.opener(`/dev/vfio/${failure.group}`)] });
      if (failure.errno === "EACCES" || failure.errno === "EPERM") return findingOf("outside-the-model", { object, errno: failure.errno, text: `The process may not open /dev/vfio/${failure.group}: the file's owner or mode, a cgroup or a security module keeps it out.`, remedy: "Give the process the file: chown or a udev rule, the container's device list (--device /dev/vfio/N), or the security module's profile.", needs: [NEED.rights] });
      return findingOf("outside-the-model", { object, errno: failure.errno, text: `There is no /dev/vfio/${failure.group}: no device of group ${failure.group} is bound to vfio-pci.`, remedy: "Bind the device to vfio-pci first.", needs: [NEED.group(failure.group)] });
    case "bind":
      if (failure.errno === "EPERM") return clues.hints.some(({ cause }) => cause === "no-interrupt-remapping") ? null : notViable(failure, clues, true);
      if (failure.errno === "EBUSY") return findingOf("group-already-open", { object, api: "iommufd", needs: [NEED.opener("/dev/vfio/* /dev/vfio/devices/*")] });
      return failure.errno === "EINVAL" ? findingOf("direct-region-refuses-device", { object, api: "iommufd", ...(isFirmwareTold(clues) ? {} : { needs: [NEED.regions, NEED.firmware], confidence: "guessed" as const, basis: "the errno at this call: no other check gives it there in recent kernels" }) }) : null;
    case "attach":
      return fromAttach(failure, clues);
    case "width":
      return findingOf("viommu-wider-than-host", {
        object, text: `The guest's IOMMU would have ${failure.guest} address bits, the host's IOMMU has ${failure.host}.`,
        remedy: `Give the guest's IOMMU the host's width: -device intel-iommu,aw-bits=${failure.host} (libvirt: <driver aw_bits='${failure.host}'/>).`,
      });
    case "two-address-spaces":
      return findingOf("group-in-two-address-spaces", { object: `group ${failure.group}` });
    default:
      return unreachable(failure);
  }
}

function fromAttach(failure: Extract<Failure, { kind: "attach" }>, clues: Clues): Finding | null {
  const object = failure.device ?? "";
  const api = "iommufd" as const;
  if (failure.errno === "EADDRINUSE") return findingOf("attach-reserved-over-mapping", { api, object, errno: "EADDRINUSE", ...conflictWords(clues, failure.device) });
  if (failure.errno === "ENOENT") return findingOf("vdevice-missing", { api, object, confidence: "guessed" });
  if (failure.errno === "EBUSY") return findingOf("group-already-open", { api, object });
  if (failure.errno === "EPERM") return findingOf("no-interrupt-remapping", { api, object, confidence: "guessed", needs: [NEED.interrupts] });
  if (failure.errno === "ENOTTY") return findingOf("kernel-too-old", { api, object, needs: [NEED.kernel] });
  if (failure.errno !== "EINVAL") return null;
  if (hasTwoMsiKinds(clues)) return findingOf("two-msi-kinds", { api, object, text: CAUSES["two-msi-kinds"].meaning + twoKindsWords(clues), basis: "the list of reserved regions, which has both kinds" });
  const pasid = clues.hints.find((hint) => hint.cause === "pasid-not-supported-by-group");
  if (pasid) return null;
  return findingOf("direct-region-refuses-device", {
    api, object, confidence: "guessed", basis: "the errno alone: several checks of an attach give it", needs: [...hostNeeds(clues), NEED.firmware],
    text: "The attach was refused with EINVAL, and the message does not say by which check. Mostly firmware demands a region mapped one to one for the device, and then no layout helps; it may also be a device that reports two kinds of MSI windows.",
  });
}

/** What a device that joins would keep for itself, by its list; EADDRINUSE at an attach has no other cause. */
export function conflictWords(clues: Clues, device: string | undefined): Pick<Finding, "text" | "basis" | "confidence" | "needs"> {
  const holes = listedHoles(clues, device, undefined);
  // Every device keeps its MSI window; what others do not have decides.
  const own = holes.filter(({ type }) => type !== "msi");
  const kept = (own.length > 0 ? own : holes).map(({ first, last }) => rangeText(first, last));
  const { meaning } = CAUSES["attach-reserved-over-mapping"];
  return { text: kept.length === 0 ? meaning : `${meaning} ${device ?? "It"} keeps ${kept.slice(0, 4).join(", ")}.`, basis: "the errno, which only this check gives at an attach", confidence: "given", needs: kept.length === 0 ? [NEED.regions] : [] };
}

/** Both windows, each with its kind; sysfs has one word for them. */
export function twoKindsWords(clues: Clues): string {
  const list = usedLists(clues).find(({ regions }) => regions.filter((region) => region.type === "msi").length > 1)?.regions ?? [];
  const hardware = list.find((region) => region.type === "msi" && region.first !== SW_MSI);
  return hardware ? ` The list calls both "msi": ${groupedHex(SW_MSI)} is the software window, ${rangeText(hardware.first, hardware.last)} a hardware doorbell.` : "";
}

const SW_MSI = 0x800_0000;

/** A software window and a hardware doorbell in one list. */
export function hasTwoMsiKinds(clues: Clues): boolean {
  const lists = usedLists(clues).map(({ regions }) => regions);
  return lists.some((list) => list.some((region) => region.type === "msi" && region.first === SW_MSI) && list.some((region) => region.type === "msi" && region.first !== SW_MSI));
}

const BY_ERRNO: Readonly<Record<string, Cause>> = {
  EFAULT: "bar-memory-not-pinnable", ENOMEM: "memlock-limit", ENOSPC: "dma-entry-limit", EEXIST: "map-overlaps-mapping", ENOTTY: "kernel-too-old",
};

/** What EINVAL of a map stands for where nothing tells the address. */
export const MOSTLY = {
  "iova-above-aperture": "A mapping was refused with EINVAL, and the message names no address. Mostly such a range ends above what the host's IOMMU translates (39 bits on many desktops); it may also touch a region that the host reserves.",
  "map-crosses-reserved-region": "A mapping was refused with EINVAL, and the message names no address. On this host it is mostly a large guest's RAM that reaches the HyperTransport hole at 0xfd_0000_0000–0xff_ffff_ffff.",
  "map-before-iommu-set": "A mapping was refused with EINVAL. In a program of one's own it is mostly the order of calls: the container has no IOMMU before a group is in it and VFIO_SET_IOMMU was called. It may also be an address that the host reserves or can't translate.",
} as const satisfies Partial<Record<Cause, string>>;

/** A map that failed, nobody says where. */
function fromMapErrno(failure: Extract<Failure, { kind: "map-errno" | "bar-efault" }>, clues: Clues): Finding | null {
  if (failure.kind === "bar-efault") return findingOf("bar-memory-not-pinnable", { api: "iommufd" });
  if (failure.errno === null || clues.failures.some((other) => other.kind === "map" && other.errno === failure.errno)) return null;
  const known = BY_ERRNO[failure.errno];
  const needs: Need[] = known === "memlock-limit" ? [NEED.limit] : known === "kernel-too-old" ? [NEED.kernel] : [];
  if (known) return findingOf(known === "memlock-limit" ? lockCause(clues) : known, { object: failure.device ?? "", errno: failure.errno, api: known === "kernel-too-old" ? "iommufd" : "type1", needs, basis: "the errno, which only this check gives" });
  if (failure.errno !== "EINVAL") return null;
  // A program that is no VMM mostly gets its calls in the wrong order; a VMM's addresses are too high.
  const cause = failure.program ? "map-before-iommu-set" : hasHyperTransport(clues) ? "map-crosses-reserved-region" : "iova-above-aperture";
  return findingOf(cause, { confidence: "guessed", text: MOSTLY[cause], basis: "the errno alone: it has several causes, and the message names no address", needs: [failure.program ? NEED.order : NEED.addresses, ...hostNeeds(clues)] });
}

/** An AMD host's 64 bits end nowhere near a guest, and its hole is where large guests run into. */
function hasHyperTransport(clues: Clues): boolean {
  return [...clues.groups.map((group) => group.regions ?? []), ...clues.loose].some((list) => list.some((region) => region.first === AMD_HOLE.first));
}

/** ENOMEM: the memory once, or the same memory once for each address space. */
export function lockCause(clues: Clues): "memlock-limit" | "pinned-more-than-once" {
  const limit = clues.memlock ?? clues.options?.lockLimit ?? null;
  const ram = clues.options?.guest.ram;
  const spaces = clues.options ? addressSpaces({ ...clues.options, assigned: [...clues.options.assigned, ...addedDevices(clues)] }) : 0;
  if (clues.devicesBehindGuestIommu && (limit === null || ram === undefined)) return "pinned-more-than-once";
  return limit !== null && ram !== undefined && spaces > 1 && limit >= ram && limit < ram * spaces ? "pinned-more-than-once" : "memlock-limit";
}

/** Attaching single PASIDs of a device. */
const PASIDS_SINCE = "6.15";

/** Devices that were refused and that the options do not have: they were to join the running guest. */
function addedDevices({ failures, options }: Clues): AssignedDevice[] {
  const refused = new Set(failures.flatMap((failure) => ("device" in failure && failure.device !== undefined ? [failure.device] : [])));
  return [...refused].filter((name) => !options?.assigned.some(({ host }) => host === name)).map((host) => ({ host, iommufd: false }));
}

export function fromHint(hint: Hint, clues: Clues): Finding | null {
  if (!isCause(hint.cause)) return null;
  if (hint.cause === "group-not-viable" && hint.object !== undefined) return { ...notViable({ kind: "not-viable", device: hint.object }, clues, false), where: hint.at };
  if (hint.cause === "pasid-not-supported-by-group" && hint.errno === "EINVAL" && clues.kernel !== null && isBefore(clues.kernel, PASIDS_SINCE)) {
    return findingOf("kernel-too-old", {
      api: "iommufd", errno: hint.errno, where: hint.at, object: hint.object ?? "", basis: "the kernel's version and the refusal",
      text: `Linux ${clues.kernel} attaches no PASIDs: that flag of VFIO_DEVICE_ATTACH_IOMMUFD_PT came with Linux ${PASIDS_SINCE}, and older kernels answer EINVAL.`, remedy: `Use Linux ${PASIDS_SINCE} or newer, or attach the device without a PASID.`,
    });
  }
  const cause = hint.cause === "memlock-limit" ? lockCause(clues) : hint.cause === "kernel-too-old" && isNoMatterOfAge(hint, clues) ? "outside-the-model" : hint.cause;
  return findingOf(cause, {
    errno: hint.errno ?? CAUSES[cause].errno, where: hint.at, object: hint.object ?? "", range: hint.range ?? null, ...(hint.weak && { confidence: "guessed" as const, basis: "only likely, from this message alone" }), needs: needsOf(cause, clues), ...hintWords(cause, hint, clues),
  });
}

export function needsOf(cause: Cause, clues: Clues): Need[] {
  if (cause === "kernel-too-old" && clues.kernel !== null) return [];
  if (cause === "group-already-open") return [NEED.opener("/dev/vfio/*")];
  if (cause === "pasid-not-supported-by-group" && clues.groups.some(({ devices }) => devices.some(({ pasidBits }) => pasidBits !== null))) return [];
  if (cause === "iova-above-aperture") return hostNeeds(clues);
  if (cause === "vcpu-address-width") return clues.options ? [] : [NEED.layout];
  if (cause === "msi-window-unusable" || cause === "two-msi-kinds") return clues.known.regions ? [] : [NEED.regions];
  const need = ONE_NEED[cause];
  return need ? [need] : [];
}

const ONE_NEED: Partial<Record<Cause, Need>> = {
  "memlock-limit": NEED.limit, "pinned-more-than-once": NEED.limit, "pasid-not-supported-by-group": NEED.pasid, "kernel-too-old": NEED.kernel, "no-acs": NEED.group(null),
};
