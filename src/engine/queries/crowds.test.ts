import { describe, expect, it } from "vitest";
import { Machine } from "../../kernel/machine.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import { machineConfig } from "../../scenario/machine-config.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import { busy, map, type1 } from "../fixtures.ts";
import { History } from "../history.ts";
import { crowded, MOST_OBJECTS } from "./crowds.ts";
import { buildFrame } from "./frame.ts";
import { mergedGraph, mergedSketch } from "./merge.ts";

const QUERY = { space: null, window: null, px: 1000 };

function scenarioOf(calls: ScenarioCall[]): Scenario {
  return { title: "many", platform: { kind: "mock" }, trace: "iommufd", calls };
}

function finished(scenario: Scenario): History {
  const history = new History(scenario, wholeKernel);
  history.advance();
  return history;
}

const edgeText = (edge: { from: string; to: string; label: string; counts: boolean }) => `${edge.from} ${edge.label} ${edge.to} ${edge.counts}`;

describe("a sketch of the objects", () => {
  it.each([busy(300), type1(Array.from({ length: 40 }, (_, page) => map(page * 0x2000)))])("is the graph, built when asked for", (scenario) => {
    const history = finished(scenario);
    for (let step = 0; step <= history.length; step += 23) {
      const machine = history.at(step);
      const [graph, sketch] = [mergedGraph(machine), mergedSketch(machine)];
      expect(sketch.nodes.map((node) => node.build()).toSorted((one, other) => (one.key < other.key ? -1 : 1))).toEqual(graph.nodes.toSorted((one, other) => (one.key < other.key ? -1 : 1)));
      expect(sketch.edges.map(edgeText).toSorted()).toEqual(graph.edges.map(edgeText).toSorted());
    }
  });
});

describe("many objects", () => {
  it("of one kind are a crowd, but for those of the step and those asked for", () => {
    const history = finished(scenarioOf(Array.from({ length: 3000 }, () => ({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }))));
    const keys = mergedGraph(history.at(2000)).nodes.map((node) => node.key);
    const [kept, newest] = [keys[6] as string, keys[1999] as string];
    const frame = buildFrame(history, 2000, { ...QUERY, keep: [kept] });
    const [crowd] = frame.graph.nodes.filter((node) => node.crowd);
    expect(crowd?.crowd?.count).toBe(1998);
    expect(frame.graph.nodes.filter((node) => !node.crowd).map((node) => node.key).toSorted()).toEqual([kept, newest].toSorted());
    expect([frame.spaces.length < 500, (frame.moreSpaces ?? 0) + frame.spaces.length]).toEqual([true, 2000]);
    expect(frame.changes?.born).toEqual([newest]);
  });

  it("are apart by what they are joined to, and none is lost", () => {
    const calls: ScenarioCall[] = [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }, { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }];
    for (let index = 0; index < 500; index++) calls.push({ call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: 1 + (index % 2) } });
    const machine = finished(scenarioOf(calls)).at(calls.length);
    const graph = crowded(mergedSketch(machine), []);
    const all = mergedGraph(machine).nodes;
    expect(all.length).toBeGreaterThan(MOST_OBJECTS);
    expect(graph.nodes.reduce((sum, node) => sum + (node.crowd?.count ?? 1), 0)).toBe(all.length);
    expect(graph.nodes.length).toBeLessThan(200);
    const keys = new Set(graph.nodes.map((node) => node.key));
    expect(graph.edges.every((edge) => keys.has(edge.from) && keys.has(edge.to))).toBe(true);
    // The two address spaces stand by themselves, and so do their page tables.
    expect(all.filter((node) => node.kind === "ioas").every((node) => keys.has(node.key))).toBe(true);
  });

  it("are found by whoever copies the machine", () => {
    const machine = new Machine(machineConfig(scenarioOf([])), wholeKernel);
    machine.run(machine.ready({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }));
    const twin = machine.clone();
    twin.run(twin.ready({ call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: 1 } }));
    const again = twin.clone();
    expect(again.state()).toEqual(twin.state());
    expect(machine.state()).not.toEqual(twin.state());
    twin.run(twin.ready({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }));
    expect(again.state()).not.toEqual(twin.state());
  });
});
