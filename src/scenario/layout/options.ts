/** What QEMU's command line says of a guest's layout. Sources: QEMU's own documentation of -m, -machine, -cpu, -device, -object. */
import { GIB, KIB, MACHINES, MIB, TIB, type Guest, type MachineType, type VcpuVendor } from "./guest.ts";

export interface AssignedDevice {
  host: string | null;
  iommufd: boolean;
  /** Id of the iommufd object that the device is put into; absent: a legacy container. */
  backend?: string;
}

/** How many times the guest's RAM is pinned: once for each address space that the devices need. */
export function addressSpaces({ viommu, assigned }: GuestOptions): number {
  return Math.max(1, viommu ? assigned.length : new Set(assigned.map(({ backend }) => backend ?? "")).size);
}

/** What a command line or a domain's XML tells; what it leaves open is absent. */
export interface GuestOptions {
  guest: Partial<Guest>;
  /** True: `-cpu host` or KVM, whose vCPU has the host's vendor. */
  hostVendor: boolean;
  /** Physical address bits are the host's, at most this many; null: not said. */
  hostPhysBits: { limit: number | null } | null;
  /** Devices given away; host address where there is one. */
  assigned: AssignedDevice[];
  /** A virtual IOMMU in the guest, and its width. */
  viommu: { kind: string; bits: number | null } | null;
  /** The guest's RAM is a file (memfd or hugetlbfs), which newer QEMUs map as such. */
  ramFromFile: boolean;
  /** memtune hard_limit, bytes. */
  lockLimit: number | null;
}

export function noOptions(): GuestOptions {
  return { guest: {}, hostVendor: false, hostPhysBits: null, assigned: [], viommu: null, ramFromFile: false, lockLimit: null };
}

const SUFFIX: Readonly<Record<string, number>> = { "": MIB, B: 1, K: KIB, M: MIB, G: GIB, T: TIB };

/** Bytes of "4G", "4096" (MiB where no unit is said); null when it is no size. */
export function sizeOf(text: string | undefined, plain: number = MIB): number | null {
  const match = /^(\d+(?:\.\d+)?)([BKMGT]?)(?:i?B)?$/i.exec((text ?? "").trim());
  if (!match) return null;
  const unit = (match[2] as string).toUpperCase();
  const bytes = Number(match[1]) * (unit === "" ? plain : (SUFFIX[unit] as number));
  return Number.isSafeInteger(Math.floor(bytes)) ? Math.floor(bytes) : null;
}

/** "pc-q35-9.0" → q35, [9, 0]. Null: a machine whose layout is not known here. */
export function machineOf(type: string): { machine: MachineType; version: Guest["version"] } | null {
  const match = /^(?:pc-)?(q35|i440fx|virt|microvm|pc)(?:-(?:rhel)?(\d+)\.(\d+)(?:\.\d+)?)?(?:-.*)?$/.exec(type);
  if (!match) return null;
  const name = match[1] === "i440fx" ? "pc" : (match[1] as string);
  const machine = MACHINES.find((candidate) => candidate === name);
  // "rhel8.6.0" counts in another way than QEMU.
  const versioned = match[2] !== undefined && !type.includes("rhel");
  return machine ? { machine, version: versioned ? [Number(match[2]), Number(match[3])] : null } : null;
}

/** Splits a shell's command line: quotes, backslashes, and lines that end with one. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/g;
  for (const [word] of text.replace(/\\\r?\n/g, " ").matchAll(pattern)) {
    words.push(word.replace(/\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g, (_all, escaped?: string, double?: string, single?: string) => escaped ?? single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? ""));
  }
  return words;
}

type Properties = Map<string, string>;

/** "a,b=c" or {"driver":"a","b":"c"}; the first bare word is under "". */
function propertiesOf(value: string): Properties {
  const found: Properties = new Map();
  if (value.startsWith("{")) {
    try {
      for (const [key, item] of Object.entries(JSON.parse(value) as Record<string, unknown>)) {
        const text = typeof item === "string" || typeof item === "number" ? String(item) : item === true ? "on" : item === false ? "off" : null;
        if (text !== null) found.set(key === "driver" || key === "qom-type" ? "" : key, text);
      }
    } catch {
      // Without its shell's quotes, as `ps` shows it: {driver:vfio-pci,host:0000:41:00.0}. One that was cut off tells what is left.
      for (const [, key, text] of value.matchAll(/[{,]([\w-]+):([^,}]*)/g)) found.set(key === "driver" || key === "qom-type" ? "" : (key as string), text as string);
    }
    return found;
  }
  value.split(/,(?!,)/).forEach((part, index) => {
    const at = part.indexOf("=");
    if (at < 0) found.set(index === 0 ? "" : part, index === 0 ? part : "on");
    else found.set(part.slice(0, at), part.slice(at + 1));
  });
  return found;
}

function isOn(value: string | undefined): boolean {
  return value === "on" || value === "true" || value === "yes";
}

const AMD_MODELS = /^(?:EPYC|Opteron|phenom|athlon|Dhyana)/i;
const INTEL_MODELS = /^(?:Skylake|Cascadelake|Cooperlake|Icelake|SapphireRapids|GraniteRapids|SierraForest|Snowridge|Haswell|Broadwell|IvyBridge|SandyBridge|Westmere|Nehalem|Penryn|Conroe|Denverton|KnightsMill)/i;
/** Physical address bits of models that say so themselves; the others have QEMU's 40. */
const MODEL_BITS: Readonly<Record<string, number>> = { SapphireRapids: 52, GraniteRapids: 52, SierraForest: 52, Snowridge: 39, Denverton: 39 };

