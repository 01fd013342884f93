/** The three diagrams, by the names that dialogs, files and addresses use. */
export const DIAGRAMS = ["iova", "objects", "pasids"] as const;
export type Diagram = (typeof DIAGRAMS)[number];

export const DIAGRAM_NAMES: Readonly<Record<Diagram, string>> = { iova: "IOVA space", objects: "Objects", pasids: "PASID space" };

const ROOTS: Readonly<Record<Diagram, string>> = { iova: ".dg-iova", objects: ".dg-objects", pasids: ".dg-pasid" };

/** Where a diagram is drawn in the page; null while it is not, or has nothing to show. */
export function rootOf(diagram: Diagram): HTMLElement | null {
  return document.querySelector<HTMLElement>(ROOTS[diagram]);
}
