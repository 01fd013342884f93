/** What a libvirt domain's XML says of a guest's layout. Reads the few elements that matter; it is no XML parser. */
import { GIB, KIB, MIB, TIB } from "./guest.ts";
import { machineOf, noOptions, type GuestOptions } from "./options.ts";

const UNIT: Readonly<Record<string, number>> = {
  b: 1, bytes: 1, k: KIB, kib: KIB, kb: 1000, m: MIB, mib: MIB, mb: 1e6, g: GIB, gib: GIB, gb: 1e9, t: TIB, tib: TIB, tb: 1e12,
};

function attribute(attributes: string, name: string): string | null {
  return new RegExp(`\\b${name}=['"]([^'"]*)['"]`).exec(attributes)?.[1] ?? null;
}

/** The first element of this name: its attributes and its text up to the next tag. */
function element(xml: string, name: string): { attributes: string; text: string } | null {
  const match = new RegExp(`<${name}\\b([^>]*?)(?:/>|>([^<]*))`).exec(xml);
  return match ? { attributes: match[1] as string, text: (match[2] ?? "").trim() } : null;
}

/** Bytes; KiB where no unit is said. */
function size(xml: string, name: string): number | null {
  const found = element(xml, name);
  if (!found || !/^\d{1,15}$/.test(found.text)) return null;
  return Number(found.text) * (UNIT[(attribute(found.attributes, "unit") ?? "KiB").toLowerCase()] ?? KIB);
}

function hex(text: string | null, digits: number): string {
  return Number(text ?? 0).toString(16).padStart(digits, "0");
}

export function looksLikeDomain(text: string): boolean {
  return /<domain\b/.test(text) && /<(?:memory|hostdev|os|iommu|memtune|maxphysaddr)\b/.test(text);
}

export function parseDomain(xml: string): GuestOptions {
  const options = noOptions();
  const { guest } = options;
  const ram = size(xml, "memory");
  if (ram !== null && ram > 0) guest.ram = ram;
  const maxmem = size(xml, "maxMemory");
  if (maxmem !== null) {
    guest.maxmem = maxmem;
    guest.slots = Number(attribute(element(xml, "maxMemory")?.attributes ?? "", "slots") ?? 0);
  }
  Object.assign(guest, machineOf(attribute(element(xml, "type")?.attributes ?? "", "machine") ?? "") ?? {});
  guest.firmware = /<loader\b|firmware=['"]efi['"]/.test(xml) ? "ovmf" : "seabios";
  guest.vga = /<video>[\s\S]*?<model\b[^>]*type=['"](?!none)/.test(xml);
  options.hostVendor = attribute(element(xml, "domain")?.attributes ?? "", "type") === "kvm";
  const width = element(xml, "maxphysaddr");
  const mode = element(xml, "cpu")?.attributes ?? "";
  if (width) {
    const bits = Number(attribute(width.attributes, "bits") ?? 0);
    const limit = Number(attribute(width.attributes, "limit") ?? 0);
    if (attribute(width.attributes, "mode") === "emulate" && bits > 0) guest.physBits = bits;
    else options.hostPhysBits = { limit: limit > 0 ? limit : null };
  } else if (/mode=['"](?:host-passthrough|maximum)['"]/.test(mode)) options.hostPhysBits = { limit: null };
  for (const [, body] of xml.matchAll(/<hostdev\b([\s\S]*?)<\/hostdev>/g)) {
    const source = /<source\b[\s\S]*?<address\b([^>]*)>/.exec(body as string)?.[1];
    if (source === undefined) continue;
    const host = `${hex(attribute(source, "domain"), 4)}:${hex(attribute(source, "bus"), 2)}:${hex(attribute(source, "slot"), 2)}.${hex(attribute(source, "function"), 1)}`;
    options.assigned.push({ host, iommufd: /<driver\b[^>]*iommufd=['"]yes['"]/.test(body as string) });
  }
  const iommu = /<iommu\b([^>]*?)(?:\/>|>([\s\S]*?)<\/iommu>)/.exec(xml);
  if (iommu) {
    const bits = Number(attribute(iommu[2] ?? "", "aw_bits") ?? 0);
    options.viommu = { kind: `${attribute(iommu[1] as string, "model") ?? "intel"}-iommu`, bits: bits > 0 ? bits : null };
  }
  options.ramFromFile = /<memoryBacking>[\s\S]*?(?:<hugepages|memfd|type=['"]file)/.test(xml);
  options.lockLimit = size(xml, "hard_limit");
  return options;
}
