/** The drawing in words, fetched once it stands: the list for those who listen and for the keyboard, and what hovering tells. */
export { Mirror } from "../common/Mirror.tsx";
export { Tooltip } from "../common/Tooltip.tsx";
export { blockTip, columnTip } from "./describe.ts";
export { mirrorGroups, neighbourOf, parseItem } from "./mirror.ts";
