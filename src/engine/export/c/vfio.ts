/** VFIO as C: containers, groups, device files. The same ioctls go to an iommufd where that serves the container. */
import { address, memory, n32, n64, structure, type Writer, type Written } from "./ioctl.ts";
import { num, type CallToWrite, type Program } from "./program.ts";
import { constant, literal } from "./words.ts";

/** Which descriptor VFIO container ioctls go to. */
function container(program: Program, call: CallToWrite): string {
  if (program.config.container === "type1") return program.variable(`container_${num(call.fields, "container") || 1}`, "int");
  if (program.containerOpen && typeof call.fields.fd !== "number") return program.variable("container_1", "int");
  return program.iommufd(call.process, call.fields.fd).fd;
}

/** The group that a call is about; without a number, the one opened last. */
function group(program: Program, call: CallToWrite): string {
  const number = typeof call.fields.group === "number" ? call.fields.group : lastGroup(program);
  return program.variable(`group_${number}`, "int");
}

function lastGroup(program: Program): number {
  return Number([...program.variables.keys()].findLast((name) => name.startsWith("group_"))?.slice("group_".length) ?? 0);
}

const opened = (program: Program, path: string, variable: string): Written => ({ before: [], call: `(${program.variable(variable, "int")} = open(${path}, O_RDWR | O_CLOEXEC))` });

const withArgument: Writer = (program, call) => {
  const ret = call.answer.out?.ret;
  return {
    before: [], call: `ioctl(${container(program, call)}, ${program.number(call.name)}, ${constant(num(call.fields, "arg"))}ul)`.replace("uul)", "ul)"),
    good: typeof ret === "number" ? [`same(${call.step}, "result", (u64)rc, ${constant(ret, 64)});`] : [],
  };
};

const getInfo: Writer = (program, call) => {
  const argsz = num(call.fields, "argsz");
  const room = memory("bytes", Math.max(argsz, 24), 1024 * 1024);
  program.struct("vfio_iommu_type1_info");
  const info = "struct vfio_iommu_type1_info *info = (struct vfio_iommu_type1_info *)bytes;";
  return { before: [room.before, info, `info->argsz = ${constant(Math.min(argsz, room.length))};`], call: `ioctl(${container(program, call)}, ${program.number(call.name)}, info)`, finally: [room.free] };
};

