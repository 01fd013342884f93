/** The keys that describe a scenario's host and kernel: in the head of its text, in front matter, scenes and comparisons alike. */
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import type { Variants } from "../../kernel/config.ts";
import { PLATFORMS, TRACES, VARIANTS } from "../schema.ts";
import type { BufferSpec, DeviceSpec, PlatformSpec, Scenario, TraceKind } from "../scenario.ts";
import type { Entry } from "./head.ts";
import { literal, namedText, parseNamed } from "./named.ts";
import type { ProblemSink } from "./problem.ts";
import { suggestion } from "./suggest.ts";

/** Everything of a scenario but its title and its calls. */
export type Setup = Omit<Scenario, "title" | "calls">;

type Reader = (entry: Entry, setup: Setup, tell: (message: string) => void, problems: ProblemSink) => void;

/** Keys that belong to the platform and stay when another kind is chosen. */
const OF_PLATFORM = ["devices", "interrupt_remapping", "dirty_tracking", "guessed"] as const;

const READERS: Readonly<Record<string, Reader>> = {
  trace: ({ value }, setup, tell) => {
    if ((TRACES as readonly string[]).includes(value)) setup.trace = value as TraceKind;
    else tell(`trace must be one of ${TRACES.join(", ")}`);
  },
  platform: ({ value }, setup, tell) => {
    const [kind = "", bits] = value.split(/\s+/);
    if (!(PLATFORMS as readonly string[]).includes(kind) || (bits !== undefined && !/^\d{1,3}$/.test(bits))) {
      tell(`platform must be one of ${PLATFORMS.join(", ")}, with its address bits if you like: intel-vtd 39`);
      return;
    }
    const old = setup.platform;
    setup.platform = { kind: kind as PlatformSpec["kind"] };
    if (bits !== undefined) setup.platform.address_bits = Number(bits);
    for (const key of OF_PLATFORM) if (old[key] !== undefined) Object.assign(setup.platform, { [key]: old[key] });
  },
  devices: (entry, setup, _tell, problems) => {
    const devices = things(entry, "name", problems).map((fields) => ({ group: 0, ...fields }) as unknown as DeviceSpec);
    setup.platform = { ...setup.platform, devices };
  },
  interrupt_remapping: yesOrNo((value, setup) => void (setup.platform = { ...setup.platform, interrupt_remapping: value })),
  dirty_tracking: yesOrNo((value, setup) => void (setup.platform = { ...setup.platform, dirty_tracking: value })),
  guessed: yesOrNo((value, setup) => void (setup.platform = { ...setup.platform, guessed: value })),
  kernel: ({ value }, setup) => {
    setup.kernel = plainOrQuoted(value);
  },
  variants: ({ value }, setup, tell) => {
    const chosen: Record<string, string> = { ...setup.variants };
    for (const word of value.split(/\s+/)) {
      const [name = "", variant = ""] = word.split("=");
      const known: readonly string[] = Object.hasOwn(VARIANTS, name) ? VARIANTS[name as keyof Variants] : [];
      if (known.includes(variant)) chosen[name] = variant;
      else tell(known.length > 0 ? `${name} is one of ${known.join(", ")}, not "${variant}"${suggestion(variant, known)}` : `variants are of ${Object.keys(VARIANTS).join(", ")}, not of "${name}"`);
    }
    setup.variants = chosen;
  },
  container: ({ value }, setup, tell) => {
    if (value === "type1" || value === "iommufd") setup.container = value;
    else tell("container must be type1 or iommufd");
  },
  api: ({ value }, setup, tell) => {
    if (value === "v1" || value === "v2") setup.api = value;
    else tell("api must be v1 or v2");
  },
  buffers: (entry, setup, _tell, problems) => {
    setup.buffers = things(entry, "name", problems) as unknown as BufferSpec[];
  },
  first_fd: number((value, setup) => void (setup.first_fd = value)),
  processes: number((value, setup) => void (setup.processes = value)),
  dma_entry_limit: number((value, setup) => void (setup.dma_entry_limit = value)),
  max_iova_alignment: ({ value }, setup) => {
    setup.max_iova_alignment = value;
  },
  pools: (entry, setup, _tell, problems) => void (setup.pools = things(entry, "pool", problems)),
  ops: (entry, setup, _tell, problems) => void (setup.ops = things(entry, "ops", problems)),
  nbs: (entry, setup, _tell, problems) => void (setup.nbs = things(entry, "nb", problems)),
  undefined_behaviour: yesOrNo((value, setup) => void (setup.undefined_behaviour = value)),
};

