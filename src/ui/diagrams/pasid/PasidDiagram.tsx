/** The PASID space. Most scenarios have none, so the drawing is fetched with the first that has. */
import { later } from "../../parts/later.tsx";
import type { DiagramProps } from "../common/props.ts";

const PasidDrawing = later(() => import("./PasidDrawing.tsx").then((module) => module.default));
const NoPasids = later(() => import("../common/Nothing.tsx").then((module) => module.NoPasids));

export function PasidDiagram(props: DiagramProps) {
  return props.frame.pasids ? <PasidDrawing {...props} space={props.frame.pasids} /> : <NoPasids />;
}
