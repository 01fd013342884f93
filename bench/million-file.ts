/** The file that the benches of size open. */
export { millionCalls, millionMaps } from "../src/scenario/samples/long-recording.ts";
