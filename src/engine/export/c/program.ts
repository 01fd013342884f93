/** A C program while it is put together: what it needs of the uAPI, the variables for ids, and who has which descriptor. */
import type { U64 } from "../../../base/u64.ts";
import { hex } from "../../../base/u64.ts";
import type { Answer } from "../../../kernel/answer.ts";
import type { MachineConfig } from "../../../kernel/config.ts";
import type { Pointer } from "../../../kernel/fields.ts";
import type { HelperName } from "./helpers.ts";
import { constant } from "./words.ts";

/** The descriptor that /dev/iommu has in the recordings, which a program opens before its first call. */
const FIRST_IOMMUFD = 3;

interface Process {
  /** Variables by descriptor as the model counts them. */
  fds: Map<number, string>;
  /** iommufds among them. */
  contexts: Map<number, string>;
}

/** One call, ready to be written. `fields` are decoded. */
export interface CallToWrite {
  step: number;
  name: string;
  fields: Record<string, unknown>;
  answer: Answer;
  process: number;
}

export class Program {
  readonly config: MachineConfig;
  readonly structs = new Set<string>();
  readonly numbers = new Set<string>();
  readonly helpers = new Set<HelperName>();
  /** Type of each variable; they are fields of `ids`. */
  readonly variables = new Map<string, string>();
  /** Slots of device files that are opened, and the path that the scenario has. */
  readonly devices = new Map<number, string>();
  /** Buffers that pointers name. */
  readonly buffers = new Set<string>();
  readonly ids: "ids." | "ids->";
  /** Which iommufd each device slot is bound to. */
  private readonly bound = new Map<number, string>();
  private readonly objects = new Map<string, string>();
  private readonly processes = new Map<number, Process>();
  private generation = 0;
  usesIommufd = false;
  containerOpen = false;

  constructor(config: MachineConfig, options: { forks: boolean }) {
    this.config = config;
    this.ids = options.forks ? "ids->" : "ids.";
  }

  struct(name: string): string {
    this.structs.add(name);
    return `struct ${name}`;
  }

  number(name: string): string {
    this.numbers.add(name);
    return name;
  }

  helper(name: HelperName): string {
    this.helpers.add(name);
    return name;
  }

  /** A variable that all processes share, as an expression. */
  variable(name: string, type = "uint32_t"): string {
    this.variables.set(name, type);
    return this.ids + name;
  }

  process(number: number): Process {
    let process = this.processes.get(number);
    if (!process) {
      process = { fds: new Map(), contexts: new Map() };
      if (this.processes.size === 0) process.contexts.set(FIRST_IOMMUFD, "c0");
      this.processes.set(number, process);
    }
    return process;
  }

  /** A child has what its parent has at that moment. */
  fork(parent: number, child: number): void {
    const { fds, contexts } = this.process(parent);
    this.processes.set(child, { fds: new Map(fds), contexts: new Map(contexts) });
  }

  /** Tells that a descriptor has been given; the lines that keep it. */
  giveFd(process: number, fd: number, stem: string, from: string, isIommufd = false): string {
    const name = `${stem}_${fd}${process === 0 ? "" : `_p${process}`}`;
    const owner = this.process(process);
    owner.fds.set(fd, name);
    if (isIommufd) owner.contexts.set(fd, `c${++this.generation}`);
    return `${this.variable(name, "int")} = ${from};`;
  }

  /** A descriptor as an expression: the variable of whoever gave it, else the number itself. */
  fd(process: number, fd: number): string {
    const name = this.process(process).fds.get(fd);
    if (name !== undefined) return this.variable(name, "int");
    if (fd === FIRST_IOMMUFD && this.process(process).contexts.has(fd)) return this.firstIommufd();
    return constant(fd);
  }

  closeFd(process: number, fd: number): void {
    this.process(process).contexts.delete(fd);
    this.process(process).fds.delete(fd);
  }

  private firstIommufd(): string {
    this.usesIommufd = true;
    return this.variable("iommufd", "int");
  }

  /** The iommufd that a call goes to, and the key of its numbering. */
  iommufd(process: number, fd: unknown): { fd: string; context: string } {
    const { contexts } = this.process(process);
    const number = typeof fd === "number" ? fd : ([...contexts.keys()].at(-1) ?? FIRST_IOMMUFD);
    const context = contexts.get(number) ?? "none";
    return { fd: contexts.has(number) || typeof fd === "number" ? this.fd(process, number) : this.firstIommufd(), context };
  }

  bind(slot: number, context: string): void {
    this.bound.set(slot, context);
  }

  contextOfSlot(slot: number): string {
    return this.bound.get(slot) ?? "none";
  }

  /** Keeps an id that a call gave: an assignment. */
  give(context: string, id: unknown, stem: string, from: string): string {
    if (typeof id !== "number") return "";
    const name = `${stem}_${id}${context === "c0" ? "" : `_${context.replaceAll(/\W+/g, "_")}`}`;
    this.objects.set(`${context}:${id}`, name);
    return `${this.variable(name)} = ${from};`;
  }

  knows(context: string, id: unknown): boolean {
    return typeof id === "number" && this.objects.has(`${context}:${id}`);
  }

  /** An id as an expression: the variable of the call that gave it, else the number itself. */
  id(context: string, id: unknown): string {
    if (typeof id !== "number") return "0";
    const name = this.objects.get(`${context}:${id}`);
    return name === undefined ? constant(id) : this.variable(name);
  }

  /** A pointer of the scenario as a 64-bit expression. */
  pointer(pointer: unknown): string {
    const value = pointer as Pointer | null | undefined;
    if (!value) return "0";
    if ("va" in value) return constant(value.va, 64);
    const known = this.config.buffers?.some(({ name }) => name === value.buffer);
    if (!known) return constant(value.offset, 64);
    this.buffers.add(value.buffer);
    return `buffer_${this.bufferIndex(value.buffer)}${value.offset === 0 ? "" : ` + ${constant(value.offset, 64)}`}`;
  }

  bufferIndex(name: string): number {
    return this.config.buffers?.findIndex((buffer) => buffer.name === name) ?? -1;
  }

  /** The path of a slot's device file; a person may give another one. */
  device(slot: number, path: string): string {
    if (!this.devices.has(slot)) this.devices.set(slot, path === "" ? `/dev/vfio/devices/vfio${slot}` : path);
    return `device_path(${[...this.devices.keys()].indexOf(slot)})`;
  }
}

/** Field readers: a decoded field of the kind that a call has. */
export function num(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  return typeof value === "number" ? value : 0;
}

export function big(fields: Record<string, unknown>, name: string): U64 {
  const value = fields[name];
  return typeof value === "number" || typeof value === "bigint" ? value : 0;
}

/** A value for people, in a comment. */
export function shown(value: unknown): string {
  return typeof value === "bigint" || typeof value === "number" ? hex(value) : String(value);
}
