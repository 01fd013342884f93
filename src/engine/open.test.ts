import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { millionCalls } from "../scenario/samples/long-recording.ts";
import { readRecording } from "../scenario/recording.ts";
import { PROTOCOL_VERSION, type Reply, type Request } from "./protocol.ts";
import { serve } from "./serve.ts";
import { Session } from "./session.ts";
import type { Frame, Loaded, Opened } from "./views.ts";

const QUERY = { space: null, window: null, px: 300 };
const CALLS = 14_000;
const LONG = millionCalls(CALLS);
const PIECE = 40_000;

/** A file that comes piece by piece, each when `more` is called; all that is left after `rest`. */
function slowFile(text: string) {
  const bytes = new TextEncoder().encode(text);
  const gate = { allowed: 0, wake: () => {} };
  let at = 0;
  const stream = () =>
    new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        while (gate.allowed === 0) await new Promise<void>((resolve) => (gate.wake = resolve));
        gate.allowed--;
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(at, (at += PIECE)));
      },
    }, { highWaterMark: 0 });
  const blob = Object.assign(new Blob([text]), { stream });
  const more = (pieces: number) => {
    gate.allowed += pieces;
    gate.wake();
  };
  return { blob, more, rest: () => more(Infinity) };
}

function start() {
  const replies: Reply[] = [];
  const waiting: (() => void)[] = [];
  const server = serve(new Session(), (reply, transfer) => {
    replies.push(structuredClone(reply, { transfer }));
    for (const wake of waiting.splice(0)) wake();
  }, () => new Promise<void>((resolve) => void setImmediate(resolve)));
  const until = async <Found>(look: () => Found | undefined): Promise<Found> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  const done = async <Value>(id: number): Promise<Value> => {
    const reply = await until(() => replies.find((one) => one.id === id && one.kind !== "progress"));
    if (reply.kind !== "done") throw new Error(reply.kind === "failed" ? reply.message : "progress");
    return reply.value as Value;
  };
  let next = 0;
  // A file is handed over as it is: a real one is cloned by reference.
  const send = (request: { kind: Request["kind"]; args?: unknown[] }, id = ++next) => {
    server.receive({ v: PROTOCOL_VERSION, id, ...request });
    return id;
  };
  const open = (content: unknown, name = "calls.jsonl") => send({ kind: "open", args: [[{ name, content }]] });
  const news = () => replies.flatMap((reply) => (reply.kind === "progress" && reply.news ? [reply.news] : []));
  return { send, open, done, until, replies, news };
}

