import { describe, expect, it } from "vitest";
import { connectEngine, type WorkerLike } from "./client.ts";
import { map, type1 } from "./fixtures.ts";
import type { Reply, Request } from "./protocol.ts";
import { serve } from "./serve.ts";
import { millionCalls } from "../scenario/samples/long-recording.ts";
import { Session } from "./session.ts";
import { EngineError, SupersededError } from "./views.ts";

const QUERY = { space: null, window: null, px: 300 };

/** A worker on this thread. */
class FakeWorker implements WorkerLike {
  private readonly listeners = new Map<string, (event: any) => void>();
  readonly received: Request[] = [];
  deaf = false;
  terminated = false;
  private readonly server = serve(new Session(), (reply, transfer) => this.post(structuredClone(reply, { transfer })), () => new Promise((resolve) => void setImmediate(resolve)));

  postMessage(message: Request): void {
    this.received.push(message);
    const copy = structuredClone(message);
    if (!this.deaf) setImmediate(() => this.server.receive(copy));
  }

  addEventListener(type: string, listener: (event: any) => void): void {
    this.listeners.set(type, listener);
  }

  terminate(): void {
    this.terminated = true;
  }

  crash(message = "out of memory"): void {
    this.listeners.get("error")?.({ message, preventDefault: () => {} });
  }

  private post(reply: Reply): void {
    if (!this.terminated) this.listeners.get("message")?.({ data: reply });
  }
}

function connect(patience?: number) {
  const workers: FakeWorker[] = [];
  const notices: string[] = [];
  const engine = connectEngine({
    spawn: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    onNotice: (message) => notices.push(message),
    patience,
  });
  const worker = (index: number) => workers[index] as FakeWorker;
  return { engine, workers, worker, notices };
}

describe("connectEngine", () => {
  it("is an Engine across the thread border", async () => {
    const { engine } = connect();
    const loaded = await engine.load(type1([map(0), map(0)]));
    expect([loaded.steps, loaded.interesting]).toEqual([3, 3]);
    expect((await engine.rows(1, 10)).length).toBe(3);
    expect((await engine.frame(3, QUERY)).detail?.errno).toBe("EEXIST");
    expect((await engine.scenario()).calls.length).toBe(3);
    expect(await engine.state(0)).toHaveProperty("vfio");
  });

  it("rejects with words for people", async () => {
    const { engine } = connect();
    await expect(engine.frame(1, QUERY)).rejects.toThrow(new EngineError("No scenario is open."));
    await expect(engine.load({ ...type1([]), calls: (() => {}) as never })).rejects.toThrow(EngineError);
  });

  it("tells an overtaken frame from a failure", async () => {
    const { engine } = connect();
    await engine.load(type1([map(0)]));
    const answers = await Promise.allSettled([engine.rows(1, 1), engine.frame(1, QUERY), engine.frame(2, QUERY)]);
    expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((answers[1] as PromiseRejectedResult).reason).toBeInstanceOf(SupersededError);
  });

  it("replaces a worker that died, opens the scenario again and asks again", async () => {
    const { engine, workers, worker, notices } = connect();
    await engine.load(type1([map(0)]));
    worker(0).deaf = true;
    const culprit = engine.frame(2, QUERY);
    const waiting = engine.rows(1, 5);
    worker(0).crash();
    expect((await culprit).detail?.errno).toBe("OK");
    expect((await waiting).length).toBe(2);
    expect((await engine.frame(2, QUERY)).detail?.errno).toBe("OK");
    expect(workers.length).toBe(2);
    expect(worker(0).terminated).toBe(true);
    expect(worker(1).received[0]?.kind).toBe("load");
    expect(notices).toEqual([expect.stringContaining("open as before")]);
  });

  it("compares again what it compared before the worker died", async () => {
    const { engine, worker } = connect();
    await engine.load(type1([map(0)]));
    await engine.compare({ vfio: "rfc-v2" });
    worker(0).crash();
    expect((await engine.frame(1, QUERY)).other?.frame.step).toBe(1);
    expect(worker(1).received.map((request) => request.kind)).toEqual(["load", "compare", "frame"]);
    await engine.load(type1([]));
    worker(1).crash();
    expect((await engine.frame(1, QUERY)).other).toBeUndefined();
  });

  it("opens the same inputs and the same sequence again after the worker died", async () => {
    const { engine, worker } = connect();
    const files = [{ name: "two", content: millionCalls(30) + millionCalls(40) }];
    expect((await engine.open(files)).loaded).toBeNull();
    await engine.choose(1, true);
    worker(0).crash();
    expect((await engine.frame(40, QUERY)).step).toBe(40);
    expect(worker(1).received.map((request) => request.kind)).toEqual(["open", "choose", "frame"]);
    await engine.rerun({ kind: "amd-vi" });
    worker(1).crash();
    expect((await engine.rows(1, 2)).length).toBe(2);
    expect(worker(2).received.map((request) => request.kind)).toEqual(["open", "choose", "rerun", "rows"]);
    await engine.load(type1([]));
    worker(2).crash();
    await engine.rows(1, 1);
    expect(worker(3).received.map((request) => request.kind)).toEqual(["load", "rows"]);
  }, 60_000);

  it("stops what takes long", async () => {
    const { engine } = connect();
    await engine.load(type1([map(0)]));
    const opening = engine.open([{ name: "long", content: millionCalls(9000) }]);
    engine.stop();
    await expect(opening).rejects.toBeInstanceOf(SupersededError);
    expect((await engine.frame(1, QUERY)).step).toBe(1);
  });

  it("replaces a worker that hangs", async () => {
    const { engine, workers, worker } = connect(200);
    await engine.load(type1([map(0)]));
    worker(0).deaf = true;
    await expect(engine.frame(1, QUERY)).rejects.toThrow(/did not answer/);
    expect(workers.length).toBe(2);
    expect((await engine.frame(1, QUERY)).step).toBe(1);
  });

  it("asks once more what a worker died over, and no third time", async () => {
    const { engine, workers, worker } = connect();
    const culprit = engine.rows(1, 5);
    worker(0).crash();
    worker(1).crash();
    await expect(culprit).rejects.toThrow(/started again/);
    expect(workers.length).toBe(3);
    expect(worker(1).received.map((request) => request.kind)).toEqual(["rows"]);
  });

  it("gives up on a worker that never starts, and forgets nothing", async () => {
    const { engine, workers, worker } = connect();
    await engine.load(type1([map(0)]));
    const last = engine.rows(1, 5);
    for (let death = 0; death <= 16; death++) {
      worker(death).deaf = true;
      worker(death).crash("no such file");
    }
    await expect(last).rejects.toThrow(/Reload the page/);
    expect(workers.length).toBe(17);
    expect((await engine.rows(1, 5)).length).toBe(2);
    expect(worker(17).received[0]?.kind).toBe("load");
  });
});
