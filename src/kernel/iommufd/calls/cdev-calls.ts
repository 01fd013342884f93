/** VFIO device files: open, bind to an iommufd, attach, and the DMA of qemu's edu device (vfio/device_cdev.c, 6.12). */
import { add, min, sub } from "../../../base/u64.ts";
import { groupedHex, plural } from "../../../base/format.ts";
import type { Answer } from "../../answer.ts";
import { defineCall, type CallDef, type Given } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, iova as iovaKind, length as lengthKind, optional, orElse, text, u32, u64, type Decoded, type FieldTable } from "../../fields.ts";
import type { Machine } from "../../machine.ts";
import { vfioRules } from "../../rules/vfio.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import type { Rule } from "../../rules/rule.ts";
import { bindDevice, changePt, detachDevice, isAttached } from "../device.ts";
import { deviceDma } from "../dma.ts";
import { closeFile, installFile, type Cdev } from "../files.ts";
import type { Device } from "../objects.ts";
import { nameOf, refOf } from "../refs.ts";

const open = defineCall(
  "VFIO_CDEV_OPEN",
  { subsystem: "iommufd", summary: "Opens a VFIO device file.", in: { dev: u32, path: orElse(text, "") }, order: [R["cdev-path"]] },
  (machine, { dev, path }, trace) => {
    const { iommufd } = machine;
    const number = /vfio(\d+)$/.exec(path)?.[1];
    const host = machine.config.platform.devices.find((device) => device.vfio === (number === undefined ? dev : Number(number))) ?? null;
    if (!trace.holds(R["cdev-path"], host !== null, () => ({ note: path }))) return trace.refusal();
    if (!host) return trace.refusal();
    const process = iommufd.process(machine.caller);
    const cdev: Cdev = { host, device: null, busMaster: false, memory: new Uint8Array(4096) };
    const fd = installFile(process, machine.config.firstFd, { kind: "cdev", cdev });
    iommufd.cdevs.set(dev, { cdev, fd, process });
    trace.effect("host", () => ({ objects: [], text: `${path || host.name} is open: ${host.name}, ${host.model ?? "a device"}, iommu group ${host.group}` }));
    return { errno: "OK" };
  },
);

type CdevHandler<In> = (machine: Machine, cdev: Cdev, fields: In, trace: CallTrace, given: Given | null) => Answer;

/** A call on an open device file, named by the caller's slot number. */
function defineOnCdev<In extends FieldTable>(name: string, summary: string, spec: { in: In; out?: FieldTable; order: readonly Rule[] }, run: CdevHandler<Decoded<In>>): CallDef {
  return defineCall(name, { subsystem: "iommufd", summary, in: { dev: u32, ...spec.in }, out: spec.out, order: [R["cdev-not-open"], ...spec.order] }, (machine, fields, trace, given) => {
    const { dev } = fields as { dev: number };
    const cdev = machine.iommufd.cdevs.get(dev)?.cdev ?? null;
    if (!trace.holds(R["cdev-not-open"], cdev !== null, () => ({ note: `device slot ${dev}` }))) return trace.refusal();
    return cdev ? run(machine, cdev, fields, trace, given) : trace.refusal();
  });
}

/** The device bound through a file; null: the check refused. */
function boundDevice(trace: CallTrace, cdev: Cdev): Device | null {
  const { device } = cdev;
  return trace.holds(R["cdev-not-bound"], device !== null, () => ({ objects: device ? [refOf(device)] : [], note: cdev.host.name })) ? device : null;
}

function argumentIsValid(trace: CallTrace, good: boolean, fn: string, note: string): boolean {
  return trace.holds(R["cdev-argument-valid"], good, () => ({ fn, note }));
}

const close = defineOnCdev("VFIO_CDEV_CLOSE", "Closes a VFIO device file: the device is detached and unbound.", { in: {}, order: [] }, (machine, cdev, _fields, trace) => {
  for (const file of machine.iommufd.cdevs.values()) {
    if (file.cdev === cdev) closeFile(machine.iommufd, trace, file.process, file.fd);
  }
  return { errno: "OK" };
});