describe("opening inputs", () => {
  it("shows the first steps of a long recording while it is read, and all of it in the end", async () => {
    const { send, open, done, until, news, replies } = start();
    const file = slowFile(LONG);
    const id = open(file.blob);
    file.more(26);
    const first = await until(() => news()[0]?.opened);
    const shown = first.loaded?.steps ?? 0;
    expect(shown).toBeGreaterThanOrEqual(8192);
    expect(shown).toBeLessThan(CALLS);
    expect(first.loaded?.marks).toHaveLength(shown);
    const frame = send({ kind: "frame", args: [shown, QUERY] });
    // A question that must wait for the end does not keep others waiting.
    send({ kind: "scenario", args: [] });
    const rows = send({ kind: "rows", args: [8000, 5] });
    file.rest();
    const opened = await done<Opened>(id);
    expect((await done<Frame>(frame)).step).toBe(shown);
    expect(await done(rows)).toHaveLength(5);
    const order = replies.flatMap((reply) => (reply.kind === "progress" ? [] : [reply.id]));
    expect(order.indexOf(frame)).toBeLessThan(order.indexOf(id));
    const told = news().reduce((sum, { marks }) => sum + (marks?.length ?? 0), shown);
    expect(told).toBeLessThanOrEqual(CALLS);
    const plain = start();
    const whole = await plain.done<Loaded>(plain.send({ kind: "load", args: [readRecording(LONG)[0]?.scenario] }));
    expect(opened).toMatchObject({ stopped: false, scenario: null, reading: { sequences: [{ title: "a million calls", calls: CALLS }], warnings: [] } });
    const all = opened.loaded as Loaded;
    expect(all.marks.join() === whole.marks.join()).toBe(true);
    expect({ ...all, marks: null }).toEqual({ ...whole, marks: null });
    const lastFrame = { kind: "frame" as const, args: [CALLS, QUERY] };
    expect((await done<Frame>(send(lastFrame))).spaces).toEqual((await plain.done<Frame>(plain.send(lastFrame))).spaces);
  }, 60_000);

  it("keeps what was shown when it is cancelled, and what was open before when nothing was", async () => {
    const { send, open, done, until, news } = start();
    await done(open(millionCalls(100)));
    const early = slowFile(LONG);
    const before = open(early.blob);
    early.more(2);
    send({ kind: "cancel" }, before);
    early.rest();
    await expect(done(before)).rejects.toThrow("newer request");
    expect((await done<Frame>(send({ kind: "frame", args: [100, QUERY] }))).step).toBe(100);
    const late = slowFile(LONG);
    const id = open(late.blob);
    late.more(26);
    await until(() => news()[0]?.opened);
    send({ kind: "cancel" }, id);
    late.rest();
    const opened = await done<Opened>(id);
    expect(opened.stopped).toBe(true);
    expect(opened.loaded?.steps).toBeLessThan(CALLS);
    expect(opened.reading.warnings).toEqual([expect.stringMatching(/^Reading ended after [\d,]+ lines: it was stopped\.$/)]);
    expect((await done<Frame>(send({ kind: "frame", args: [opened.loaded?.steps, QUERY] }))).step).toBe(opened.loaded?.steps);
  }, 60_000);

  it("shows a recording that is cut off as far as it goes, and says so", async () => {
    const { open, done, until, news } = start();
    const file = slowFile(LONG.slice(0, -20));
    const id = open(file.blob);
    file.more(26);
    await until(() => news()[0]?.opened);
    file.rest();
    const opened = await done<Opened>(id);
    expect(opened.loaded?.steps).toBe(CALLS - 1);
    expect(opened.reading.warnings[0]).toMatch(/calls\.jsonl, line 14001: not JSON/);
  }, 60_000);

  it("fetches the rest of the kernel when a later call needs it", async () => {
    const { open, done, until, news, send } = start();
    const file = slowFile(`${millionCalls(12_000)}{"call":"VFIO_CONTAINER_OPEN","in":{}}\n`.repeat(1) + '{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}\n');
    const id = open(file.blob);
    file.more(25);
    await until(() => news()[0]?.opened);
    file.rest();
    const { loaded } = await done<Opened>(id);
    expect(loaded?.steps).toBe(12_002);
    expect(loaded?.marks.at(-1)).toBe(0);
    expect(await done(send({ kind: "rows", args: [12_001, 1] }))).toMatchObject([{ call: "VFIO_CONTAINER_OPEN" }]);
  }, 60_000);

  it("offers several sequences, and runs the one that is chosen", async () => {
    const { send, open, done } = start();
    const id = open(gzipSync(millionCalls(50) + millionCalls(40).replace("a million", "forty")), "two.jsonl.gz");
    const offered = await done<Opened>(id);
    expect(offered).toMatchObject({ loaded: null, reading: { sequences: [{ calls: 50 }, { title: "forty calls", calls: 40 }] } });
    const chosen = await done<Opened>(send({ kind: "choose", args: [1, true] }));
    expect(chosen).toMatchObject({ index: 1, loaded: { title: "forty calls", steps: 40 }, scenario: { title: "forty calls" } });
    await expect(done(send({ kind: "choose", args: [7, false] }))).rejects.toThrow("no such sequence");
  }, 60_000);

  it("saves and reopens a scenario of any size", async () => {
    const { send, open, done } = start();
    await done(open(LONG));
    const { name, content } = await done<{ name: string; content: Blob }>(send({ kind: "file", args: [] }));
    expect(name).toBe("a-million-calls.jsonl");
    const again = start();
    expect((await again.done<Opened>(again.open(await content.text()))).loaded?.steps).toBe(CALLS);
    await expect(again.done(again.send({ kind: "scenario", args: [] }))).rejects.toThrow("too large");
    await again.done(again.send({ kind: "rerun", args: [{ kind: "amd-vi" }] }));
  }, 60_000);
});
