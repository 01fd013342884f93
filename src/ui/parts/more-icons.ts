/** Icons of panels that are fetched later: who shows one imports this file with it. */
import { addIcons } from "./Icon.tsx";

export const MORE_ICONS = {
  rename: "M3 13l.7-3L11 2.7 13.3 5 6 12.3z",
  branch: "M4 13.5v-11M4 10.5c0-4.5 7.5-2 7.5-7M9 5.5l2.5-2.5L14 5.5",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  trash: "M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4",
  plus: "M8 3v10M3 8h10",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  undo: "M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6",
  redo: "M10.5 3l3 3-3 3M13.5 6h-7a4 4 0 0 0 0 8H10",
  text: "M2.5 3.5h11M2.5 6.5h7M2.5 9.5h9M2.5 12.5h5",
} as const;

addIcons(MORE_ICONS);