/** VFIO_DEVICE_BIND_IOMMUFD. A negative iommufd shows as a number above 2^31. */
const bind = defineOnCdev(
  "VFIO_DEVICE_BIND_IOMMUFD", "Gives a device to an iommufd.",
  {
    in: { argsz: orElse(u32, 16), flags: orElse(flagBits, 0), iommufd: optional(u32) }, out: { out_devid: u32 },
    order: [
      R["cdev-argument-valid"], R["cdev-group-open"], R["cdev-already-bound"], R["fd-not-open"], R["fd-not-iommufd"], R["not-coherent"], R["msi-not-isolated"], R["device-group-owned"], vfioRules["direct-region-refuses-device"], vfioRules["claim-driver"],
    ],
  },
  (machine, cdev, { argsz, flags, iommufd: fd }, trace, given) => {
    const { iommufd, host } = machine;
    const fn = "vfio_df_ioctl_bind_iommufd";
    if (!argumentIsValid(trace, argsz >= 16 && flags === 0 && (fd === null || fd < 2 ** 31), fn, `argsz ${argsz}, flags ${flags}`)) return trace.refusal();
    const { group } = cdev.host;
    if (!trace.holds(R["cdev-group-open"], !host.isGroupFileOpen(group), () => ({ note: `iommu group ${group}` }))) return trace.refusal();
    if (
      !trace.holds(R["cdev-already-bound"], cdev.device === null, () => ({
        objects: cdev.device ? [refOf(cdev.device)] : [],
        note: cdev.host.name,
      }))
    ) return trace.refusal();
    const process = iommufd.process(machine.caller);
    const file = fd === null ? null : (process.files.get(fd) ?? null);
    // Descriptors 0 to 2 are open, but no iommufd.
    const isOpen = fd === null ? process.current !== null : file !== null || fd < 3;
    if (!trace.holds(R["fd-not-open"], isOpen, () => ({ fn, note: fd === null ? "" : `fd ${fd}` }))) return trace.refusal();
    const context = fd === null ? process.current : file?.what.kind === "iommufd" ? file.what.context : null;
    if (!trace.holds(R["fd-not-iommufd"], context !== null, () => ({ note: fd === null ? "" : `fd ${fd}` }))) return trace.refusal();
    const rival = [...iommufd.cdevs.values()].find((other) => other.cdev !== cdev && other.cdev.host === cdev.host && other.cdev.device !== null) ?? null;
    if (
      !trace.holds(R["cdev-already-bound"], rival === null, () => ({
        fn: "vfio_df_open", objects: rival?.cdev.device ? [refOf(rival.cdev.device)] : [],
        note: `${cdev.host.name} ${rival ? "is in use through another file" : "has no other user"}`,
      }))
    ) return trace.refusal();
    const device = context ? bindDevice(iommufd, trace, context, cdev.host, given) : null;
    if (!device) return trace.refusal();
    cdev.device = device;
    device.context.files++;
    return { errno: "OK", out: { out_devid: device.id } };
  },
);

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: on an attached device it is a replace. */
const attach = defineOnCdev(
  "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "Attaches a device to an IOAS or HWPT, or moves it there.",
  {
    in: { argsz: orElse(u32, 12), flags: orElse(flagBits, 0), pt_id: idOf("an IOAS or HWPT") }, out: { pt_id: u32 },
    order: [
      R["cdev-not-bound"], R["cdev-argument-valid"], R["id-not-found"], R["attach-pt-type"], R["group-on-other-hwpt"], R["replace-not-attached"],
      R["reserved-hits-mapping-or-allowed"], R["two-msi-kinds"], R["hwpt-incompatible-device"], R["hw-page-too-large"], R["existing-maps-misaligned"], R["bad-user-memory"], R["memlock-limit"], R["driver-map"],
    ],
  },
  (machine, cdev, { argsz, flags, pt_id }, trace, given) => {
    const device = boundDevice(trace, cdev);
    if (!device || !argumentIsValid(trace, argsz >= 12 && flags === 0, "vfio_df_ioctl_attach_pt", `argsz ${argsz}, flags ${flags}`)) return trace.refusal();
    const used = changePt(machine.iommufd, trace, device, pt_id, isAttached(device) ? "replace" : "attach", given);
    return used === null ? trace.refusal() : { errno: "OK", out: { pt_id: used } };
  },
);

