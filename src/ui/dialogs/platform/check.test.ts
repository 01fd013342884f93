import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../../base/u64.ts";
import { makePlatform } from "../../../kernel/platform/platform.ts";
import { platformOf } from "../../../scenario/machine-config.ts";
import { checkDraft, deviceField, readLast, readRegion, readStart, regionField } from "./check.ts";
import { draftOf, newDevice, regionDraft, withBits, withKind, type PlatformDraft } from "./draft.ts";
import { HOST_FAMILIES } from "./hosts.ts";

const HOSTS = HOST_FAMILIES.flatMap(({ hosts }) => hosts);
const region = (start: string, last: string) => ({ ...regionDraft({ first: 0, last: 0, type: "reserved" }), start, last });

describe("every host", () => {
  for (const { id, platform } of HOSTS) {
    it(`is without problems, and comes back as it was: ${id}`, () => {
      const { spec, problems } = checkDraft(draftOf(platform));
      expect([...problems]).toEqual([]);
      const { name: _name, guessed: _guessed, devices, ...rest } = platform;
      const back = platformOf(spec);
      expect(back).toMatchObject(rest);
      expect(back.devices.map(({ name, group, vfio, model, regions }) => ({ name, group, vfio, model, regions }))).toEqual(devices.map(({ name, group, vfio, model, regions }) => ({ name, group, vfio, model, regions })));
      expect(spec.guessed).toBeUndefined();
    });
  }

  it("is of a family", () => {
    expect(HOSTS.length).toBe(19);
    expect(HOST_FAMILIES.every(({ hosts }) => hosts.length > 0)).toBe(true);
  });
});

describe("addresses", () => {
  it("are read in the ways people type them", () => {
    for (const text of ["0xfee00000", "0xfee0_0000", " FEE00000h", "0xFEE00000", "4276092928"]) expect(readStart(text)).toEqual({ value: 0xfee00000 });
  });

  it("end at a last address or after a length", () => {
    expect(readLast("0xfeefffff", 0xfee00000)).toEqual({ value: 0xfeefffff });
    for (const text of ["+1M", "+0x100000", "+1 MiB", "+ 1024k", "+1_048_576"]) expect(readLast(text, 0xfee00000)).toEqual({ value: 0xfeefffff });
    expect(readLast("+4K", 0xffff_ffff_ffff_f000n)).toEqual({ value: U64_MAX });
    expect(readRegion(region("0", "0xffffffffffffffff"))).toMatchObject({ first: 0, last: U64_MAX });
  });

  it("are refused in words", () => {
    const problem = (reading: ReturnType<typeof readStart>) => ("problem" in reading ? reading.problem : "none");
    expect(problem(readStart("0xzz"))).toContain("“0xzz” is not hex");
    expect(problem(readStart("0x1ffffffffffffffff"))).toContain("64 bits");
    expect(problem(readStart(" "))).toContain("Where does it start?");
    expect(problem(readLast("0xfff", 0x1000))).toBe("The last address lies below the start, 0x1000.");
    expect(problem(readLast("+0", 0))).toContain("at least one byte");
    expect(problem(readLast("+much", 0))).toContain("not a length");
    expect(problem(readLast("+8K", 0xffff_ffff_ffff_f000n))).toContain("past the end");
    expect(problem(readLast("+16E", 0))).toContain("not a length");
    expect(problem(readLast("+1M", null))).toContain("needs a start");
  });
});

describe("problems", () => {
  const base = draftOf(makePlatform("amd-vi"));
  const [device] = base.devices as [PlatformDraft["devices"][number]];
  const withDevice = (change: Partial<typeof device>): PlatformDraft => ({ ...base, devices: [{ ...device, ...change }] });

  it("name the field", () => {
    const wrong = { ...region("0x2000", "0x1000") };
    const { problems } = checkDraft(withDevice({ group: "seven", vfio: "x", name: "", regions: [wrong] }));
    expect([...problems.keys()]).toEqual([deviceField(device, "name"), deviceField(device, "group"), deviceField(device, "vfio"), regionField(wrong, "last")]);
    expect(problems.get(deviceField(device, "group"))).toContain("“seven” is not a number");
  });

  it("leave out of the platform what can't be understood, and keep the rest", () => {
    const { spec } = checkDraft(withDevice({ regions: [region("0x2000", "0x1000"), region("0x4000", "+4K")] }));
    expect(spec.devices?.[0]?.regions).toEqual([{ start: "0x4000", last: "0x4fff", type: "reserved" }]);
  });

  it("are two devices of one name or one number", () => {
    const twin = newDevice(base);
    const { problems } = checkDraft({ ...base, devices: [device, { ...twin, name: device.name, vfio: device.vfio }] });
    expect([...problems.keys()]).toEqual([deviceField(twin, "name"), deviceField(twin, "vfio")]);
  });
});

describe("devices", () => {
  it("without a number get one that is free", () => {
    const base = draftOf(makePlatform("intel-vtd"));
    const devices = base.devices.map((device, index) => ({ ...device, vfio: index === 0 ? "" : index === 1 ? "0" : "" }));
    const numbers = checkDraft({ ...base, devices }).spec.devices?.map((device) => device.vfio);
    expect(new Set(numbers).size).toBe(devices.length);
    expect(numbers?.[1]).toBe(0);
  });

  it("are added with a name, group and number of their own", () => {
    let draft = draftOf(makePlatform("intel-vtd"));
    for (let count = 0; count < 40; count++) draft = { ...draft, devices: [...draft.devices, newDevice(draft)] };
    expect([...checkDraft(draft).problems]).toEqual([]);
    expect(new Set(draft.devices.map((device) => device.group)).size).toBe(43);
  });
});

describe("another IOMMU", () => {
  it("brings its own regions and keeps those of the devices", () => {
    const rmrr = { first: 0x8000_0000, last: 0x8000_ffff, type: "direct" as const, label: "RMRR" };
    const intel = makePlatform("intel-vtd");
    const draft = draftOf({ ...intel, devices: [{ name: "nic", group: 1, vfio: 0, regions: [rmrr, ...intel.commonRegions] }] });
    const { spec } = checkDraft(withKind(draft, "amd-vi"));
    expect(platformOf(spec).devices[0]?.regions.map(({ label }) => label)).toEqual(["RMRR", "MSI", "HyperTransport"]);
    expect(spec).toMatchObject({ kind: "amd-vi", address_bits: 64 });
  });

  it("of another width reaches as far as its tables", () => {
    const narrow = checkDraft(withBits(draftOf(makePlatform("amd-vi")), 47)).spec;
    expect(platformOf(narrow)).toMatchObject({ aperture: { first: 0, last: 0x7fff_ffff_ffff }, dirtyTracking: false });
  });
});
