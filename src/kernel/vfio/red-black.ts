/**
 * A red-black tree whose nodes carry their own links, balanced step for step as the kernel's rbtree is. The exact shape
 * matters: type1's overlap search is wrong for a mapping that ends at 2^64, and which mappings it then misses depends on
 * which node it meets first.
 */
export interface RbNode<Node> {
  left: Node | null;
  right: Node | null;
  parent: Node | null;
  red: boolean;
}

export class RbTree<Node extends RbNode<Node>> {
  root: Node | null = null;

  /** The leftmost node. */
  first(): Node | null {
    return this.root && leftmost(this.root);
  }

  /** Links a node below `parent` (null: as the root) and restores the balance. */
  link(node: Node, parent: Node | null, onLeft: boolean): void {
    node.left = null;
    node.right = null;
    node.parent = parent;
    node.red = true;
    if (!parent) this.root = node;
    else if (onLeft) parent.left = node;
    else parent.right = node;
    this.balanceAfterLink(node);
  }

  unlink(node: Node): void {
    let child: Node | null;
    let parent: Node | null;
    let lostBlack: boolean;
    if (!node.left || !node.right) {
      child = node.left ?? node.right;
      parent = node.parent;
      lostBlack = !node.red;
      this.replace(node, child);
    } else {
      const successor = leftmost(node.right);
      child = successor.right;
      lostBlack = !successor.red;
      if (successor.parent === node) {
        parent = successor;
      } else {
        parent = successor.parent;
        this.replace(successor, child);
        successor.right = node.right;
        node.right.parent = successor;
      }
      this.replace(node, successor);
      successor.left = node.left;
      node.left.parent = successor;
      successor.red = node.red;
    }
    if (lostBlack) this.balanceAfterUnlink(child, parent);
    node.left = node.right = node.parent = null;
  }

  private balanceAfterLink(added: Node): void {
    let node = added;
    for (;;) {
      const parent: Node | null = node.parent;
      if (!parent) {
        node.red = false;
        return;
      }
      if (!parent.red) return;
      // A red parent is never the root.
      const grand = parent.parent as Node;
      const onLeft = parent === grand.left;
      const uncle = onLeft ? grand.right : grand.left;
      if (uncle?.red) {
        uncle.red = false;
        parent.red = false;
        grand.red = true;
        node = grand;
        continue;
      }
      if (node === (onLeft ? parent.right : parent.left)) {
        this.rotate(parent, onLeft);
        node.red = false;
      } else {
        parent.red = false;
      }
      grand.red = true;
      this.rotate(grand, !onLeft);
      return;
    }
  }

  private balanceAfterUnlink(start: Node | null, startParent: Node | null): void {
    let node = start;
    let parent = startParent;
    while (parent && !node?.red) {
      const onLeft = node === parent.left;
      // The other side is one black node deeper, so it has a node.
      let sibling = (onLeft ? parent.right : parent.left) as Node;
      if (sibling.red) {
        sibling.red = false;
        parent.red = true;
        this.rotate(parent, onLeft);
        sibling = (onLeft ? parent.right : parent.left) as Node;
      }
      const outer = onLeft ? sibling.right : sibling.left;
      const inner = onLeft ? sibling.left : sibling.right;
      if (!outer?.red && !inner?.red) {
        sibling.red = true;
        node = parent;
        parent = node.parent;
        continue;
      }
      if (!outer?.red) {
        (inner as Node).red = false;
        sibling.red = true;
        this.rotate(sibling, !onLeft);
        sibling = inner as Node;
      }
      sibling.red = parent.red;
      parent.red = false;
      const far = onLeft ? sibling.right : sibling.left;
      if (far) far.red = false;
      this.rotate(parent, onLeft);
      return;
    }
    if (node) node.red = false;
  }

  /** Puts `other` where `node` hangs; its children are the caller's business. */
  private replace(node: Node, other: Node | null): void {
    if (!node.parent) this.root = other;
    else if (node === node.parent.left) node.parent.left = other;
    else node.parent.right = other;
    if (other) other.parent = node.parent;
  }

  /** Rotates around `node`: to the left, its right child rises; to the right, its left child. */
  private rotate(node: Node, toLeft: boolean): void {
    const riser = (toLeft ? node.right : node.left) as Node;
    const moved = toLeft ? riser.left : riser.right;
    if (toLeft) node.right = moved;
    else node.left = moved;
    if (moved) moved.parent = node;
    this.replace(node, riser);
    if (toLeft) riser.left = node;
    else riser.right = node;
    node.parent = riser;
  }
}

function leftmost<Node extends RbNode<Node>>(from: Node): Node {
  let node = from;
  while (node.left) node = node.left;
  return node;
}

/** The next node in order, null at the end. */
export function nextNode<Node extends RbNode<Node>>(from: Node): Node | null {
  if (from.right) return leftmost(from.right);
  let node = from;
  while (node.parent && node === node.parent.right) node = node.parent;
  return node.parent;
}
