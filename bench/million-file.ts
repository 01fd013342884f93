/** The file that the benches of size open. */
export { millionCalls, millionMaps, millionVfio } from "../src/scenario/samples/long-recording.ts";