function number(store: (value: number, setup: Setup) => void): Reader {
  return ({ key, value }, setup, tell) => {
    if (/^\d{1,10}$/.test(value)) store(Number(value), setup);
    else tell(`${key} must be a number`);
  };
}

function yesOrNo(store: (value: boolean, setup: Setup) => void): Reader {
  return ({ key, value }, setup, tell) => {
    if (value === "yes" || value === "no") store(value === "yes", setup);
    else tell(`${key} must be yes or no`);
  };
}

/** A list of `NAME field=value` whose name becomes a field, or of plain JSON. */
function things(entry: Entry, nameField: string, problems: ProblemSink): JsonObject[] {
  return entry.items.flatMap((item): JsonObject[] => {
    if (item.text.startsWith("{")) {
      const json = literal({ text: item.text, from: 0 });
      if (isJsonObject(json)) return [json];
    }
    const named = parseNamed(item, problems);
    return named ? [{ [nameField]: named.name, ...named.fields }] : [];
  });
}

function plainOrQuoted(value: string): string {
  const json = value.startsWith('"') ? literal({ text: value, from: 0 }) : value;
  return typeof json === "string" ? json : value;
}

export function isSetupKey(key: string): boolean {
  return Object.hasOwn(READERS, key);
}

export const SETUP_KEYS: readonly string[] = Object.keys(READERS);

export const EMPTY_SETUP: Setup = { platform: { kind: "mock" }, trace: "iommufd" };

/** A setup with some entries changed; entries with other keys are passed over. */
export function changeSetup(base: Setup, entries: readonly Entry[], problems: ProblemSink): Setup {
  const setup: Setup = { ...base };
  for (const entry of entries) {
    const tell = (message: string) => problems.add(entry.line, message, entry.key.length + 3, entry.value.length);
    if (Object.hasOwn(READERS, entry.key)) READERS[entry.key]?.(entry, setup, tell, problems);
  }
  return setup;
}

/** The lines that changeSetup reads this setup from. */
export function setupLines(setup: Setup): string[] {
  const { platform, trace, variants, kernel, container, buffers, pools, ops, nbs } = setup;
  const lines = [`trace: ${trace}`, `platform: ${platform.kind}${platform.address_bits === undefined ? "" : ` ${platform.address_bits}`}`];
  const say = (key: string, value: string | number | undefined) => void (value !== undefined && lines.push(`${key}: ${value}`));
  const list = (key: string, nameField: string, entries: readonly object[] | undefined) => {
    if (entries) lines.push(`${key}:`, ...entries.map((entry) => `- ${thingText(entry as JsonObject, nameField)}`));
  };
  list("devices", "name", platform.devices);
  for (const key of ["interrupt_remapping", "dirty_tracking", "guessed"] as const) say(key, yesNo(platform[key]));
  if (variants && Object.keys(variants).length > 0) lines.push(`variants: ${Object.entries(variants).map(([name, form]) => `${name}=${form}`).join(" ")}`);
  say("kernel", kernel === undefined ? undefined : /^\S+( \S+)*$/.test(kernel) && !kernel.startsWith('"') ? kernel : JSON.stringify(kernel));
  say("container", container);
  list("buffers", "name", buffers);
  for (const key of ["first_fd", "max_iova_alignment", "processes", "api", "dma_entry_limit"] as const) say(key, setup[key]);
  list("pools", "pool", pools as object[] | undefined);
  list("ops", "ops", ops as object[] | undefined);
  list("nbs", "nb", nbs as object[] | undefined);
  say("undefined_behaviour", yesNo(setup.undefined_behaviour));
  return lines;
}

function yesNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? "yes" : "no";
}

/** As `NAME field=value`; as JSON what has no name. */
function thingText(thing: JsonObject, nameField: string): string {
  const { [nameField]: name, ...fields } = thing;
  return typeof name === "string" ? namedText({ name, fields }) : JSON.stringify(thing);
}
