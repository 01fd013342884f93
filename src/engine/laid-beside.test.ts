import { describe, expect, it } from "vitest";
import { localEngine } from "./local.ts";
import type { LaidBeside } from "./views.ts";

async function lay(...texts: string[]): Promise<{ beside: LaidBeside; steps: number; line: (input: number, from: number, count?: number) => Promise<string[]> }> {
  const engine = localEngine();
  const files = texts.map((content, index) => ({ name: `input ${index + 1}`, content }));
  const { reading, loaded } = await engine.open(files);
  const beside = await engine.layBeside(files, 0, reading.sequences.length);
  return { beside, steps: loaded?.steps ?? 0, line: (input, from, count = 1) => engine.sourceLines(input, from, count) };
}

function kinds({ inputs }: LaidBeside, input = 0): string[] {
  const { marks, classes } = inputs[input] as LaidBeside["inputs"][number];
  return [...marks].map((mark) => classes[mark]?.kind ?? "");
}

const TRACE = `# a prompt's comment
vfio_attach_device  (0000:00:05.0) group 3

vfio_listener_region_add_ram region_add [ram] 0x0 - 0x9ffff [0x7f0000000000]
lorem ipsum dolor
vfio_listener_region_skip SKIPPING region_add 0xa0000 - 0xbffff
vfio_listener_region_del region_del 0x0 - 0x9ffff
`;

describe("the text beside what was made of it", () => {
  it("says of each line what became of it, and which step it makes", async () => {
    const { beside, steps, line } = await lay(TRACE);
    const [input] = beside.inputs;
    expect(kinds(beside)).toEqual(["quiet", "understood", "blank", "understood", "skipped", "quiet", "understood"]);
    expect(input?.classes.map(({ why }) => why)).toContain("not mapped by the VMM: no RAM there");
    expect(beside.stepLine).toHaveLength(steps);
    expect([...(input?.steps ?? [])]).toEqual([0, 1, 0, steps - 1, 0, 0, steps]);
    expect([...beside.stepLine].slice(-2)).toEqual([4, 7]);
    expect(await line(0, 4)).toEqual(["lorem ipsum dolor"]);
    expect(await line(0, 6, 10)).toHaveLength(1);
  });

  it("links the lines of a recording to the steps they make, of the sequence that was chosen", async () => {
    const call = '{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}';
    const header = '{"trace":"iommufd"}';
    const one = [header, call, "", call].join("\n");
    const alone = await lay(one);
    expect(alone.steps).toBe(2);
    expect([...(alone.beside.inputs[0]?.steps ?? [])]).toEqual([0, 1, 0, 2]);
    expect([...alone.beside.stepLine]).toEqual([2, 4]);
    const engine = localEngine();
    const files = [{ name: "first", content: `${one}\n${one}\n` }, { name: "second", content: one }];
    const { reading } = await engine.open(files);
    expect(reading.sequences).toHaveLength(3);
    const beside = async (sequence: number) => (await engine.layBeside(files, sequence, 3)).inputs.map(({ steps }) => [...steps]);
    expect(await beside(1)).toEqual([[0, 0, 0, 0, 0, 1, 0, 2], [0, 0, 0, 0]]);
    expect(await beside(2)).toEqual([[0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 2]]);
  });

  it("links a message to the call that it speaks of, in whichever input", async () => {
    const { beside, steps } = await lay(TRACE.replace(/vfio_listener_region_del.*\n/, ""), "noise\r\nqemu: vfio_dma_map(0x5, 0x0, 0xa0000, 0x7f0000000000) = -22 (Invalid argument)\r\n");
    expect([...(beside.inputs[1]?.steps ?? [])]).toEqual([0, steps]);
    expect(beside.stepInput[steps - 1]).toBe(0);
  });

  it("knows calls of the capture script, of a memory map, and steps that a message alone implies", async () => {
    const ioctls = await lay("1 5 app fd=8 VFIO_GET_API_VERSION = 0\n2 5 app fd=3 VFIO_GROUP_SET_CONTAINER container_fd=8 = 0\n3 5 app fd=8 VFIO_SET_IOMMU type=3 = 0\n");
    expect([...ioctls.beside.stepLine].filter((line) => line === 3)).toHaveLength(1);
    const map = await lay("FlatView #0\n AS \"memory\", root: system\n  0000000000000000-000000000009ffff (prio 0, ram): pc.ram\n");
    expect(map.beside.stepLine.at(-1)).toBe(3);
    const message = await lay("noise\nqemu: vfio_dma_map(0x5, 0x0, 0xa0000, 0x7f0000000000) = -22 (Invalid argument)\n");
    expect(message.beside.stepLine.at(-1)).toBe(2);
  });

  it("cuts lines as readers count them, whatever ends them", async () => {
    const { beside, line } = await lay("a\r\nvfio 0000:01:00.0: group 1 is not viable\rb\n\nc");
    expect(beside.inputs[0]?.count).toBe(5);
    expect(await line(0, 0, 9)).toEqual(["a", "vfio 0000:01:00.0: group 1 is not viable", "b", "", "c"]);
    expect(kinds(beside)).toEqual(["skipped", "understood", "skipped", "blank", "skipped"]);
  });
});
