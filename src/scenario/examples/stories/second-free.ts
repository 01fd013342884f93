import type { Scenario } from "../../scenario.ts";

/** The 2020 series: a driver frees an id twice while KVM still holds a reference on it. */
export const secondFree: Scenario = {
  title: "An ID is freed twice",
  trace: "ioasid",
  platform: { kind: "none" },
  variants: { ioasid: "series-2020-v2" },
  calls: [
    { call: "ioasid_set_alloc", in: { name: "VM1", token: null, quota: 3, type: 1 }, note: "A set for one guest, with room for three." },
    { call: "ioasid_alloc", in: { set: "VM1", min: 1, max: 20, private: "guest-pasid" }, note: "Allocating gives the first reference." },
    { call: "ioasid_get", in: { set: "VM1", ioasid: 1 }, note: "KVM takes one of its own." },
    { call: "ioasid_get", in: { set: "VM1", ioasid: 1 }, note: "And so does the driver." },
    { call: "ioasid_free", in: { set: "VM1", ioasid: 1 }, note: "Freed: the ID waits until its users have let go." },
    { call: "ioasid_free", in: { set: "VM1", ioasid: 1 }, note: "And freed again. Whose reference goes now?" },
    { call: "ioasid_put", in: { set: "VM1", ioasid: 1 }, note: "KVM has cleaned up." },
    { call: "ioasid_alloc", in: { set: "VM1", min: 1, max: 20, private: "another-guest-pasid" }, note: "The driver still uses the first ID." },
    { call: "ioasid_put", in: { set: "VM1", ioasid: 1 }, note: "The driver has cleaned up as well." },
    { call: "ioasid_find", in: { set: null, ioasid: 1, getter: "none" } },
  ],
};
