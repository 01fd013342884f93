/** All that crowded spaces need besides, fetched when the first of them is on screen. */
export { columnAt, denseRows, denseRuns, gridOf, percent } from "./dense.ts";
export { DenseStrips } from "./DenseStrips.tsx";
export { aligned, columnsOf, grain, windowOfStretches, withOverscan } from "./stretches.ts";
