import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextNode, RbTree, type RbNode } from "./red-black.ts";

class Item implements RbNode<Item> {
  readonly value: number;
  left: Item | null = null;
  right: Item | null = null;
  parent: Item | null = null;
  red = false;

  constructor(value: number) {
    this.value = value;
  }
}

function insert(tree: RbTree<Item>, item: Item): void {
  let parent: Item | null = null;
  let onLeft = false;
  for (let node = tree.root; node; node = onLeft ? node.left : node.right) {
    parent = node;
    onLeft = item.value <= node.value;
  }
  tree.link(item, parent, onLeft);
}

function inOrder(tree: RbTree<Item>): number[] {
  const values: number[] = [];
  for (let node = tree.first(); node; node = nextNode(node)) values.push(node.value);
  return values;
}

/** Black nodes on every way down; throws where a rule of the colours is broken. */
function blackHeight(node: Item | null): number {
  if (!node) return 1;
  for (const child of [node.left, node.right]) {
    if (child && child.parent !== node) throw new Error("a child does not know its parent");
    if (node.red && child?.red) throw new Error("a red node has a red child");
  }
  const left = blackHeight(node.left);
  if (left !== blackHeight(node.right)) throw new Error("the ways down differ in black nodes");
  return left + (node.red ? 0 : 1);
}

const shape = (node: Item | null): string => (node ? `(${shape(node.left)}${node.value}${node.red ? "r" : "b"}${shape(node.right)})` : "");

describe("RbTree", () => {
  it("grows into the shape the textbook algorithm gives", () => {
    const tree = new RbTree<Item>();
    for (const value of [1, 2, 3, 4, 5, 6, 7, 8]) insert(tree, new Item(value));
    expect(shape(tree.root)).toBe("(((1b)2r(3b))4b((5b)6r(7b(8r))))");
  });

  it("replaces a node of two children by its successor", () => {
    const tree = new RbTree<Item>();
    const items = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => new Item(value));
    for (const item of items) insert(tree, item);
    tree.unlink(items[3] as Item);
    expect(shape(tree.root)).toBe("(((1b)2r(3b))5b((6b)7r(8b)))");
  });

  it("keeps order, colours and black heights under any inserts and removals", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 120 }), (steps) => {
        const tree = new RbTree<Item>();
        let items: Item[] = [];
        for (const [isRemoval, value] of steps) {
          if (isRemoval && items.length > 0) {
            const gone = items[value % items.length] as Item;
            tree.unlink(gone);
            items = items.filter((item) => item !== gone);
          } else {
            const item = new Item(value);
            insert(tree, item);
            items.push(item);
          }
          expect(tree.root?.red ?? false).toBe(false);
          blackHeight(tree.root);
        }
        expect(inOrder(tree)).toEqual(items.map((item) => item.value).sort((one, other) => one - other));
      }),
    );
  });
});
