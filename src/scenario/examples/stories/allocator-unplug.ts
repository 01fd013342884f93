import type { Scenario } from "../../scenario.ts";

/** IOASID as in 6.1: two virtual IOMMUs give out IDs; the first one goes away while an ID of it is still in use. */
export const allocatorUnplug: Scenario = {
  title: "A custom allocator is unplugged under its IDs",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { ioasid: "mainline-6.1" },
  pools: [{ pool: "H1", lo: 1, hi: 20, mode: "lowest" }, { pool: "H2", lo: 100, hi: 120, mode: "lowest" }],
  ops: [{ ops: "A1", alloc: "F1", free: "F1", pool: "H1" }, { ops: "A2", alloc: "F2", free: "F2", pool: "H2" }],
  calls: [
    { call: "ioasid_register_allocator", in: { ops: "A1" }, note: "No ID is in use, so the first custom allocator takes over from the default one." },
    { call: "ioasid_register_allocator", in: { ops: "A2" }, note: "A second one with other functions waits behind it." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 100, private: "p1" }, note: "The host behind A1 chooses the number." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 100, private: "p2" } },
    { call: "ioasid_free", in: { ioasid: 1 }, note: "Freeing tells the host too." },
    { call: "ioasid_unregister_allocator", in: { ops: "A1" }, note: "A1 is unplugged while ID 2 is in use: the kernel warns, and the ID is lost. A2 becomes active." },
    { call: "ioasid_find", in: { set: "s0", ioasid: 2, getter: "none" }, note: "Only the active allocator's table is searched." },
    { call: "ioasid_free", in: { ioasid: 2 }, note: "Nothing happens, and the host behind A1 never hears of it: there the ID stays taken." },
  ],
};