function vendorOf(model: string, vendor: string | undefined): VcpuVendor | null {
  if (vendor !== undefined) return /AMD|Hygon/i.test(vendor) ? "amd" : "intel";
  return AMD_MODELS.test(model) ? "amd" : INTEL_MODELS.test(model) ? "intel" : null;
}

const HANDLERS: Readonly<Record<string, (options: GuestOptions, value: Properties) => void>> = {
  m: (options, value) => {
    const ram = sizeOf(value.get("size") ?? value.get(""));
    if (ram !== null && ram > 0) options.guest.ram = ram;
    const maxmem = sizeOf(value.get("maxmem"));
    if (maxmem !== null) options.guest.maxmem = maxmem;
    const slots = Number(value.get("slots"));
    if (value.has("slots") && Number.isInteger(slots)) options.guest.slots = slots;
  },
  machine: (options, value) => {
    Object.assign(options.guest, machineOf(value.get("type") ?? value.get("") ?? "") ?? {});
    const below = sizeOf(value.get("max-ram-below-4g"), 1);
    if (below !== null && below > 0) options.guest.maxRamBelow4g = below;
    if (value.get("accel") === "kvm") options.hostVendor = true;
    if (/pflash/.test([...value.keys()].join())) options.guest.firmware = "ovmf";
  },
  cpu: (options, value) => {
    const model = value.get("") ?? "";
    const vendor = vendorOf(model, value.get("vendor"));
    if (vendor) options.guest.vendor = vendor;
    if (model === "host" || model === "max") options.hostVendor = !value.has("vendor");
    const bits = Number(value.get("phys-bits"));
    if (Number.isInteger(bits) && bits > 0) options.guest.physBits = bits;
    else if (MODEL_BITS[model.replace(/-.*/, "")] !== undefined) options.guest.physBits = MODEL_BITS[model.replace(/-.*/, "")];
    const limit = Number(value.get("host-phys-bits-limit"));
    const fromHost = value.has("host-phys-bits") ? isOn(value.get("host-phys-bits")) : model === "host" || model === "max";
    if (fromHost && !(bits > 0)) options.hostPhysBits = { limit: limit > 0 ? limit : null };
  },
  accel: (options, value) => {
    if (value.get("") === "kvm") options.hostVendor = true;
  },
  "enable-kvm": (options) => {
    options.hostVendor = true;
  },
  device: (options, value) => {
    const driver = value.get("driver") ?? value.get("") ?? "";
    if (driver.startsWith("vfio-pci")) options.assigned.push({ host: hostOf(value), iommufd: value.has("iommufd"), ...(value.has("iommufd") && { backend: value.get("iommufd") }) });
    if (/^(?:VGA|qxl-vga|virtio-vga|vmware-svga|cirrus-vga|bochs)/.test(driver)) options.guest.vga = true;
    if (driver === "intel-iommu" || driver === "amd-iommu" || driver.startsWith("virtio-iommu")) {
      const bits = Number(value.get("aw-bits"));
      options.viommu = { kind: driver, bits: bits > 0 ? bits : null };
    }
  },
  object: (options, value) => {
    if (/^memory-backend-(?:memfd|file)/.test(value.get("") ?? "")) options.ramFromFile = true;
  },
  drive: (options, value) => {
    if (value.get("if") === "pflash") options.guest.firmware = "ovmf";
  },
  bios: (options, value) => {
    if (/ovmf|edk2/i.test(value.get("") ?? "")) options.guest.firmware = "ovmf";
  },
  vga: (options, value) => {
    if (value.get("") !== "none") options.guest.vga = true;
  },
  // cloud-hypervisor: bytes without a unit.
  memory: (options, value) => {
    const ram = sizeOf(value.get("size"), 1);
    if (ram !== null && ram > 0) options.guest.ram = ram;
  },
};
const SAME: Readonly<Record<string, string>> = { M: "machine", blockdev: "drive" };

function hostOf(value: Properties): string | null {
  const host = value.get("host") ?? /([0-9a-f:.]+)$/.exec(value.get("sysfsdev") ?? "")?.[1];
  if (host === undefined) return null;
  return /^[0-9a-f]{2}:/.test(host) && host.length <= 7 ? `0000:${host}` : host;
}

/** Reads a QEMU command line, as typed, as `ps` shows it, or as libvirt logs it. Unknown options are passed over. */
export function parseQemuCommand(text: string): GuestOptions {
  const options = noOptions();
  options.guest.firmware = "seabios";
  const words = splitWords(text);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (!/^--?[A-Za-z]/.test(word)) continue;
    const typed = word.replace(/^--?/, "");
    const [inline, after] = typed.includes("=") && word.startsWith("--") ? [typed.slice(0, typed.indexOf("=")), typed.slice(typed.indexOf("=") + 1)] : [typed, null];
    const name = SAME[inline] ?? inline;
    const next = words[index + 1];
    const value = after ?? (next !== undefined && !/^-[A-Za-z-]/.test(next) ? next : "");
    if (after === null && value !== "" && name !== "enable-kvm") index++;
    if (Object.hasOwn(HANDLERS, name)) HANDLERS[name]?.(options, propertiesOf(value));
  }
  return options;
}
