/** The ruler, fetched when it is first taken in hand. */
export { MeasureLines, MeasurePlate } from "./Measure.tsx";
export { middleOf, placeAt, stepped, type Measured } from "./measure.ts";
