/** Pages that nobody sees have no frames. */
const UNSEEN_MS = 200;

/** Resolves when what has just been rendered is on screen. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, UNSEEN_MS);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

/** Gives a function that does the newest of the works it is given when what is on screen has been painted; null: none of them. */
export function afterPaint(): (work: (() => void) | null) => void {
  let newest: (() => void) | null = null;
  let waits = false;
  return (work) => {
    newest = work;
    if (work === null || waits) return;
    waits = true;
    void painted().then(() => {
      waits = false;
      newest?.();
      newest = null;
    });
  };
}