const detach = defineOnCdev(
  "VFIO_DEVICE_DETACH_IOMMUFD_PT", "Detaches a device; without an attachment nothing happens.",
  { in: { argsz: orElse(u32, 8), flags: orElse(flagBits, 0) }, order: [R["cdev-not-bound"], R["cdev-argument-valid"]] },
  (machine, cdev, { argsz, flags }, trace) => {
    const device = boundDevice(trace, cdev);
    if (!device || !argumentIsValid(trace, argsz >= 8 && flags === 0, "vfio_df_ioctl_detach_pt", `argsz ${argsz}, flags ${flags}`)) return trace.refusal();
    detachDevice(machine.iommufd, trace, device);
    return { errno: "OK" };
  },
);

const getInfo = defineOnCdev("VFIO_DEVICE_GET_INFO", "Asks how many regions and interrupts a device has.", { in: {}, order: [R["cdev-not-bound"]] }, (_machine, cdev, _fields, trace) => {
  if (!boundDevice(trace, cdev)) return trace.refusal();
  return { errno: "OK", out: { flags: 2, num_regions: cdev.host.regionCount ?? 9, num_irqs: cdev.host.irqCount ?? 5 } };
});

/** Bit of the PCI command register that lets a device start DMA; vfio clears it when a device is opened. */
const BUS_MASTER = 4;

const pciCommand = defineOnCdev("PCI_COMMAND", "Writes the PCI command register of a device.", { in: { value: u32 }, out: { command: u32 }, order: [R["cdev-not-bound"]] }, (_machine, cdev, { value }, trace) => {
  const device = boundDevice(trace, cdev);
  if (!device) return trace.refusal();
  cdev.busMaster = (value & BUS_MASTER) !== 0;
  trace.effect("set", () => ({ objects: [refOf(device)], text: `${nameOf(device)} ${cdev.busMaster ? "may do DMA" : "may not do DMA"}` }));
  return { errno: "OK", out: { command: value } };
});

/** qemu's edu device copies between memory (0: from, 1: to) and its own buffer. A refused DMA reads zeros and writes nothing. */
const eduDma = defineOnCdev(
  "EDU_DMA", "Lets qemu's edu device do DMA.",
  { in: { dir: u32, iova: iovaKind, length: lengthKind, devoff: orElse(u64, 0) }, out: { done: u32 }, order: [R["cdev-not-bound"]] },
  (machine, cdev, { dir, iova, length, devoff }, trace) => {
    const device = boundDevice(trace, cdev);
    if (!device) return trace.refusal();
    const start = Number(devoff);
    const count = Number(min(length, sub(cdev.memory.length, start)));
    const bytes = cdev.memory.subarray(start, start + count);
    const through = cdev.busMaster ? deviceDma(machine.iommufd, device, iova, bytes, dir === 1) : 0;
    trace.effect("memory", () => ({
      objects: [refOf(device)], range: { first: iova, last: add(iova, Math.max(0, count - 1)) },
      text: `${nameOf(device)} ${dir === 1 ? "writes to" : "reads from"} ${groupedHex(iova)}: ${plural(through, "byte")} of ${count} got through the IOMMU`,
    }));
    return { errno: "OK", out: { done: 1 } };
  },
);

export const cdevCalls: readonly CallDef[] = [open, close, bind, attach, detach, getInfo, pciCommand, eduDma];
