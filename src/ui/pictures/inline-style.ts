/** Copies a drawing out of the page: every shape gets the look that the page's style sheets give it, as attributes of its own. */

/** What a shape without any of our rules looks like; only what differs is written. */
const PLAIN: Readonly<Record<string, string>> = {
  fill: "rgb(0, 0, 0)", "fill-opacity": "1", stroke: "none", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter",
  "stroke-opacity": "1", opacity: "1", "paint-order": "normal", "text-anchor": "start", "dominant-baseline": "auto", "letter-spacing": "normal", transform: "none",
};
const TEXT: readonly string[] = ["font-family", "font-size", "font-weight", "font-style"];
const SHAPES = new Set(["path", "rect", "circle", "line", "polyline", "polygon", "ellipse", "text", "tspan", "g"]);
/** Passing states of the pointer and the keyboard, no part of a picture. */
const LEFT_OUT = ".dg-cross, .dg-readout, .dg-focus, .is-hover";

/** A copy of `source` that looks the same anywhere. Things that are invisible are left out. */
export function styledCopy(source: Element): Element | null {
  if (source.matches(LEFT_OUT)) return null;
  const copy = source.cloneNode(false) as Element;
  for (const name of ["class", "style", "tabindex", "role"]) copy.removeAttribute(name);
  for (const name of copy.getAttributeNames()) if (name.startsWith("data-") || name.startsWith("aria-")) copy.removeAttribute(name);
  if (SHAPES.has(source.localName)) {
    const style = getComputedStyle(source);
    if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return null;
    writeLook(source, copy, style);
  }
  for (const child of source.childNodes) {
    const copied = child instanceof Element ? styledCopy(child) : child.cloneNode();
    if (copied) copy.append(copied);
  }
  return copy;
}

function writeLook(source: Element, copy: Element, style: CSSStyleDeclaration): void {
  const isText = source.localName === "text" || source.localName === "tspan";
  // A group passes nothing on: each shape in it carries its own colours.
  const names = source.localName === "g" ? ["opacity", "transform"] : Object.keys(PLAIN);
  for (const name of names) {
    const value = style.getPropertyValue(name);
    if (value === "" || value === PLAIN[name]) continue;
    // A transform as an attribute stays as it is; one from a style is made an attribute.
    if (name === "transform") {
      if (!source.hasAttribute("transform")) copy.setAttribute("transform", value);
    } else copy.setAttribute(name, value.replace(/^url\("[^"]*#/, 'url("#').replaceAll('"', "'"));
  }
  if (isText) for (const name of TEXT) copy.setAttribute(name, style.getPropertyValue(name).replaceAll('"', "'"));
}
