import { describe, expect, it } from "vitest";
import { findWithoutReference } from "../scenario/examples/stories/find-without-reference.ts";
import { flagOutsideTheLock } from "../scenario/examples/stories/flag-outside-the-lock.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { canPutOnCpus, putOnCpus } from "./put-on-cpus.ts";
import { Session } from "./session.ts";
import type { Loaded } from "./views.ts";

async function open(scenario: Scenario): Promise<{ session: Session; loaded: Loaded }> {
  const session = new Session();
  return { session, loaded: await session.load(scenario) };
}

/** "0:tell the host", "1:begins ioasid_alloc". */
async function script(scenario: Scenario): Promise<string[]> {
  const { session } = await open(scenario);
  return session.rows(1, 100).map(({ call, lane }) => (lane ? `${lane.cpu}:${lane.what === "start" ? `begins ${lane.call}` : lane.regions.map((region) => region.title).join("+") || lane.what}${lane.done ? "." : ""}` : call));
}

describe("rows of several CPUs", () => {
  it("say which lock region each step runs", async () => {
    expect((await script(flagOutsideTheLock)).slice(1, 9)).toEqual([
      "0:begins ioasid_free", "1:begins ioasid_alloc", "0:tell the host", "0:erase the entry", "0:test whether the table is empty",
      "1:choose an allocator and ask it", "1:store the entry.", "0:clear the default allocator's flag.",
    ]);
    const { session } = await open(flagOutsideTheLock);
    expect(session.rows(5, 1)[0]?.lane).toEqual({ cpu: 0, call: "ioasid_free", what: "runs", regions: [{ title: "erase the entry", lock: "xa_lock", number: 2 }], of: 4, done: false });
    expect(session.rows(9, 1)[0]?.damaged).toBe(true);
  });

  it("a finish runs all that is left", async () => {
    const calls = [...flagOutsideTheLock.calls.slice(0, 4), { call: "lane_finish", in: { cpu: 0 } }];
    expect((await script({ ...flagOutsideTheLock, calls })).at(-1)).toBe("0:erase the entry+test whether the table is empty+clear the default allocator's flag.");
  });

  it("and whom a lock keeps waiting", async () => {
    const { session } = await open({
      ...flagOutsideTheLock, variants: { ioasid: "series-2020-v2" },
      calls: [
        { call: "ioasid_set_alloc", in: { name: "S", token: "m1", quota: 4, type: 2 } },
        { call: "lane_start", in: { cpu: 0, call: "ioasid_register_notifier_mm", in: { token: "m1", nb: "kvm" } } },
        { call: "lane_start", in: { cpu: 1, call: "ioasid_set_put", in: { set: "S" } } },
        { call: "lane_step", in: { cpu: 0 } }, { call: "lane_step", in: { cpu: 1 } }, { call: "lane_step", in: { cpu: 0 } }, { call: "lane_step", in: { cpu: 2 } },
      ],
    });
    expect(session.rows(6, 2).map((row) => [row.errno, row.lane?.what])).toEqual([["EBUSY", "waits"], ["ENOENT", "waits"]]);
  });
});

describe("the order of the CPUs", () => {
  it("is read from a scenario", async () => {
    const { loaded } = await open(flagOutsideTheLock);
    expect(loaded.lanes).toEqual({ cpus: [0, 1], turns: [0, 0, 0, 1, 1, 0, "w", "w"], steps: [4, 5, 6, 7, 8, 9, 10, 11] });
    expect((await open(findWithoutReference)).loaded.lanes?.turns).toEqual([0, 1, 1, 1, 0]);
  });

  it("can be another one: a CPU that goes first does no harm", async () => {
    const { session } = await open(flagOutsideTheLock);
    const { scenario, steps } = session.interleave([1, 1, 0, 0, 0]);
    expect(steps).toEqual([4, 5, 6, 7, 8]);
    expect(await script(scenario)).toEqual([
      "ioasid_alloc", "0:begins ioasid_free", "1:begins ioasid_alloc", "1:choose an allocator and ask it", "1:store the entry.", "0:tell the host", "0:erase the entry",
      "0:test whether the table is empty.", "ioasid_register_allocator", "ioasid_alloc",
    ]);
    const { marks } = (await open(scenario)).loaded;
    expect(Array.from(marks).slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("the order it has gives the same scenario again, but for notes on steps", async () => {
    const { session, loaded } = await open(flagOutsideTheLock);
    const { scenario } = session.interleave(loaded.lanes?.turns ?? []);
    const plain = ({ calls }: Scenario) => calls.map((call) => [call.call, call.in]);
    expect(plain(scenario)).toEqual(plain(flagOutsideTheLock));
  });

  it("a CPU that is through begins its next call; what the order leaves out runs afterwards", async () => {
    const { session } = await open(findWithoutReference);
    const { scenario, steps } = session.interleave([1, 1]);
    expect(await script(scenario)).toEqual([
      "ioasid_alloc", "0:begins ioasid_find_use", "1:begins ioasid_free", "1:free.", "1:begins private_free", "1:the whole call.", "1:begins ioasid_alloc",
      "0:look up.", "1:the whole call.",
    ]);
    expect(steps).toEqual([5, 7]);
  });

  it("passes over turns with nothing to do, and stops where CPUs block each other", async () => {
    const { session } = await open(flagOutsideTheLock);
    const { scenario, steps } = session.interleave([1, 1, 1, 1, 7]);
    expect(steps).toEqual([4, 5, 5, 5, 5]);
    expect(scenario.calls).toHaveLength(10);
  });
});

describe("two calls put on two CPUs", () => {
  const plain: Scenario = { ...flagOutsideTheLock, calls: [{ call: "ioasid_alloc", in: { set: "s0", min: 1, max: 9, private: "p" } }, { call: "ioasid_free", in: { ioasid: 1 } }, { call: "ioasid_alloc", in: { set: "s1", min: 1, max: 9, private: "q" } }] };

  it("end as they did before until somebody changes the order", async () => {
    expect([canPutOnCpus(plain, 2), canPutOnCpus(plain, 3), canPutOnCpus(flagOutsideTheLock, 10)]).toEqual([true, false, false]);
    const { session, loaded } = await open(putOnCpus(plain, 2));
    expect(loaded.lanes?.turns).toEqual([0, 0, 0, 0, 1, 1]);
    const before = (await open(plain)).session;
    expect((session.state(loaded.steps) as { ioasid: unknown }).ioasid).toEqual((before.state(3) as { ioasid: unknown }).ioasid);
  });
});
