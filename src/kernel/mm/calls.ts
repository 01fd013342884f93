/** Calls on processes, binds and devices. The names are ours where the kernel has no single call for it. */
import type { Answer } from "../answer.ts";
import { defineCall, type CallDef } from "../call.ts";
import { flag, optional, orElse, text, u32, type Decoded, type FieldKind, type FieldTable } from "../fields.ts";
import type { Rule } from "../rules/rule.ts";
import { mmRules as R } from "../rules/mm.ts";
import { allocPasid, E4 } from "./e4.ts";
import { FAILURES, type Failure, type Scene } from "./era.ts";
import { runDevice, submit } from "./hardware.ts";
import { createProcess, createThread, exec, exit, exitFiles, exitMm, fork, hold, isAlive, letGo } from "./processes.ts";
import { unbind } from "./unbind.ts";
import { DEFAULT_MAX_PASIDS, Device, mmRef } from "./world.ts";

/** Threads are objects of the model: as many as anybody can look at. */
const MOST_THREADS = 1024;
const threadCount: FieldKind<number> = {
  ...u32, name: `number from 0 to ${MOST_THREADS}`,
  decode: (json) => {
    const count = u32.decode(json);
    return count !== undefined && count <= MOST_THREADS ? count : undefined;
  },
};

type BindFlag = "private" | "supervisor";

const bindFlags: FieldKind<BindFlag[]> = {
  name: "list of private, supervisor",
  decode: (json) => (Array.isArray(json) && json.every((item) => item === "private" || item === "supervisor") ? json : undefined),
  encode: (value) => value,
  absent: [],
};

/** A process, or null for the kernel itself. */
const maybeProcess: FieldKind<string | null> = {
  name: "name of a process, or null",
  decode: (json) => (json === null || typeof json === "string" ? json : undefined),
  encode: (value) => value,
  absent: null,
};

const failure: FieldKind<Failure> = {
  name: `one of ${FAILURES.join(", ")}`,
  decode: (json) => FAILURES.find((name) => name === json),
  encode: (value) => value,
  absent: "none",
};

function call<In extends FieldTable>(name: string, summary: string, fields: In, run: (scene: Scene, fields: Decoded<In>) => Answer, order: readonly Rule[] = []): CallDef {
  return defineCall(name, { subsystem: "mm", summary, in: fields, order }, (machine, decoded, trace) => machine.mm.run(machine, trace, (scene) => run(scene, decoded)));
}

const processName = { process: text };
const drain = { drain: orElse(flag, true) };

const DONE: Answer = Object.freeze({ errno: "OK", ret: 0 } as const);

