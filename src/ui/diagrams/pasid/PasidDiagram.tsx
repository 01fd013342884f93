/** The PASID space. Most scenarios have none, so the drawing is fetched with the first that has. */
import { later } from "../../parts/later.tsx";
import type { DiagramProps } from "../common/props.ts";

const PasidDrawing = later(() => import("./PasidDrawing.tsx").then((module) => module.default));

export function PasidDiagram(props: DiagramProps) {
  if (!props.frame.pasids) {
    return (
      <div className="dg dg-empty">
        <p>
          <strong>No PASIDs in this scenario.</strong> A PASID is a 20-bit number that a device puts beside an address to say whose memory it means: one for each process or guest that shares the device. Calls like <code>ioasid_alloc</code> or <code>iommu_sva_bind_device</code> hand them out.
        </p>
      </div>
    );
  }
  return <PasidDrawing {...props} space={props.frame.pasids} />;
}
