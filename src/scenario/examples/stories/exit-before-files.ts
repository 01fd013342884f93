import type { Scenario } from "../../scenario.ts";

/** The PASID of a process in 5.18-rc: it is freed with the address space, while the device file is still open. */
export const exitBeforeFiles: Scenario = {
  title: "A process exits, and its PASID goes to another",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { mm: "E4" },
  calls: [
    { call: "process_create", in: { name: "P1", threads: 2 } },
    { call: "process_create", in: { name: "P2", threads: 1 } },
    { call: "sva_bind", in: { process: "P1", device: "accel" }, note: "P1’s address space gets a number, and the device a context for it." },
    { call: "enqcmd_submit", in: { process: "P1", thread: 1, device: "accel", work: "W" }, note: "A request under that number waits in the device." },
    { call: "exit_mm", in: { process: "P1" }, note: "P1 exits. Its address space goes first, its files later." },
    { call: "sva_bind", in: { process: "P2", device: "accel" }, note: "Meanwhile P2 binds: which number does it get?" },
    { call: "device_run", in: { device: "accel" }, note: "The device works off what is queued." },
    { call: "exit_files", in: { process: "P1", drain: true }, note: "P1’s files are closed: the driver undoes P1’s bind." },
    { call: "enqcmd_submit", in: { process: "P2", thread: 1, device: "accel", work: "W2" } },
    { call: "device_run", in: { device: "accel" } },
  ],
};