export const mmCalls: readonly CallDef[] = [
  call("process_create", "A process with an address space and this many threads", { name: text, threads: orElse(threadCount, 1) }, (scene, { name, threads }) => createProcess(scene, name, threads)),
  call("thread_create", "Another thread of a process (clone with CLONE_VM)", processName, (scene, { process }) => createThread(scene, scene.world.process(process))),
  call("process_fork", "A copy of a process, with an address space of its own", { name: text, child: text }, (scene, { name, child }) => fork(scene, scene.world.process(name), child)),
  call("process_exec", "A process starts another program: a new address space", { name: text }, (scene, { name }) => exec(scene, scene.world.process(name))),
  call("process_exit", "A process exits: exit_mm, then exit_files; drain: the driver waits for the device before it lets go", { name: text, ...drain },
    (scene, { name, drain: wait }) => exit(scene, scene.world.process(name), wait)),
  call("exit_mm", "First half of an exit: the address space is left", processName, (scene, { process }) => exitMm(scene, scene.world.process(process))),
  call("exit_files", "Second half of an exit: files are closed, drivers undo their binds", { ...processName, ...drain }, (scene, { process, drain: wait }) => exitFiles(scene, scene.world.process(process), wait)),
  call("mmget", "Somebody takes a reference on a process's address space", processName, (scene, { process }) => hold(scene, scene.world.process(process), "users")),
  call("mmput", "Somebody drops a reference on a process's address space", processName, (scene, { process }) => letGo(scene, scene.world.process(process), "users")),
  call("mmgrab", "Somebody takes a reference on a process's mm structure", processName, (scene, { process }) => hold(scene, scene.world.process(process), "count")),
  call("mmdrop", "Somebody drops a reference on a process's mm structure", processName, (scene, { process }) => letGo(scene, scene.world.process(process), "count")),
  call("device_create", "A device with this many PASIDs (one past its last)", { device: text, max_pasids: orElse(u32, DEFAULT_MAX_PASIDS), capable: orElse(flag, true) }, ({ world }, { device, max_pasids: max, capable }) => {
    world.devices.set(device, new Device(device, max, capable));
    return DONE;
  }),
  call("sva_options", "Facts of the machine: ENQCMD on the CPU, PASIDs of the IOMMU (one past the last), the x86 backport that refuses binds", { enqcmd: optional(flag), iommu_max_pasids: optional(u32), x86_refused: optional(flag) },
    ({ world }, { enqcmd, iommu_max_pasids: max, x86_refused: refused }) => {
      world.enqcmd = enqcmd ?? world.enqcmd;
      world.iommuMaxPasids = max ?? world.iommuMaxPasids;
      world.x86Refused = refused ?? world.x86Refused;
      return DONE;
    }),
  call("sva_bind", "Bind a process's address space to a device (process null: the kernel's own); fail: the step that is made to fail", { process: maybeProcess, device: text, flags: bindFlags, ops: orElse(text, "driver"), fail: failure },
    (scene, { process: name, device: deviceName, flags, ops, fail }) => {
      const process = name === null ? null : scene.world.process(name);
      if (process && !isAlive(scene, process)) return scene.doing.trace.refusal();
      const device = scene.world.device(deviceName);
      const answer = scene.era.bind(scene, { process, device, private: flags.includes("private"), supervisor: flags.includes("supervisor"), ops, fail });
      const pasid = (answer.ret as { pasid: number | null } | undefined)?.pasid ?? null;
      const binding = scene.world.bindingsOf(process?.mm ?? null).find((one) => one.pasid === pasid && one.devices.has(deviceName));
      if (process && answer.errno === "OK" && binding) process.handles.push({ device: deviceName, pasid: binding.pasid, binding: binding.name });
      return answer;
    }, [R["process-alive"]]),
  call("sva_unbind", "Undo a bind; pasid: which one, when not the process's own; drain: the driver waits for the device first", { process: maybeProcess, device: text, pasid: optional(u32), ...drain },
    (scene, { process, device, pasid, drain: wait }) => unbind(scene, process === null ? null : scene.world.process(process), scene.world.device(device), pasid, wait), [R["sva-is-bound"]]),
  call("sva_alloc_pasid", "The library's own step: give the mm a PASID in [min, max], both inclusive", { ...processName, min: u32, max: u32 }, (scene, { process: name, min, max }) => {
    const { mm } = scene.world.process(name);
    if (!scene.doing.trace.holds(R["sva-call-in-era"], scene.era instanceof E4, () => ({ objects: [mmRef(mm)], note: "" }))) return scene.doing.trace.refusal();
    return allocPasid(scene, mm, min, max) === null ? scene.doing.trace.refusal() : DONE;
  }, [R["sva-call-in-era"], R["sva-range-sane"], R["sva-pasid-in-range"], R["sva-pasid-to-be-had"]]),
  call("enqcmd_submit", "A thread submits a request (ENQCMD) under the PASID in its MSR", { ...processName, thread: orElse(u32, 1), device: text, work: text },
    (scene, { process, thread, device, work }) => submit(scene, scene.world.process(process), thread, scene.world.device(device), work), [R["process-alive"], R["enqcmd-on-cpu"], R["enqcmd-portal"], R["enqcmd-msr-valid"], R["gp-lazy"]]),
  call("device_run", "The device works off its queue, or one request of it, where the numbers lead now", { device: text, work: optional(text) }, (scene, { device, work }) => runDevice(scene, scene.world.device(device), work)),
];
