/** What the model leaves out. The same sentences stand in docs/model.md; a test holds the two together. */
export const SIMPLIFIED: readonly string[] = [
  "Memory of a real process is not known from a log: every address is taken as good unless the log says that pinning failed.",
  "Real drivers may refuse a page table for reasons of their own; the model knows those of the recorded machines.",
  "Locking is not modelled except where a thread is about a race; there the scenario has one lane per CPU.",
];
