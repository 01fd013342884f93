import { describe, expect, it } from "vitest";
import type { MmVariant } from "../config.ts";
import { MmMachine } from "./testing.ts";

const ALL: readonly MmVariant[] = ["E1", "E2", "E4", "E4-fixed", "E7"];

describe.each(ALL)("%s: one PASID for an address space", (variant) => {
  it("allocates from 1 at the first bind; devices and threads share it", () => {
    const test = new MmMachine(variant).processes("P1", "P2");
    test.do("thread_create", { process: "P1" });
    expect([test.bind("P1", "A"), test.bind("P1", "B"), test.bind("P2", "A")]).toEqual([1, 1, 2]);
    expect(test.machine.ioasid.pasids()?.ids).toMatchObject([{ id: 0, state: "reserved" }, { id: 1, holders: ["mm of P1", "A: context of P1", "B: context of P1"] }, { id: 2 }]);
  });

  it("binding the same device again counts; it takes as many unbinds", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    test.bind("P1");
    test.unbind("P1");
    expect(test.state().devices).toMatchObject([{ table: { 1: "P1" } }]);
    test.unbind("P1");
    expect(test.state().devices).toMatchObject([{ table: {} }]);
    expect(test.unbind("P1").rule).toBe("sva-is-bound");
  });

  it("gives the number up when its era says so", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    test.unbind("P1");
    expect(test.ids()).toEqual(variant === "E2" ? [] : [1]);
    test.do("exit_mm", { process: "P1" });
    expect(test.ids()).toEqual([]);
  });

  it("keeps it as long as the era's reference lives", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    test.do("mmgrab", { process: "P1" });
    test.do("process_exit", { name: "P1" });
    expect(test.ids()).toEqual(variant === "E2" || variant === "E4" ? [] : [1]);
    test.do("mmdrop", { process: "P1" });
    expect(test.ids()).toEqual([]);
    expect(test.do("mmdrop", { process: "P1" }).rule).toBe("mm-users-left");
  });

  it("how none is written down", () => {
    expect(new MmMachine(variant).processes("P1").pasids()).toEqual([{ E1: 0, E2: 0, E4: "INVALID_IOASID", "E4-fixed": "INVALID_IOASID", E7: null }[variant]]);
  });

  it("a fork starts without a PASID, except in the first form", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    const forked = test.do("process_fork", { name: "P1", child: "C" });
    expect(forked.damage).toHaveLength(variant === "E1" ? 1 : 0);
    test.do("process_exit", { name: "C" });
    expect(test.ids()).toEqual(variant === "E1" ? [] : [1]);
    const end = test.do("process_exit", { name: "P1" });
    expect(end.damage.join()).toBe(variant === "E1" ? "PASID 1 is freed because its mm goes, though nobody has it any more." : "");
  });

  it("an execve leaves the number with the old mm and the device", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    test.do("process_exec", { name: "P1" });
    expect(test.state().mms).toMatchObject([{ mm: "P1'" }, { mm: "P1" }]);
    test.unbind("P1");
    expect(test.ids()).toEqual([]);
  });

  it("graph: processes, address spaces and the contexts that lead to them", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    const { nodes, edges } = test.machine.mm.graph();
    expect(nodes.map((node) => [node.key, node.users])).toEqual([["process:P1", null], ["mm:P1", 2], ["device:dev", null]]);
    expect(edges.map((edge) => `${edge.from} ${edge.label} ${edge.to}`)).toEqual(["process:P1 runs in mm:P1", "process:P1 has open device:dev", "device:dev PASID 1 mm:P1"]);
  });

  it("a machine copied half-way goes on by itself", () => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    const copy = test.machine.clone();
    const before = [copy.mm.state(), copy.ioasid.state()];
    test.do("process_exit", { name: "P1" });
    expect([copy.mm.state(), copy.ioasid.state()]).toEqual(before);
    expect(copy.ioasid.pasids()?.ids[1]?.holders).toEqual(["mm of P1", "dev: context of P1"]);
  });
});

