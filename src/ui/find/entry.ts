/** Opens the search and keeps what is typed until its field is there: the panel is fetched, and people type on. */
let typed: string | null = null;

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
  window.removeEventListener("keydown", keep, true);
}

export function awaitField(): void {
  if (typed !== null) return;
  typed = "";
  window.addEventListener("keydown", keep, true);
}

/** What has been typed since; from now on the field has the keys. */
export function takeTyped(): string {
  const text = typed ?? "";
  letGo();
  return text;
}
