import { describe, expect, it } from "vitest";
import { busy, map, type1 } from "./fixtures.ts";
import { PROTOCOL_VERSION, type Reply, type Request } from "./protocol.ts";
import { serve } from "./serve.ts";
import { Session } from "./session.ts";
import type { Watch } from "./run-through.ts";
import { EngineError, type Frame, type Loaded } from "./views.ts";

const QUERY = { space: null, window: null, px: 300 };

/** A server whose replies can be awaited; every message goes through structured cloning as between threads. */
function start() {
  const replies: Reply[] = [];
  const waiting: (() => void)[] = [];
  const pause = () => new Promise<void>((resolve) => void setImmediate(resolve));
  const server = serve(new Session(), (reply, transfer) => {
    replies.push(structuredClone(reply, { transfer }));
    for (const wake of waiting.splice(0)) wake();
  }, pause);
  const final = async (id: number): Promise<Reply> => {
    for (;;) {
      const found = replies.find((reply) => reply.id === id && reply.kind !== "progress");
      if (found) return found;
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  let id = 0;
  const send = (request: { kind: Request["kind"]; args?: unknown[] }) => {
    server.receive(structuredClone({ v: PROTOCOL_VERSION, id: ++id, ...request }));
    return id;
  };
  return { send, final, replies, server };
}

describe("serve", () => {
  it("answers every request once, in order, with what structured cloning can carry", async () => {
    const { send, final, replies } = start();
    const load = send({ kind: "load", args: [type1([map(0), map(0)])] });
    const ids = [
      send({ kind: "rows", args: [1, 10] }), send({ kind: "frame", args: [3, QUERY] }), send({ kind: "state", args: [2] }), send({ kind: "scenario", args: [] }),
    ];
    const loaded = (await final(load)) as Extract<Reply, { kind: "done" }>;
    expect((loaded.value as Loaded).marks).toEqual(new Uint8Array([0, 0, 1]));
    expect((loaded.value as Loaded).interesting).toBe(3);
    for (const id of ids) expect((await final(id)).kind).toBe("done");
    const frame = (await final(ids[1] as number)) as Extract<Reply, { kind: "done" }>;
    expect((frame.value as Frame).detail?.errno).toBe("EEXIST");
    expect(replies.filter((reply) => reply.kind === "done").map((reply) => reply.id)).toEqual([load, ...ids]);
  });

  it("compares, until another comparison or another scenario is wanted", async () => {
    const { send, final, replies } = start();
    await final(send({ kind: "load", args: [type1([map(0), map(0)])] }));
    const compared = (await final(send({ kind: "compare", args: [{ vfio: "rfc-v2" }] }))) as Extract<Reply, { kind: "done" }>;
    expect(compared.value).toMatchObject({ left: "type1 as merged", right: "type1, RFC v2", first: null });
    const frame = (await final(send({ kind: "frame", args: [2, QUERY] }))) as Extract<Reply, { kind: "done" }>;
    expect((frame.value as Frame).other?.frame.step).toBe(2);
    const overtaken = send({ kind: "compare", args: [{ vfio: "rfc-v2" }] });
    await final(send({ kind: "load", args: [type1([map(0)])] }));
    expect(replies.find((reply) => reply.id === overtaken)).toMatchObject({ kind: "failed", superseded: true });
  });

  it("skips frames that a newer one overtook", async () => {
    const { send, final } = start();
    await final(send({ kind: "load", args: [type1([map(0)])] }));
    const rows = send({ kind: "rows", args: [1, 2] });
    const ids = [1, 2, 1, 2].map((step) => send({ kind: "frame", args: [step, QUERY] }));
    const answers = await Promise.all(ids.map(final));
    expect(answers.map((answer) => answer.kind)).toEqual(["failed", "failed", "failed", "done"]);
    expect(answers[0]).toMatchObject({ superseded: true });
    expect((await final(rows)).kind).toBe("done");
  });

  it("drops what was cancelled while it waited", async () => {
    const { send, final, server } = start();
    await final(send({ kind: "load", args: [type1([map(0)])] }));
    const first = send({ kind: "rows", args: [1, 2] });
    const second = send({ kind: "state", args: [1] });
    server.receive({ v: PROTOCOL_VERSION, id: second, kind: "cancel" });
    expect((await final(first)).kind).toBe("done");
    expect(await final(second)).toMatchObject({ kind: "failed", superseded: true });
  });

  it("stops a long load for a newer one, and reports progress", async () => {
    const { send, final, replies } = start();
    const long = send({ kind: "load", args: [busy(60_000)] });
    await new Promise((resolve) => void setTimeout(resolve, 60));
    const short = send({ kind: "load", args: [type1([])] });
    expect(await final(long)).toMatchObject({ kind: "failed", superseded: true });
    expect(((await final(short)) as { value: Loaded }).value.steps).toBe(1);
    expect(replies.some((reply) => reply.kind === "progress" && reply.id === long && reply.total === 60_001)).toBe(true);
  });

  it("answers failures in words and goes on", async () => {
    const { send, final } = start();
    expect(await final(send({ kind: "frame", args: [1, QUERY] }))).toMatchObject({ kind: "failed", message: "No scenario is open.", superseded: false });
    expect(await final(send({ kind: "read", args: [[{ name: "x.log", content: "no format at all\n" }]] }))).toMatchObject({ kind: "failed", message: expect.stringContaining("x.log") as string });
    const bad = { ...type1([]), max_iova_alignment: "not a number" };
    expect(await final(send({ kind: "load", args: [bad] }))).toMatchObject({ kind: "failed", message: expect.stringContaining("can't be started") as string });
    expect((await final(send({ kind: "load", args: [type1([])] }))).kind).toBe("done");
  }, 60_000);

  it("refuses a message of another version and ignores noise", async () => {
    const { final, server, replies } = start();
    server.receive({ v: 99, id: 7, kind: "scenario", args: [] });
    expect(await final(7)).toMatchObject({ kind: "failed", message: expect.stringContaining("reload") as string });
    for (const noise of [null, "hello", 3, {}, { v: PROTOCOL_VERSION, kind: "rows" }]) server.receive(noise);
    expect(replies.length).toBe(1);
  });

  it("lets questions wait for inputs that are opened where nothing is open", async () => {
    const session = {
      isOpen: false,
      open: async (_files: unknown, watch: Watch) => {
        await watch.between(0, 1);
        session.isOpen = true;
      },
      state: () => {
        if (!session.isOpen) throw new EngineError("No scenario is open.");
        return {};
      },
      rehearse: () => false,
    };
    const replies: Reply[] = [];
    const server = serve(session as unknown as Session, (reply) => replies.push(reply), () => new Promise<void>((resolve) => void setImmediate(resolve)));
    server.receive({ v: PROTOCOL_VERSION, id: 1, kind: "open", args: [[]] });
    server.receive({ v: PROTOCOL_VERSION, id: 2, kind: "state", args: [0] });
    await expect.poll(() => replies.filter((reply) => reply.kind !== "progress").map(({ id, kind }) => `${id} ${kind}`)).toEqual(["1 done", "2 done"]);
  });
});
