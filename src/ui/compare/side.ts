/** Which of two runs a panel shows. Panels that stand alone show the scenario's own. */
import { createContext, useContext } from "react";
import type { Frame } from "../../engine/views.ts";
import { useSession } from "../app.ts";

export type Side = "left" | "right";

/** Null: there is only one run. */
export const SideContext = createContext<Side | null>(null);

/** The name of a part of the page that stands on both sides at once: "What changed, left". */
export function useNamed(name: string): string {
  const side = useContext(SideContext);
  return side === null ? name : `${name}, ${side}`;
}

/** Something of the frame of the run that this part of the page shows. */
export function useOfFrame<Part>(part: (frame: Frame | null) => Part): Part {
  const side = useContext(SideContext);
  return useSession((state) => part(side === "right" ? (state.frame?.other?.frame ?? state.frame) : state.frame));
}

/** The frame of the run that this part of the page shows. */
export function useFrame(): Frame | null {
  return useOfFrame((frame) => frame);
}
