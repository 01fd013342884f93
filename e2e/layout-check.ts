/** Finds text that lies over other text, or is cut off, in a page as it is painted. */
import type { Page } from "@playwright/test";

/** Runs in the page. Sentences, one for each finding. */
function findings(): string[] {
  interface Box {
    text: string;
    element: Element;
    left: number;
    right: number;
    top: number;
    bottom: number;
  }
  /** Ink is smaller than a line's box. */
  const SLACK = 2;
  const found: string[] = [];
  const say = (box: Box): string => `"${box.text.slice(0, 40)}" (${box.element.closest("[class]")?.getAttribute("class") ?? box.element.localName})`;

  const hidden = (element: Element): boolean =>
    !element.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true }) || element.closest(".sr-only, .dg-mirror, option, script, style, title, desc, defs, datalist") !== null;
  /** The whole of a cut text is at hand: on hover, or because the element can be scrolled or is a field. */
  const hasWhole = (element: Element): boolean => element.closest("[title], [aria-label], textarea, input, select, [data-whole]") !== null;

  /** What of a box is to be seen, and whether something that doesn't scroll cuts it. */
  const seen = (box: Box): Box | null => {
    let view = box;
    const cut = (side: string, by: number): void => void found.push(`${say(box)} is cut ${side} by ${Math.round(by)} px`);
    for (let at: Element | null = box.element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if ((style.overflowX === "visible" && style.overflowY === "visible") || at === document.documentElement || at === document.body) continue;
      const edge = at.getBoundingClientRect();
      if (view.left >= edge.right || view.right <= edge.left || view.top >= edge.bottom || view.bottom <= edge.top) return null;
      // What can be scrolled to is not lost, and what it scrolls out of is as far as it goes.
      const scrollsX = /auto|scroll/.test(style.overflowX) && at.scrollWidth > at.clientWidth;
      const scrollsY = /auto|scroll/.test(style.overflowY) && at.scrollHeight > at.clientHeight;
      if (!scrollsX && style.overflowX !== "visible" && view.right > edge.right + SLACK && !hasWhole(box.element)) cut("at the right", view.right - edge.right);
      if (!scrollsY && style.overflowY !== "visible" && view.bottom > edge.bottom + 2 * SLACK && at.localName !== "svg") cut("below", view.bottom - edge.bottom);
      view = { ...view, left: Math.max(view.left, edge.left), right: Math.min(view.right, edge.right), top: Math.max(view.top, edge.top), bottom: Math.min(view.bottom, edge.bottom) };
    }
    const page = document.scrollingElement;
    if (view.left < innerWidth && view.right > innerWidth + SLACK && page && page.scrollWidth <= innerWidth + SLACK) found.push(`${say(box)} leaves the page by ${Math.round(view.right - innerWidth)} px`);
    view = { ...view, left: Math.max(view.left, 0), top: Math.max(view.top, 0), right: Math.min(view.right, innerWidth), bottom: Math.min(view.bottom, innerHeight) };
    return view.right - view.left > 1 && view.bottom - view.top > 1 ? view : null;
  };

  const boxes: Box[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? "";
    const element = node.parentElement;
    if (text === "" || !element || hidden(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const box = seen({ text, element, left, right, top, bottom });
      if (box) boxes.push(box);
    }
  }

  /** Is a solid layer, a dialog say, between the two? Then one of them is not seen. */
  const parted = (one: Box, two: Box, x: number, y: number): boolean => {
    const stack = document.elementsFromPoint(x, y);
    const depth = (box: Box): number => stack.findIndex((layer) => layer === box.element || layer.contains(box.element));
    const [upper, lower] = [depth(one), depth(two)].toSorted((left, right) => left - right) as [number, number];
    if (lower < 0) return true;
    return stack.slice(Math.max(upper, 0), lower).some((layer) => {
      const holdsBoth = layer.contains(one.element) && layer.contains(two.element);
      const color = getComputedStyle(layer).backgroundColor;
      return !holdsBoth && color !== "transparent" && !/, 0(?:\.\d+)?\)$/.test(color);
    });
  };

  boxes.sort((left, right) => left.top - right.top);
  boxes.forEach((one, index) => {
    for (const two of boxes.slice(index + 1)) {
      if (two.top > one.bottom - 2 * SLACK) break;
      if (one.element === two.element) continue;
      const left = Math.max(one.left, two.left);
      const right = Math.min(one.right, two.right);
      const top = Math.max(one.top, two.top);
      const bottom = Math.min(one.bottom, two.bottom);
      if (right - left <= SLACK || bottom - top <= 2 * SLACK) continue;
      if (!parted(one, two, (left + right) / 2, (top + bottom) / 2)) found.push(`${say(one)} and ${say(two)} overlap by ${Math.round(right - left)}×${Math.round(bottom - top)} px`);
    }
  });
  return [...new Set(found)];
}

/** Text over text, and text that is cut off with no way to see the whole. */
export async function layoutFindings(page: Page): Promise<string[]> {
  return page.evaluate(findings);
}
