/** What the start page offers to people who bring nothing. */
import type { InputFile } from "../inputs.ts";
import type { OtherForm } from "../other-form.ts";
import type { Scenario } from "../scenario.ts";

/** Fetches one file of public/examples. */
export type FetchExample = (name: string) => Promise<Uint8Array>;

export interface Example {
  id: string;
  title: string;
  subtitle: string;
  /** "story": written by hand. "capture": what real programs printed, read by the importers. */
  kind: "story" | "capture" | "comparison";
  /** A form of the kernel to show beside the scenario's own. */
  compare?: OtherForm;
  /** A scenario, or files for readInputs. In a page, files come from examples/ beside it. */
  load(fetchFile?: FetchExample): Promise<InputFile[] | Scenario>;
}

async function fetchBesidePage(name: string): Promise<Uint8Array> {
  const response = await fetch(`examples/${name}`);
  if (!response.ok) throw new Error(`The example ${name} could not be fetched (${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

function capture(id: string, title: string, subtitle: string, names: string[]): Example {
  return {
    id, title, subtitle, kind: "capture",
    load: (fetchFile = fetchBesidePage) => Promise.all(names.map(async (name) => ({ name, content: await fetchFile(`${name}.gz`) }))),
  };
}

function story(id: string, title: string, subtitle: string, load: () => Promise<Scenario>): Example {
  return { id, title, subtitle, kind: "story", load };
}

/** A story that is told under two forms of the kernel at once. */
function comparison(id: string, title: string, subtitle: string, compare: OtherForm, load: () => Promise<Scenario>): Example {
  return { id, title, subtitle, kind: "comparison", compare, load };
}

export const examples: readonly Example[] = [
  story("terabyte-guest", "A 1 TiB guest on an AMD host", "iommufd · one mapping runs across the HyperTransport hole", async () => (await import("./stories/terabyte-guest.ts")).terabyteGuest),
  story("second-group", "A second group joins a container", "VFIO type1 · its reserved region lies on a mapping", async () => (await import("./stories/second-group.ts")).secondGroup),
  story("allocator-unplug", "An allocator goes away under its IDs", "IOASID, Linux 6.1 · hot-unplug of a virtual IOMMU", async () => (await import("./stories/allocator-unplug.ts")).allocatorUnplug),
  story("flag-outside-the-lock", "Two CPUs: the flag that is reset outside the lock", "IOASID, v3 as posted · step one CPU at a time, in any order", async () => (await import("./stories/flag-outside-the-lock.ts")).flagOutsideTheLock),
  story("find-without-reference", "Two CPUs: found without a reference, freed meanwhile", "IOASID, Linux 5.5 · a use after free, lock region by lock region", async () => (await import("./stories/find-without-reference.ts")).findWithoutReference),
  comparison("two-virtual-iommus", "Who is next when the active allocator leaves?", "IOASID, v3 as posted | Linux 5.5", { ioasid: "mainline-5.5" }, async () => (await import("./stories/two-virtual-iommus.ts")).twoVirtualIommus),
  comparison("refused-group", "A refused group that leaves its mark", "VFIO type1, RFC v2 | as merged", { vfio: "merged" }, async () => (await import("./stories/refused-group.ts")).refusedGroup),
  comparison("same-program", "One VFIO program, two kernels behind it", "VFIO type1 | iommufd’s VFIO compatibility", { container: "iommufd" }, async () => (await import("./stories/same-program.ts")).sameProgram),
  comparison("second-free", "An ID is freed twice", "IOASID, 2020 series v2 | v3", { ioasid: "series-2020-v3" }, async () => (await import("./stories/second-free.ts")).secondFree),
  comparison("half-made-page-table", "What becomes of a half-made page table", "iommufd, HWPT series v4 of 2023 | as merged", { iommufd: "merged" }, async () => (await import("./stories/half-made-page-table.ts")).halfMadePageTable),
  comparison("exit-before-files", "A process exits, and its PASID goes to another", "PASID of a process, Linux 5.18-rc | 5.18", { mm: "E4-fixed" }, async () => (await import("./stories/exit-before-files.ts")).exitBeforeFiles),
  capture("qemu-iommufd", "QEMU starts a 4 GiB guest, iommufd", "QEMU 10.0 trace, stderr and reserved regions · BARs can't be pinned", [
    "qemu-10.0-iommufd-4G.log", "qemu-10.0-iommufd-4G.stderr", "intel-reserved_regions-grep.txt",
  ]),
  capture("qemu-legacy", "The same start, legacy VFIO", "QEMU 10.0 trace and reserved regions · SeaBIOS maps the first MiB again and again", ["qemu-10.0-legacy-4G.log", "intel-reserved_regions-grep.txt"]),
  capture("width-39", "Memory above what the IOMMU can address", "QEMU 10.0 trace and stderr · a DIMM at 512 GiB on a 39-bit VT-d", ["qemu-10.0-iommufd-width39.log", "qemu-10.0-iommufd-width39.stderr"]),
  capture("ioctls-intel", "Every ioctl with the kernel's answer", "bpftrace log, Linux 6.12, VT-d", ["intel-ioctls-iommufd.log"]),
  capture("ioctls-amd", "Legacy, then iommufd, on AMD-Vi", "bpftrace log and reserved regions, Linux 6.12", ["amd-ioctls.log", "amd-reserved_regions-tail.txt"]),
  capture("arm", "A guest on an Arm host", "QEMU 10.0 trace and reserved regions · the software MSI window", ["qemu-10.0-legacy-arm.log", "arm-reserved_regions-for.txt"]),
  capture("rmrr", "Firmware regions, strict and relaxable", "reserved_regions of a machine with two RMRRs", ["rmrr-reserved_regions-cat.txt"]),
  capture("guest-map", "Would this guest fit?", "info mtree -f of a guest with 1100 GiB", ["mtree-q35-1100G.txt"]),
];