describe("the process exits with a request outstanding, section 8.4", () => {
  /** W is queued, P1 exits, P2 binds, the device runs. */
  function story(variant: MmVariant, drain: boolean): string[] {
    const test = new MmMachine(variant).processes("P1", "P2");
    test.bind("P1");
    test.submit("P1", "W");
    test.do("process_exit", { name: "P1", drain });
    expect(test.bind("P2")).toBe(1);
    return test.run().damage;
  }

  it("lands in the next process's memory if the driver does not wait", () => {
    expect(story("E1", false)).toEqual(["DMA of W (PASID 1, process P1) lands in P2's memory!"]);
  });

  it.each(ALL)("%s: a driver that stops the device first is safe", (variant) => {
    expect(story(variant, true)).toEqual([]);
  });

  it.each(ALL)("%s: between exit_mm and the next bind the request only faults", (variant) => {
    const test = new MmMachine(variant).processes("P1");
    test.bind("P1");
    test.submit("P1", "W");
    test.do("exit_mm", { process: "P1" });
    expect(test.run().effects).toEqual(["DMA of W (PASID 1, process P1) faults: dev has no entry under that number."]);
  });

  it.each([["E1", false], ["E2", false], ["E4", true], ["E4-fixed", false], ["E7", false]] as const)("%s: the number can go to another process while the file is still open: %s", (variant, reused) => {
    const test = new MmMachine(variant).processes("P1", "P2");
    test.bind("P1");
    test.submit("P1", "W");
    test.do("exit_mm", { process: "P1" });
    expect(test.bind("P2")).toBe(reused ? 1 : 2);
    expect(test.run().damage).toHaveLength(reused ? 1 : 0);
  });
});

describe("5.18-rc: the number goes before the files, section 8.6", () => {
  it("the late release tears down the other process's entry", () => {
    const test = new MmMachine("E4").processes("P1", "P2");
    test.bind("P1");
    test.do("exit_mm", { process: "P1" });
    expect(test.bind("P2")).toBe(1);
    const closed = test.do("exit_files", { process: "P1" });
    expect(closed.damage).toEqual(["dev: the entry of PASID 1 is torn down, but it belongs to mm of P2 by now: that binding is broken."]);
    test.submit("P2", "W2");
    expect(test.run().effects.join()).toContain("faults");
  });

  it("the fix: the notifier holds the mm, and the mm holds the number", () => {
    const test = new MmMachine("E4-fixed").processes("P1", "P2");
    test.bind("P1");
    test.do("exit_mm", { process: "P1" });
    expect(test.bind("P2")).toBe(2);
    expect(test.do("exit_files", { process: "P1" }).damage).toEqual([]);
    expect(test.ids()).toEqual([2]);
  });

  it("files are closed after the address space, not before", () => {
    const test = new MmMachine("E4").processes("P1");
    expect(test.do("exit_files", { process: "P1" }).rule).toBe("process-mm-gone");
    test.do("process_exit", { name: "P1" });
    expect([test.do("exit_mm", { process: "P1" }).rule, test.do("process_exit", { name: "P1" }).rule]).toEqual(["process-alive", "process-alive"]);
  });
});

describe("the MSR, section 8.7", () => {
  it("E2 writes it to all threads at the bind and clears it at the last unbind", () => {
    const test = new MmMachine("E2").processes("P1");
    test.do("thread_create", { process: "P1" });
    test.bind("P1");
    expect(test.msrs()).toEqual(["0x80000001", "0x80000001"]);
    expect(test.do("thread_create", { process: "P1" }).got).toEqual({ thread: 3 });
    expect(test.msrs()[2]).toBe("0x80000001");
    test.unbind("P1");
    expect(test.msrs()).toEqual(["0x0", "0x0", "0x0"]);
  });

  it.each(["E4", "E4-fixed", "E7"] as const)("%s loads it at the first #GP of each thread and leaves it there", (variant) => {
    const test = new MmMachine(variant).processes("P1");
    test.do("thread_create", { process: "P1" });
    test.bind("P1");
    expect(test.msrs()).toEqual(["0x0", "0x0"]);
    expect(test.submit("P1", "W", { thread: 2 })).toMatchObject({ got: { work: "W", pasid: 1 }, rule: null });
    expect(test.msrs()).toEqual(["0x0", "0x80000001"]);
    test.unbind("P1");
    expect([test.msrs()[1], test.submit("P1", "V", { thread: 2 }).rule]).toEqual(["0x80000001", "enqcmd-portal"]);
  });

  it("refuses what no handler repairs", () => {
    const test = new MmMachine("E1").processes("P1");
    expect(test.submit("P1", "W").rule).toBe("enqcmd-portal");
    test.bind("P1", "dev", { flags: ["private"] });
    expect(test.submit("P1", "W")).toMatchObject({ got: "EFAULT", rule: "enqcmd-msr-valid" });
    test.do("sva_options", { enqcmd: false });
    expect(test.submit("P1", "W").rule).toBe("enqcmd-on-cpu");
  });
});
