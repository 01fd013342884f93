import type { Scenario } from "../../scenario.ts";

/** IOASID as posted in May 2019, two CPUs: between the test of the table and the store to the flag another CPU allocates. */
export const flagOutsideTheLock: Scenario = {
  title: "Two CPUs: the flag that is reset outside the lock",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { ioasid: "v3-as-posted" },
  pools: [{ pool: "H1", lo: 1, hi: 20, mode: "lowest" }],
  ops: [{ ops: "A1", alloc: "F1", free: "F1", pool: "H1" }],
  calls: [
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 20, private: "p1" }, note: "No custom allocator: the default one gives out ID 1, and a flag says that it is in use." },
    { call: "lane_start", in: { cpu: 0, call: "ioasid_free", in: { ioasid: 1 } }, note: "CPU 0 frees the last ID." },
    { call: "lane_start", in: { cpu: 1, call: "ioasid_alloc", in: { set: "s1", min: 1, max: 20, private: "p2" } }, note: "CPU 1 allocates at the same time." },
    { call: "lane_step", in: { cpu: 0 } },
    { call: "lane_step", in: { cpu: 0 } },
    { call: "lane_step", in: { cpu: 0 }, note: "The table is empty. The lock is not held." },
    { call: "lane_step", in: { cpu: 1 }, note: "The flag still says “in use”, so the default allocator is taken." },
    { call: "lane_step", in: { cpu: 1 }, note: "The table is not empty any more." },
    { call: "lane_step", in: { cpu: 0 }, note: "CPU 0 clears the flag all the same." },
    { call: "ioasid_register_allocator", in: { ops: "A1" }, note: "A custom allocator comes, and nothing tells it that default IDs are in use." },
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 20, private: "p3" }, note: "Its host gives 1, which is taken: the two number spaces are mixed." },
  ],
};