const mapDma: Writer = (program, call) => ({
  before: structure(program, "vfio_iommu_type1_dma_map", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")], ["vaddr", program.pointer(call.fields.vaddr)], ["iova", n64(call, "iova")], ["size", n64(call, "size")]]),
  call: `ioctl(${container(program, call)}, ${program.number(call.name)}, &cmd)`,
});

const LARGEST_BITMAP = 64 * 1024 * 1024;

/** The bitmap that may follow; it is memory of the program's. */
function bitmap(call: CallToWrite): { before: string[]; fields: (readonly [string, string])[]; free: string[] } {
  const size = Number(call.fields.bitmap_size ?? 0);
  if (size === 0 || size > LARGEST_BITMAP) return { before: [], fields: [["bitmap.pgsize", n64(call, "bitmap_pgsize")], ["bitmap.size", n64(call, "bitmap_size")]], free: [] };
  const room = memory("bitmap", size, LARGEST_BITMAP);
  return { before: [room.before], fields: [["bitmap.pgsize", n64(call, "bitmap_pgsize")], ["bitmap.size", n64(call, "bitmap_size")], ["bitmap.data", address("bitmap")]], free: [room.free] };
}

const unmapDma: Writer = (program, call) => {
  const { before, fields, free } = bitmap(call);
  const size = call.answer.out?.size;
  return {
    before: [...before, ...structure(program, "vfio_iommu_type1_dma_unmap", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")], ["iova", n64(call, "iova")], ["size", n64(call, "size")], ...fields])],
    call: `ioctl(${container(program, call)}, ${program.number(call.name)}, &cmd)`,
    good: typeof size === "number" || typeof size === "bigint" ? [`same(${call.step}, "size", cmd.size, ${constant(size, 64)});`] : [], finally: free,
  };
};

const dirtyPages: Writer = (program, call) => {
  const { before, fields, free } = bitmap(call);
  return {
    before: [...before, ...structure(program, "vfio_iommu_type1_dirty_bitmap", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")], ["iova", n64(call, "iova")], ["size", n64(call, "size")], ...fields])],
    call: `ioctl(${container(program, call)}, ${program.number(call.name)}, &cmd)`, finally: free,
  };
};

const containerOpen: Writer = (program, call) => {
  program.containerOpen = true;
  return opened(program, '"/dev/vfio/vfio"', `container_${num(call.fields, "container") || 1}`);
};

const groupOpen: Writer = (program, call) => {
  const path = typeof call.fields.path === "string" && call.fields.path !== "" ? call.fields.path : `/dev/vfio/${num(call.fields, "group")}`;
  const number = typeof call.fields.group === "number" ? call.fields.group : Number(/(\d+)$/.exec(path)?.[1] ?? 0);
  return opened(program, literal(path), `group_${number}`);
};

/** The name of the device that a call is about: the one named, else the group's first. */
function deviceName(program: Program, call: CallToWrite): string {
  if (typeof call.fields.name === "string" && call.fields.name !== "") return call.fields.name;
  const number = typeof call.fields.group === "number" ? call.fields.group : lastGroup(program);
  return program.config.platform.devices.find((device) => device.group === number && !device.boundToHost)?.name ?? "";
}

const deviceVariable = (name: string) => `device_${name.replaceAll(/\W/g, "_").slice(0, 60)}`;

const getDeviceFd: Writer = (program, call) => {
  const name = deviceName(program, call);
  return { before: [], call: `(${program.variable(deviceVariable(name), "int")} = ioctl(${group(program, call)}, ${program.number(call.name)}, ${literal(name)}))` };
};

const closing = (descriptor: (program: Program, call: CallToWrite) => string): Writer => (program, call) => ({ before: [], call: `close(${descriptor(program, call)})` });

const groupStatus: Writer = (program, call) => {
  const flags = call.answer.out?.flags;
  return {
    before: structure(program, "vfio_group_status", "cmd", [["argsz", "sizeof(cmd)"]]), call: `ioctl(${group(program, call)}, ${program.number(call.name)}, &cmd)`,
    good: typeof flags === "number" ? [`same(${call.step}, "flags", cmd.flags, ${constant(flags, 64)});`] : [],
  };
};

// ---- device files

const slot = (program: Program, call: CallToWrite) => program.variable(`vfio_${num(call.fields, "dev")}`, "int");

const cdevOpen: Writer = (program, call) => {
  const number = num(call.fields, "dev");
  return opened(program, program.device(number, typeof call.fields.path === "string" ? call.fields.path : ""), `vfio_${number}`);
};

const bind: Writer = (program, call) => {
  const { fd, context } = program.iommufd(call.process, call.fields.iommufd);
  if (call.answer.errno === "OK") program.bind(num(call.fields, "dev"), context);
  return {
    before: structure(program, "vfio_device_bind_iommufd", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")], ["iommufd", typeof call.fields.iommufd === "number" ? `(int32_t)${fd}` : fd]]),
    call: `ioctl(${slot(program, call)}, ${program.number(call.name)}, &cmd)`, good: [program.give(context, call.answer.out?.out_devid, "dev", "cmd.out_devid")],
  };
};

const attach: Writer = (program, call) => {
  const context = program.contextOfSlot(num(call.fields, "dev"));
  const used = call.answer.out?.pt_id;
  return {
    before: structure(program, "vfio_device_attach_iommufd_pt", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")], ["pt_id", program.id(context, call.fields.pt_id)]]),
    call: `ioctl(${slot(program, call)}, ${program.number(call.name)}, &cmd)`, good: [program.knows(context, used) ? "" : program.give(context, used, "hwpt", "cmd.pt_id")],
  };
};

const detach: Writer = (program, call) => ({
  before: structure(program, "vfio_device_detach_iommufd_pt", "cmd", [["argsz", n32(call, "argsz")], ["flags", n32(call, "flags")]]), call: `ioctl(${slot(program, call)}, ${program.number(call.name)}, &cmd)`,
});

const deviceInfo: Writer = (program, call) => ({
  before: structure(program, "vfio_device_info", "cmd", [["argsz", "sizeof(cmd)"]]), call: `ioctl(${slot(program, call)}, ${program.number(call.name)}, &cmd)`,
});

/** Region 7 of a PCI device is its configuration space; the command register is at 4. */
const pciCommand: Writer = (program, call) => ({
  before: [`uint16_t command = ${constant(num(call.fields, "value"), 16)};`], call: `(int)pwrite(${slot(program, call)}, &command, 2, (off_t)(${program.helper("region")}(${slot(program, call)}, 7) + 4))`,
});

const eduDma: Writer = (program, call) => ({
  before: [], call: `${program.helper("edu_dma")}(${slot(program, call)}, ${num(call.fields, "dir") === 0 ? 0 : 1}, ${n64(call, "iova")}, ${n64(call, "length")}, ${n64(call, "devoff")})`,
});

export const vfioWriters: Readonly<Record<string, Writer>> = {
  VFIO_GET_API_VERSION: withArgument, VFIO_CHECK_EXTENSION: withArgument, VFIO_SET_IOMMU: withArgument, VFIO_IOMMU_GET_INFO: getInfo, VFIO_IOMMU_MAP_DMA: mapDma, VFIO_IOMMU_UNMAP_DMA: unmapDma,
  VFIO_IOMMU_DIRTY_PAGES: dirtyPages, VFIO_CONTAINER_OPEN: containerOpen,
  VFIO_CONTAINER_CLOSE: closing((program, call) => program.variable(`container_${num(call.fields, "container") || 1}`, "int")),
  VFIO_GROUP_OPEN: groupOpen, VFIO_GROUP_CLOSE: closing(group), VFIO_GROUP_GET_STATUS: groupStatus,
  VFIO_GROUP_SET_CONTAINER: (program, call) => {
    const to = program.variable(`container_${num(call.fields, "container") || 1}`, "int");
    return { before: [], call: `ioctl(${group(program, call)}, ${program.number(call.name)}, &${to})` };
  },
  VFIO_GROUP_UNSET_CONTAINER: (program, call) => ({ before: [], call: `ioctl(${group(program, call)}, ${program.number(call.name)})` }),
  VFIO_GROUP_GET_DEVICE_FD: getDeviceFd, VFIO_DEVICE_CLOSE: closing((program, call) => program.variable(deviceVariable(deviceName(program, call)), "int")),
  VFIO_CDEV_OPEN: cdevOpen, VFIO_CDEV_CLOSE: closing(slot), VFIO_DEVICE_BIND_IOMMUFD: bind, VFIO_DEVICE_ATTACH_IOMMUFD_PT: attach, VFIO_DEVICE_DETACH_IOMMUFD_PT: detach, VFIO_DEVICE_GET_INFO: deviceInfo,
  PCI_COMMAND: pciCommand, EDU_DMA: eduDma,
};
