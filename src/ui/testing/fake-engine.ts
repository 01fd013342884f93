/** An engine for tests of the stores: answers when told to, remembers what it was asked. Not part of the page. */
import type { Engine, Frame, InputFile, IovaQuery, Loaded, Opened } from "../../engine/views.ts";
import type { AnyScenario, Scenario } from "../../scenario/scenario.ts";

export function scenarioOf(title: string, calls = 10): Scenario {
  return { title, platform: { kind: "mock" }, trace: "iommufd", calls: Array.from({ length: calls }, () => ({ call: "IOMMU_IOAS_ALLOC", in: {} })) };
}

export function frameAt(step: number): Frame {
  return { step, detail: null, graph: { nodes: [], edges: [] }, pasids: null, spaces: [], iova: null };
}

function titled(files: InputFile[]): Scenario[] {
  return files.flatMap((file) => (file.content as string).split("\n").filter(Boolean).map((title) => scenarioOf(title)));
}

export interface FakeEngine extends Engine {
  stop: () => void;
  /** How often `stop` was called. */
  stops: number;
  asked: { step: number; query: IovaQuery }[];
  /** Holds answers back until called. */
  hold: () => void;
  release: () => void;
  failNext: (message: string) => void;
}

export function createFakeEngine(): FakeEngine {
  let current: Scenario | null = null;
  let gate: Promise<void> | null = null;
  let open: () => void = () => {};
  let failure: string | null = null;
  const answer = async <Value>(make: () => Value): Promise<Value> => {
    await gate;
    if (failure !== null) {
      const message = failure;
      failure = null;
      throw new Error(message);
    }
    return make();
  };
  const load = (scenario: AnyScenario): Promise<Loaded> =>
    answer(() => {
      current = scenario as Scenario;
      const steps = current.calls.length;
      const loaded: Partial<Loaded> = { title: scenario.title, steps, platform: scenario.platform, platformName: "mock", kernel: "6.12", variants: [], marks: new Uint8Array(steps), interesting: Math.min(3, steps) };
      return loaded as Loaded;
    });
  let inputs: Scenario[] = [];
  const opened = async (index: number): Promise<Opened> => {
    const reading = { sequences: inputs.map(({ title, calls }) => ({ title, calls: calls.length })), reports: [], warnings: [] };
    const scenario = inputs[index];
    return { reading, loaded: scenario ? await load(scenario) : null, index, scenario: scenario ?? null, stopped: false };
  };
  // As much of an engine as the stores ask for.
  const engine = {
    asked: [] as FakeEngine["asked"],
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => {
      gate = null;
      open();
    },
    failNext: (message) => {
      failure = message;
    },
    read: (files) =>
      answer(() => ({ scenarios: titled(files), reports: [], warnings: [] })),
    open: async (files) => {
      inputs = await answer(() => titled(files));
      return opened(inputs.length === 1 ? 0 : -1);
    },
    choose: (index) => opened(index),
    rerun: (platform) => load({ ...(current ?? scenarioOf("none")), platform }),
    file: () => answer(() => ({ name: "scenario.json", content: new Blob(["{}"]) })),
    stops: 0,
    stop: () => {
      engine.stops++;
    },
    load,
    compare: (target) => answer(() => (target === null ? null : { target, left: "left", right: "right", first: { step: 2, what: "state" as const, text: "", more: 0 }, parts: new Uint8Array(10), every: 1 })),
    diagnose: () => answer(() => ({ findings: [], reply: "" })),
    interleave: () => answer(() => ({ scenario: current ?? scenarioOf("none"), steps: [] })),
    rows: (from, count) =>
      answer(() =>
        Array.from({ length: Math.min(count, (current?.calls.length ?? 0) - from + 1) }, (_, index) => ({
          step: from + index, call: "IOMMU_IOAS_ALLOC", detail: "", errno: "OK", result: "", diverges: false, given: false, note: "",
        })),
      ),
    frame: (step, query) => {
      engine.asked.push({ step, query });
      return answer(() => frameAt(step));
    },
    state: () => answer(() => ({})),
    scenario: () => answer(() => current ?? scenarioOf("none")),
    link: (view) => answer(() => `#link-${view.step}`),
    notation: () => answer(() => undefined),
    follow: async (fragment) => ({ loaded: await load(scenarioOf(fragment)), scenario: scenarioOf(fragment), view: { step: 2, selection: "ioas:3/1", space: "ioas:3/1" }, frame: frameAt(2) }),
    unlink: (fragment) => answer(() => ({ scenario: scenarioOf(fragment), view: { step: 2, selection: "ioas:3/1", space: "ioas:3/1" } })),
  } satisfies Partial<FakeEngine>;
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the interface has more than the stores use
  return engine as unknown as FakeEngine;
}
