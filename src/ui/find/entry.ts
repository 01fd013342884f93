/** Keeps what is typed until the field that it is for is there: a panel is fetched when it is opened, and people type on. */
let typed: string | null = null;
/** Longer nobody types into nothing: the panel could not be fetched. */
const LONGEST_MS = 4000;
let timer: ReturnType<typeof setTimeout> | undefined;

function keep(event: KeyboardEvent): void {
  if (typed === null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return letGo();
  if (event.key.length !== 1) return;
  typed += event.key;
  event.preventDefault();
  event.stopPropagation();
}

function letGo(): void {
  typed = null;
  clearTimeout(timer);
  window.removeEventListener("keydown", keep, true);
}

export function awaitField(): void {
  if (typed !== null) return;
  typed = "";
  timer = setTimeout(letGo, LONGEST_MS);
  window.addEventListener("keydown", keep, true);
}

/** What has been typed since; from now on the field has the keys. */
export function takeTyped(): string {
  const text = typed ?? "";
  letGo();
  return text;
}
