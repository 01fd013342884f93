/** Processes come and go: create, fork, exec, exit in its two stages. */
import { plural } from "../../base/format.ts";
import type { Answer } from "../answer.ts";
import { mmRules as R } from "../rules/mm.ts";
import type { Scene } from "./era.ts";
import { dropMm, grabMm, putMm } from "./lifetime.ts";
import { unbind } from "./unbind.ts";
import { MmStruct, mmRef, Process, processRef, Thread } from "./world.ts";

const DONE: Answer = Object.freeze({ errno: "OK", ret: 0 } as const);

function isNew({ world, doing }: Scene, name: string): boolean {
  return doing.trace.holds(R["process-name-new"], !world.processes.has(name), () => ({ objects: [processRef(name)] }));
}

/** Is the process still running? */
export function isAlive({ doing }: Scene, process: Process): boolean {
  return doing.trace.holds(R["process-alive"], process.stage === "alive", () => ({ objects: [processRef(process.name)], note: process.stage === "alive" ? "" : `${process.name} is past its exit.` }));
}

export function createProcess(scene: Scene, name: string, threads: number): Answer {
  if (!isNew(scene, name)) return scene.doing.trace.refusal();
  const process = new Process(name, new MmStruct(name));
  scene.world.processes.set(name, process);
  process.threads.push(new Thread(1));
  scene.doing.effect("create", () => ({ objects: [processRef(name), mmRef(process.mm)], text: `Process ${name} with an address space of its own; no PASID.` }));
  for (let number = 2; number <= threads; number++) startThread(scene, process);
  return DONE;
}

/** clone(CLONE_VM): another thread in the same address space. */
export function createThread(scene: Scene, process: Process): Answer {
  if (!isAlive(scene, process)) return scene.doing.trace.refusal();
  return { errno: "OK", ret: { thread: startThread(scene, process).number } };
}

function startThread(scene: Scene, process: Process): Thread {
  const thread = new Thread((process.threads.at(-1)?.number ?? 0) + 1);
  process.threads.push(thread);
  process.mm.users++;
  scene.era.threadStarted(scene, process, thread);
  scene.doing.effect("create", () => ({ objects: [processRef(process.name), mmRef(process.mm)], text: `Thread ${thread.number} of ${process.name} shares its address space: users ${process.mm.users}.` }));
  return thread;
}

/** fork: an address space of its own, a copy. Open device files are not shared in this model. */
export function fork(scene: Scene, parent: Process, name: string): Answer {
  if (!isAlive(scene, parent) || !isNew(scene, name)) return scene.doing.trace.refusal();
  const child = new Process(name, new MmStruct(name));
  child.threads.push(new Thread(1));
  scene.world.processes.set(name, child);
  scene.doing.effect("create", () => ({ objects: [processRef(name), mmRef(child.mm)], text: `${name} is a copy of ${parent.name} with an address space of its own.` }));
  scene.era.forked(scene, parent.mm, child.mm);
  return DONE;
}

/** execve: the process leaves its address space for a new one, which has no PASID; its device files stay open. */
export function exec(scene: Scene, process: Process): Answer {
  if (!isAlive(scene, process)) return scene.doing.trace.refusal();
  const old = process.mm;
  const leaving = process.threads.length;
  process.mm = new MmStruct(`${process.name}'`);
  process.threads.splice(0, leaving, new Thread(1));
  scene.doing.effect("create", () => ({ objects: [processRef(process.name), mmRef(process.mm)], text: `${process.name} starts another program: a new address space without a PASID.` }));
  putMm(scene, old, leaving, process.name);
  return DONE;
}

/** exit_mm: the address space is left, before any file is closed. */
export function exitMm(scene: Scene, process: Process): Answer {
  if (!isAlive(scene, process)) return scene.doing.trace.refusal();
  process.stage = "mm-gone";
  const leaving = process.threads.length;
  process.threads.splice(0);
  scene.doing.effect("destroy", () => ({ objects: [processRef(process.name)], text: `${process.name} exits: first the address space is left (exit_mm), files are still open.` }));
  putMm(scene, process.mm, leaving, process.name);
  return DONE;
}

/** exit_files: the driver's release undoes the binds. `drain`: it stops the device and waits before it lets go. */
export function exitFiles(scene: Scene, process: Process, drain: boolean): Answer {
  const { doing, world } = scene;
  const left = process.stage === "mm-gone";
  if (!doing.trace.holds(R["process-mm-gone"], left, () => ({ objects: [processRef(process.name)], note: process.stage === "alive" ? `${process.name} is still in its address space.` : left ? "" : `${process.name} has exited.` }))) return doing.trace.refusal();
  process.stage = "exited";
  const handles = [...process.handles];
  doing.effect("destroy", () => ({ objects: [processRef(process.name)], text: `${process.name} closes its files (exit_files): ${handles.length === 0 ? "no device is open" : plural(handles.length, "bind") + " to undo"}.` }));
  for (const { device, pasid } of handles) unbind(scene, process, world.device(device), pasid, drain);
  return DONE;
}

/** The whole exit in the kernel's order. */
export function exit(scene: Scene, process: Process, drain: boolean): Answer {
  const answer = exitMm(scene, process);
  return answer.errno === "OK" ? exitFiles(scene, process, drain) : answer;
}

/** mmget, mmgrab: somebody else holds the address space, or just the structure. */
export function hold(scene: Scene, { mm }: Process, what: "users" | "count"): Answer {
  const { doing } = scene;
  const there = what === "users" ? mm.users > 0 : !mm.freed;
  if (!doing.trace.holds(R["mm-alive"], there, () => ({ objects: [mmRef(mm)], note: `users ${mm.users}, count ${mm.count}.` }))) return doing.trace.refusal();
  if (what === "users") {
    mm.users++;
    mm.extraUsers++;
    doing.effect("users", () => ({ objects: [mmRef(mm)], text: `Somebody holds the address space of ${mm.name}: users ${mm.users}.` }));
  } else {
    grabMm(scene, mm, "Somebody");
    mm.extraCount++;
  }
  return DONE;
}

/** mmput, mmdrop: undoes hold. */
export function letGo(scene: Scene, { mm }: Process, what: "users" | "count"): Answer {
  const { doing } = scene;
  const held = what === "users" ? mm.extraUsers : mm.extraCount;
  if (!doing.trace.holds(R["mm-users-left"], held > 0, () => ({ objects: [mmRef(mm)], note: `${plural(held, "such reference")} from outside.` }))) return doing.trace.refusal();
  if (what === "users") {
    mm.extraUsers--;
    putMm(scene, mm, 1, "Somebody");
  } else {
    mm.extraCount--;
    dropMm(scene, mm, "Somebody");
  }
  return DONE;
}
