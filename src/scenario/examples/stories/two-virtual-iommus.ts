import type { Scenario } from "../../scenario.ts";

/** IOASID as posted in May 2019: two virtual IOMMUs give out IDs; the first one is unplugged while an ID that it issued is in use. */
export const twoVirtualIommus: Scenario = {
  title: "Two virtual IOMMUs, and the first one is unplugged",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { ioasid: "v3-as-posted" },
  pools: [{ pool: "H1", lo: 1, hi: 20, mode: "lowest" }, { pool: "H2", lo: 1, hi: 20, mode: "lowest" }],
  ops: [{ ops: "A1", alloc: "F1", free: "F1", pool: "H1" }, { ops: "A2", alloc: "F2", free: "F2", pool: "H2" }],
  calls: [
    { call: "ioasid_register_allocator", in: { ops: "A1" }, note: "vIOMMU 1. The first custom allocator beats the default one." },
    { call: "ioasid_register_allocator", in: { ops: "A2" }, note: "vIOMMU 2. Later ones wait." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 100, private: "dev-a" }, note: "A device behind vIOMMU 1." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 100, private: "dev-b" }, note: "A device behind vIOMMU 2: its ID comes from A1 as well, which is the active one." },
    { call: "ioasid_free", in: { ioasid: 1 }, note: "vIOMMU 1 is unplugged: its own device’s ID is freed first." },
    { call: "ioasid_unregister_allocator", in: { ops: "A1" }, note: "Then its allocator leaves. ID 2 is still in use: nobody looks." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 100, private: "dev-c" }, note: "Whoever allocates next calls whatever is active now." },
  ],
};
