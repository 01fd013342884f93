/** Lets others have a turn while a long input is being read or made into calls; may reject to end it. */
export interface Slices {
  between(): Promise<void> | void;
}

export const AT_ONCE: Slices = { between: () => {} };
/** Lines or events that are handled before others have a turn: some milliseconds of work. */
export const SLICE = 8192;
