import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../base/json.ts";
import { IoasidMachine } from "../testing.ts";

type Variant = "series-2020-v2" | "series-2020-v3" | "series-2021-v4";
type Start = "ABSENT" | "ACTIVE 1" | "ACTIVE 3" | "PENDING 1" | "PENDING 2";
const STARTS: readonly Start[] = ["ABSENT", "ACTIVE 1", "ACTIVE 3", "PENDING 1", "PENDING 2"];

/** A machine with sets S and T and id 1 of S in the state wanted. */
function at(variant: Variant, start: Start): IoasidMachine {
  const test = new IoasidMachine(variant);
  for (const name of ["S", "T"]) test.got("set_alloc", { name, token: null, quota: 4, type: 1 });
  // A second id keeps V4's set alive when the first one goes.
  test.alloc({ set: "S", min: 50, max: 50 });
  if (start === "ABSENT") return test;
  const id = { set: "S", ioasid: test.alloc({ set: "S", private: variant === "series-2020-v2" ? "p" : null }) };
  if (variant === "series-2020-v2") test.got("attach_spid", { ioasid: 1, spid: 7 });
  const gets = { "ACTIVE 1": 0, "ACTIVE 3": 2, "PENDING 1": 1, "PENDING 2": 2 }[start];
  for (let count = 0; count < gets; count++) test.got("get", id);
  if (start.startsWith("PENDING")) test.got("free", id);
  return test;
}

function now(test: IoasidMachine): string {
  const entry = (test.state().default_ids as { id: number; state: string; refs: number }[]).find(({ id }) => id === 1);
  return entry ? `${entry.state === "FREE_PENDING" ? "PENDING" : "ACTIVE"} ${entry.refs}` : "ABSENT";
}

/** After the call: the state, and what the caller got. */
function after(variant: Variant, start: Start, call: string, fields: JsonObject): [string, Json, string | null] {
  const test = at(variant, start);
  const done = test.do(`ioasid_${call}`, fields);
  return [now(test), done.got, done.trace.refusedBy?.id ?? null];
}

const mine = { set: "S", ioasid: 1 };
const wrong = { set: "T", ioasid: 1 };

/** Section 4.7: event, then state after and value for each start; "—" no change. */
const V2_TABLE: [string, string, JsonObject, [string, Json][]][] = [
  ["alloc", "alloc", { set: "S", min: 1, max: 1, private: "p" }, [["ACTIVE 1", 1], ["—", "INVALID_IOASID"], ["—", "INVALID_IOASID"], ["—", "INVALID_IOASID"], ["—", "INVALID_IOASID"]]],
  ["get, set ok", "get", mine, [["—", "EINVAL"], ["ACTIVE 2", 0], ["ACTIVE 4", 0], ["—", "EBUSY"], ["—", "EBUSY"]]],
  ["get, wrong set", "get", wrong, [["—", "EINVAL"], ["—", "EACCES"], ["—", "EACCES"], ["—", "EBUSY"], ["—", "EBUSY"]]],
  ["put, set ok", "put", mine, [["—", null], ["ABSENT", null], ["ACTIVE 2", null], ["ABSENT", null], ["PENDING 1", null]]],
  ["put, wrong set", "put", wrong, [["—", null], ["—", null], ["—", null], ["—", null], ["—", null]]],
  ["free", "free", mine, [["—", null], ["ABSENT", null], ["PENDING 2", null], ["ABSENT", null], ["PENDING 1", null]]],
  ["free, wrong set", "free", wrong, [["—", null], ["—", null], ["—", null], ["—", null], ["—", null]]],
  ["free, no set", "free", { set: null, ioasid: 1 }, [["—", null], ["—", null], ["—", null], ["—", null], ["—", null]]],
  ["find", "find", mine, [["—", "ENOENT"], ["—", { private: "p" }], ["—", { private: "p" }], ["—", { private: "p" }], ["—", { private: "p" }]]],
  ["find_by_spid", "find_by_spid", { set: "S", spid: 7 }, [["—", "INVALID_IOASID"], ["ACTIVE 2", 1], ["ACTIVE 4", 1], ["PENDING 2", 1], ["PENDING 3", 1]]],
  ["attach_data", "attach_data", { ioasid: 1, private: "q" }, [["—", "ENOENT"], ["—", 0], ["—", 0], ["—", 0], ["—", 0]]],
  ["attach_spid", "attach_spid", { ioasid: 1, spid: 9 }, [["—", "ENOENT"], ["—", 0], ["—", 0], ["—", 0], ["—", 0]]],
];

/** The rows in which the later forms differ. */
const LATER_TABLE: typeof V2_TABLE = [
  ["put, set ok", "put", mine, [["—", false], ["ABSENT", true], ["ACTIVE 2", false], ["ABSENT", true], ["PENDING 1", false]]],
  ["put, wrong set", "put", wrong, [["—", false], ["—", false], ["—", false], ["—", false], ["—", false]]],
  ["free", "free", mine, [["—", null], ["ABSENT", null], ["PENDING 2", null], ["—", null], ["—", null]]],
  ["attach_data", "attach_data", { ioasid: 1, private: "q" }, [["—", "ENOENT"], ["—", 0], ["—", 0], ["—", 0], ["—", 0]]],
];

describe("references, section 4.7", () => {
  const cells = (variant: Variant, table: typeof V2_TABLE) =>
    table.flatMap(([event, call, fields, row]) => STARTS.map((start, index) => ({ variant, event, call, fields, start, state: row[index]?.[0], got: row[index]?.[1] })));

  it.each([...cells("series-2020-v2", V2_TABLE), ...cells("series-2020-v3", LATER_TABLE), ...cells("series-2021-v4", LATER_TABLE)])("$variant: $event at $start", ({ variant, call, fields, start, state, got }) => {
    const result = after(variant, start, call, fields);
    expect(result.slice(0, 2)).toEqual([state === "—" ? start : state, got]);
  });

  it("the refusals name what is in the way", () => {
    expect(after("series-2020-v2", "PENDING 1", "get", wrong)[2]).toBe("not-free-pending");
    expect(after("series-2020-v2", "ACTIVE 1", "get", wrong)[2]).toBe("ioasid-in-set");
    expect(after("series-2020-v2", "ABSENT", "get", wrong)[2]).toBe("ioasid-known");
    expect(after("series-2020-v3", "PENDING 2", "free", mine)[2]).toBe("not-free-pending");
    expect(after("series-2020-v2", "ACTIVE 1", "free", { set: null, ioasid: 1 })[2]).toBe("freed-by-its-set");
  });

  it("FREE is told at every call in v2, never in v3, only while references remain in V4", () => {
    const told = (variant: Variant, start: Start) => {
      const test = at(variant, start);
      test.got("register_notifier", { set: "S", nb: "kvm" });
      test.got("register_notifier", { set: null, nb: "iommu" });
      const events = (test.do("ioasid_free", mine).answer.events ?? []) as { nb: string; event: string }[];
      return events.map((event) => `${event.nb} ${event.event}`);
    };
    const both = ["iommu FREE", "kvm FREE"];
    expect([told("series-2020-v2", "ACTIVE 1"), told("series-2020-v2", "ACTIVE 3"), told("series-2020-v2", "PENDING 2")]).toEqual([both, both, both]);
    expect([told("series-2020-v3", "ACTIVE 1"), told("series-2020-v3", "ACTIVE 3")]).toEqual([[], []]);
    expect([told("series-2021-v4", "ACTIVE 1"), told("series-2021-v4", "ACTIVE 3"), told("series-2021-v4", "PENDING 2")]).toEqual([[], both, []]);
  });
});
