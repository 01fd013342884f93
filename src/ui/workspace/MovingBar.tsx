import { useApp, useSession, useView } from "../app.ts";
import { Separator } from "../parts/Separator.tsx";
import { sizesFor, usualSize, type Sizes } from "../state/view.ts";

/** How far each panel may be resized. */
const LIMITS: Record<keyof Sizes, [min: number, max: number]> = { calls: [220, 560], why: [260, 640], top: [18, 75], pasid: [18, 75] };

export interface BarProps {
  name: keyof Sizes;
  label: string;
  orientation: "vertical" | "horizontal";
  grow: 1 | -1;
  unit?: () => number;
}

/** A bar that resizes a panel; the page keeps the size. */
export default function MovingBar(props: BarProps) {
  const { view } = useApp();
  const { name } = props;
  const trace = useSession((state) => state.loaded?.trace ?? "iommufd");
  const value = useView((state) => sizesFor(state.sizes, trace)[name]);
  const [min, max] = LIMITS[name];
  return (
    <Separator
      label={props.label}
      orientation={props.orientation}
      value={value}
      min={min}
      max={max}
      grow={props.grow}
      pxPerUnit={props.unit ?? (() => 1)}
      onChange={(next) => view.resize(name, trace, next)}
      onReset={() => view.resize(name, trace, usualSize(name, trace))}
    />
  );
}

