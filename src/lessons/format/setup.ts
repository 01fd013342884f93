/** The keys that describe a scenario's host and kernel, in front matter, scenes and comparisons alike. */
import type { JsonObject } from "../../base/json.ts";
import type { Variants } from "../../kernel/config.ts";
import type { BufferSpec, PlatformSpec, TraceKind } from "../../scenario/scenario.ts";
import type { Setup } from "../lesson.ts";
import type { Problems } from "../problem.ts";
import { parseNamed, TextError, type Named } from "../text/fields.ts";
import type { Line } from "../text/blocks.ts";
import type { Entry } from "./head.ts";

const TRACES: ReadonlySet<string> = new Set<TraceKind>(["iommufd", "ioasid", "vfio-type1"]);
const PLATFORMS: ReadonlySet<string> = new Set<PlatformSpec["kind"]>(["none", "mock", "intel-vtd", "intel-vtd-scalable", "amd-vi", "arm-smmuv3", "virtio-iommu"]);
const VARIANTS: Readonly<Record<keyof Variants, readonly string[]>> = {
  iommufd: ["merged", "hwpt-2023-v4"],
  vfio: ["merged", "rfc-v2"],
  ioasid: ["v3-as-posted", "v3-retain", "mainline-5.5", "mainline-5.11", "mainline-6.1", "series-2020-v2", "series-2020-v3", "series-2021-v4", "global-ida"],
  mm: ["E1", "E2", "E4", "E4-fixed", "E7"],
};

type Reader = (entry: Entry, setup: Setup, problems: Problems) => void;

const READERS: Readonly<Record<string, Reader>> = {
  trace: (entry, setup, problems) => {
    if (TRACES.has(entry.value)) setup.trace = entry.value as TraceKind;
    else problems.add(entry.line, `trace must be one of ${[...TRACES].join(", ")}`);
  },
  platform: ({ value, line }, setup, problems) => {
    const [kind, bits] = value.split(/\s+/);
    if (kind === undefined || !PLATFORMS.has(kind) || (bits !== undefined && !/^\d+$/.test(bits))) {
      problems.add(line, `platform must be one of ${[...PLATFORMS].join(", ")}, with its address bits if you like: intel-vtd 39`);
      return;
    }
    const { devices, interrupt_remapping } = setup.platform;
    setup.platform = { kind: kind as PlatformSpec["kind"] };
    if (bits !== undefined) setup.platform.address_bits = Number(bits);
    if (devices) setup.platform.devices = devices;
    if (interrupt_remapping !== undefined) setup.platform.interrupt_remapping = interrupt_remapping;
  },
  devices: (entry, setup, problems) => {
    const devices = named(entry, problems).map(({ name, fields }) => ({ group: 0, ...fields, name }));
    setup.platform = { ...setup.platform, devices };
  },
  interrupt_remapping: ({ value }, setup) => {
    setup.platform = { ...setup.platform, interrupt_remapping: value === "yes" };
  },
  kernel: ({ value }, setup) => {
    setup.kernel = value;
  },
  variants: ({ value, line }, setup, problems) => {
    const chosen: Record<string, string> = { ...setup.variants };
    for (const word of value.split(/\s+/)) {
      const [name = "", variant = ""] = word.split("=");
      const known = Object.hasOwn(VARIANTS, name) ? VARIANTS[name as keyof Variants] : [];
      if (known.includes(variant)) chosen[name] = variant;
      else problems.add(line, known.length > 0 ? `${name} is one of ${known.join(", ")}, not "${variant}"` : `variants are of ${Object.keys(VARIANTS).join(", ")}, not of "${name}"`);
    }
    setup.variants = chosen;
  },
  container: ({ value, line }, setup, problems) => {
    if (value === "type1" || value === "iommufd") setup.container = value;
    else problems.add(line, "container must be type1 or iommufd");
  },
  api: ({ value, line }, setup, problems) => {
    if (value === "v1" || value === "v2") setup.api = value;
    else problems.add(line, "api must be v1 or v2");
  },
  buffers: (entry, setup, problems) => {
    setup.buffers = named(entry, problems).map(({ name, fields }) => ({ ...fields, name }) as unknown as BufferSpec);
  },
  first_fd: number((value, setup) => void (setup.first_fd = value)),
  processes: number((value, setup) => void (setup.processes = value)),
  dma_entry_limit: number((value, setup) => void (setup.dma_entry_limit = value)),
  max_iova_alignment: ({ value }, setup) => {
    setup.max_iova_alignment = value;
  },
  pools: things("pool", (list, setup) => void (setup.pools = list)),
  ops: things("ops", (list, setup) => void (setup.ops = list)),
  nbs: things("nb", (list, setup) => void (setup.nbs = list)),
};

function number(store: (value: number, setup: Setup) => void): Reader {
  return ({ key, value, line }, setup, problems) => {
    if (/^\d{1,9}$/.test(value)) store(Number(value), setup);
    else problems.add(line, `${key} must be a number`);
  };
}

/** A list of `NAME field=value` whose name becomes the field that recordings call so. */
function things(nameField: string, store: (list: JsonObject[], setup: Setup) => void): Reader {
  return (entry, setup, problems) => store(named(entry, problems).map(({ name, fields }) => ({ [nameField]: name, ...fields })), setup);
}

function named(entry: Entry, problems: Problems): Named[] {
  return entry.items.flatMap((item: Line): Named[] => {
    try {
      return [parseNamed(item.text)];
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      problems.add(item.number, error.message);
      return [];
    }
  });
}

export function isSetupKey(key: string): boolean {
  return Object.hasOwn(READERS, key);
}

export const EMPTY_SETUP: Setup = { platform: { kind: "mock" }, trace: "iommufd" };

/** A setup with some entries changed; entries with other keys are passed over. */
export function changeSetup(base: Setup, entries: readonly Entry[], problems: Problems): Setup {
  const setup: Setup = { ...base };
  for (const entry of entries) READERS[entry.key]?.(entry, setup, problems);
  return setup;
}
