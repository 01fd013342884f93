import { describe, expect, it } from "vitest";
import { crowdedFrame, lookGraph, vfioGraph } from "../fixtures.ts";
import type { NodeKind, ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";
import { boxTowards, capacityOf, layoutGraph, type GraphLayout } from "./layout.ts";
import { assignSlots, spreadOut } from "./slots.ts";
import { familyOf, stackUp } from "./stacks.ts";
import { tidied } from "./tidy.ts";

const SIZE = { width: 620, height: 240 };

function layout(raw: ObjectGraph, size = SIZE, keep: string[] = [], open: string[] = []): GraphLayout {
  const { graph, groupOf } = tidied(raw);
  const slots = assignSlots(graph, new Map());
  return layoutGraph(stackUp(graph, slots, capacityOf(size), new Set(keep), new Set(open)), slots, size, groupOf);
}

function box(drawn: GraphLayout, key: string) {
  const found = drawn.boxes.find((each) => each.key === key);
  if (!found) throw new Error(`${key} is not drawn`);
  return found;
}

describe("assignSlots", () => {
  it("keeps every object where it is when others come and go", () => {
    const graph = tidied(lookGraph).graph;
    const full = assignSlots(graph, new Map());
    const without = { ...graph, nodes: graph.nodes.filter((node) => node.key !== "ioas:3/2") };
    const later = assignSlots(graph, assignSlots(without, full));
    expect(later).toEqual(full);
    const extra = { nodes: [{ ...graph.nodes[0]!, key: "device:3/9", title: "dev 9" }, ...graph.nodes], edges: graph.edges };
    const grown = assignSlots(extra, full);
    for (const [key, slot] of full) expect(grown.get(key)).toEqual(slot);
  });

  it("does not depend on the order of nodes that stand in different columns", () => {
    const graph = tidied(lookGraph).graph;
    expect(new Map(assignSlots({ ...graph, nodes: graph.nodes.toReversed() }, new Map()))).toEqual(new Map(assignSlots(graph, new Map())));
  });

  it("puts a nested table under its parent and a device beside its table", () => {
    const slots = assignSlots(tidied(lookGraph).graph, new Map());
    expect(slots.get("hwpt:3/4")).toEqual({ column: 2, row: 1 });
    expect(slots.get("device:3/1")!.row).toBe(slots.get("hwpt:3/3")!.row);
  });
});

describe("spreadOut", () => {
  const spaces = (count: number): ObjectGraph => ({ nodes: Array.from({ length: count }, (_, index) => ({ ...lookGraph.nodes.find(({ kind }) => kind === "ioas")!, key: `ioas:3/${index}`, title: `ioas ${index}` })), edges: [] });
  const spread = (graph: ObjectGraph, rows = 6) => spreadOut(graph, assignSlots(graph, new Map()), 3, rows);

  it("puts objects that nothing is joined to side by side, each in its place", () => {
    expect([...spread(spaces(5)).values()]).toEqual([{ column: 1, row: 0 }, { column: 2, row: 0 }, { column: 3, row: 0 }, { column: 1, row: 1 }, { column: 2, row: 1 }]);
  });

  it("leaves a few, too many, and those that are joined where they are", () => {
    for (const graph of [spaces(3), spaces(19), tidied(lookGraph).graph]) expect(spread(graph)).toEqual(assignSlots(graph, new Map()));
  });
});

describe("layoutGraph", () => {
  it("writes larger in a large panel, unless that would cost words", () => {
    const large = { width: 1300, height: 500 };
    expect(layout(lookGraph, large).scale).toBeGreaterThan(1.3);
    expect(layout(lookGraph).scale).toBe(1);
    const crowded = layout(crowdedFrame(10, 9).graph, large);
    expect(crowded.scale).toBe(1);
  });

  it("says who holds what where there is room for sentences, a line for each reference", () => {
    const roomy = layout(lookGraph, { width: 1000, height: 480 });
    expect(roomy.density).toBe("telling");
    const node = lookGraph.nodes.find(({ key }) => key === "ioas:3/2")!;
    const words = box(roomy, "ioas:3/2").lines.filter(({ faint }) => faint).map(({ text }) => text);
    expect(words).toEqual([...(node.users === node.holders.length + 1 ? ["the table’s own reference"] : []), ...node.holders]);
    for (const each of roomy.boxes) expect(Math.max(...each.lines.map(({ y }) => y))).toBeLessThan(each.height);
    expect(layout(lookGraph, { width: 1000, height: 200 }).density).not.toBe("telling");
  });

  it("lets stacks stand beside what they are attached to: no two lines between the same columns cross", () => {
    for (const height of [240, 420]) {
      const drawn = layout(crowdedFrame(10, 10).graph, { width: 900, height });
      const lines = drawn.curves.flatMap(({ from, to }) => {
        const [left, right] = [box(drawn, from), box(drawn, to)];
        return left.left < right.left ? [{ columns: `${left.left}>${right.left}`, from: left.top, to: right.top }] : [];
      });
      const crossings = lines.filter((one) => lines.some((other) => one.columns === other.columns && one.from < other.from && one.to > other.to));
      expect(crossings).toEqual([]);
    }
  });

  it("runs from devices over page tables to spaces", () => {
    const drawn = layout(lookGraph);
    expect(box(drawn, "device:3/1").left).toBeLessThan(box(drawn, "hwpt:3/3").left);
    expect(box(drawn, "hwpt:3/3").left).toBeLessThan(box(drawn, "ioas:3/2").left);
  });

  it("runs from VFIO devices over groups and the domain to the container", () => {
    const drawn = layout(vfioGraph);
    const lefts = ["device:0000:05:00.0", "group:7", "domain:1/0", "container:1"].map((key) => box(drawn, key).left);
    expect(lefts.toSorted((one, other) => one - other)).toEqual(lefts);
    expect(new Set(lefts).size).toBe(4);
  });

  it("lets no box or label overlap another", () => {
    for (const graph of [lookGraph, vfioGraph, crowdedFrame().graph, crowdedFrame(10, 9).graph]) {
      for (const size of [SIZE, { width: 360, height: 2000 }, { width: 1400, height: 500 }]) {
        const drawn = layout(graph, size);
        const boxes = drawn.boxes.map((each) => ({ left: each.left, right: each.left + each.width, top: each.top, bottom: each.top + each.height }));
        boxes.forEach((one, index) => {
          for (const other of boxes.slice(index + 1)) expect(one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom).toBe(false);
        });
        for (const { label } of drawn.curves) {
          if (!label) continue;
          const width = label.text.length * 5.9;
          expect(boxes.some((one) => label.x < one.right && label.x + width > one.left && label.y - 8 < one.bottom && label.y > one.top)).toBe(false);
        }
      }
    }
  });

  it("frames the devices of one group and draws no box for it", () => {
    const drawn = layout(crowdedFrame(10, 6).graph, { width: 620, height: 900 });
    expect(drawn.outlines.map((outline) => outline.label)).toEqual(["group 20", "group 21"]);
    expect(drawn.boxes.some((each) => each.kind === "group")).toBe(false);
  });

  it("goes by arrows to the nearest box", () => {
    const { boxes } = layout(lookGraph);
    expect(boxTowards(boxes, "device:3/1", "right")).toBe("hwpt:3/3");
    expect(boxTowards(boxes, "hwpt:3/3", "down")).toBe("hwpt:3/4");
    expect(boxTowards(boxes, "ioas:3/2", "right")).toBeNull();
  });
});

describe("stackUp", () => {
  const { graph } = crowdedFrame(10, 200);

  it("stacks what is alike, and counts it", () => {
    const drawn = layout(graph);
    const stack = drawn.boxes.find((each) => each.stack)!;
    expect(stack.stack!.title).toBe("+199 devices");
    expect(drawn.boxes.length).toBeLessThan(12);
    expect(drawn.curves.find((curve) => curve.from === stack.key)!.label?.text).toBe("attached × 199");
  });

  it("keeps apart what is marked, and parts what a person opens", () => {
    expect(layout(graph, SIZE, ["device:3/50"]).boxes.some((each) => each.key === "device:3/50")).toBe(true);
    const stack = layout(graph).boxes.find((each) => each.stack)!;
    expect(layout(graph, SIZE, [], [stack.key]).boxes.length).toBeGreaterThan(200);
  });
});

describe("hundreds of objects", () => {
  const spread = (spaces: number): ObjectGraph => {
    const node = (key: string, kind: NodeKind): ObjectNode => ({ key, label: key, kind, title: key.replace(":3/", " "), type: kind, lines: [], users: 1, holders: [] });
    const nodes: ObjectNode[] = [];
    const edges: ObjectGraph["edges"] = [];
    const join = (from: string, to: string, label: string) => edges.push({ from, to, label, counts: true });
    for (let index = 0; index < spaces; index++) {
      nodes.push(node(`ioas:3/${index}`, "ioas"), node(`hwpt:3/${index}`, "hwpt-paging"));
      join(`hwpt:3/${index}`, `ioas:3/${index}`, "mappings");
      for (const half of [0, 1]) {
        const id = 2 * index + half;
        nodes.push(node(`device:3/${id}`, "device"), node(`selftest:3/${id}`, "selftest"));
        join(`device:3/${id}`, `hwpt:3/${index}`, "attached");
        join(`selftest:3/${id}`, `device:3/${id}`, "bound");
      }
    }
    return { nodes, edges };
  };
  const graph = spread(50);

  it("collapse in every column, since what hangs on alike spaces is alike", () => {
    const drawn = layout(graph);
    expect(drawn.boxes.flatMap((each) => (each.stack ? [each.stack.title] : [])).toSorted()).toEqual(["+49 IOASes", "+49 page tables", "+98 devices", "+98 selftest devices"]);
    expect(drawn.boxes.length).toBeLessThan(12);
    expect(drawn.boxes.reduce((sum, each) => sum + (each.stack?.members.length ?? 1), 0)).toBe(300);
  });

  it("show the family of what is marked", () => {
    const family = familyOf(graph, "hwpt:3/30");
    expect(family.toSorted()).toEqual(["device:3/60", "device:3/61", "hwpt:3/30", "ioas:3/30", "selftest:3/60", "selftest:3/61"]);
    const shown = layout(graph, SIZE, family).boxes.map((each) => each.key);
    expect(family.every((key) => shown.includes(key))).toBe(true);
  });

  it("leave out of a family what is too much of it", () => {
    expect(familyOf(crowdedFrame(10, 200).graph, "hwpt:3/3").length).toBeLessThan(13);
  });

  it("fit even where nothing is alike", () => {
    const odd = spread(40);
    odd.edges.forEach((edge, index) => (edge.label = `hold ${index}`));
    expect(layout(odd).boxes.length).toBeLessThan(40);
  });
});

describe("tidied", () => {
  it("drops edges that repeat a counting one backwards", () => {
    const labels = tidied(lookGraph).graph.edges.map((edge) => edge.label);
    expect(labels).toEqual(["attached", "parent", "mappings"]);
  });

  it("keeps groups that somebody counts on", () => {
    expect(tidied(vfioGraph).graph.nodes.filter((node) => node.kind === "group").length).toBe(2);
  });
});
