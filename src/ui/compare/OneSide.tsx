import { useState, type ReactNode } from "react";
import { SharedAxis } from "../diagrams/common/shared-axis.ts";
import { CompareBar } from "./CompareBar.tsx";
import { SideContext, type Side } from "./side.ts";
import { SideToggle } from "./SideToggle.tsx";
import { useSharedAxis } from "./use-shared-axis.ts";

/** Where there is no room for two columns: the usual layout shows one side, and a switch the other. */
export function OneSide({ children }: { children: ReactNode }) {
  const [side, setSide] = useState<Side>("left");
  const axes = useSharedAxis();
  return (
    <SideContext value={side}>
      <CompareBar />
      <SideToggle side={side} onSide={setSide} />
      <SharedAxis value={axes[side]}>{children}</SharedAxis>
    </SideContext>
  );
}
