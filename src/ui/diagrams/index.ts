export { PasidDiagram } from "./pasid/PasidDiagram.tsx";
export { IovaDiagram } from "./iova/IovaDiagram.tsx";
export type { DiagramProps } from "./common/props.ts";
