/** Pages that nobody sees have no frames. */
const UNSEEN_MS = 200;

/** Resolves when what has just been rendered is on screen. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, UNSEEN_MS);
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
