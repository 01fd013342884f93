import type { Scenario } from "../../scenario.ts";

/** IOASID as merged in 5.5, two CPUs: a page-request handler looks an id up and uses it while its owner frees both id and object. */
export const findWithoutReference: Scenario = {
  title: "Two CPUs: found without a reference, freed meanwhile",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { ioasid: "mainline-5.5" },
  calls: [
    { call: "ioasid_alloc", in: { set: "s0", min: 1, max: 20, private: "svm-1" }, note: "ID 1 points to the object svm-1." },
    { call: "lane_start", in: { cpu: 0, call: "ioasid_find_use", in: { set: null, ioasid: 1, hold: "none" } }, note: "CPU 0 handles a page request for ID 1. It takes no reference." },
    { call: "lane_start", in: { cpu: 1, call: "ioasid_free", in: { ioasid: 1 } }, note: "CPU 1 lets go of the ID…" },
    { call: "lane_step", in: { cpu: 0 }, note: "The handler has found svm-1 and leaves the read section with the bare pointer." },
    { call: "lane_finish", in: { cpu: 1 } },
    { call: "lane_start", in: { cpu: 1, call: "private_free", in: { private: "svm-1" } }, note: "…and frees the object." },
    { call: "lane_finish", in: { cpu: 1 } },
    { call: "lane_start", in: { cpu: 1, call: "ioasid_alloc", in: { set: "s1", min: 1, max: 20, private: "svm-2" } }, note: "Somebody else gets the lowest free number: 1 again." },
    { call: "lane_finish", in: { cpu: 1 } },
    { call: "lane_step", in: { cpu: 0 }, note: "The handler uses what it found." },
  ],
};
