import type { MORE_ICONS } from "./more-icons.ts";

/** The page's few icons, drawn on a 16-unit grid in the text's colour. Always beside or inside something that has a name. */
const PATHS = {
  first: "M3.5 3v10M13 3 6 8l7 5z",
  previous: "M12 3 5 8l7 5z",
  next: "M4 3l7 5-7 5z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4.5 3v10M11.5 3v10",
  import: "M8 2v8M4.5 6.5 8 10l3.5-3.5M2.5 13.5h11",
  export: "M8 10V2M4.5 5.5 8 2l3.5 3.5M2.5 13.5h11",
  link: "M6.5 9.5a3 3 0 0 0 4.2 0l2-2a3 3 0 0 0-4.2-4.2l-1 1M9.5 6.5a3 3 0 0 0-4.2 0l-2 2a3 3 0 0 0 4.2 4.2l1-1",
  light: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12z",
  help: "M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.6v.4M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.5 8.5l3 3 6-7",
  question: "M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.6v.4",
  pin: "M4 14V2.5M4 3h8l-2 2.75L12 8.5H4",
  until: "M2.5 8h6M6 5l3 3-3 3M12.5 3v10",
  trust: "M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4zM5.6 8l1.7 1.8L10.6 6.3",
  differs: "M8 2.5 13.5 8 8 13.5 2.5 8z",
  compare: "M2.5 3h4v10h-4zM9.5 3h4v10h-4z",
  damage: "M8 2.2 14.3 13.4H1.7zM8 6.6v3.2M8 11.6v.1",
  note: "M3 3h10v7l-3 3H3zM10 13v-3h3",
  plan: "M2.5 3h11v3h-11zM2.5 10h6v3h-6zM11 10h2.5v3H11z",
  fold: "M3.5 6 8 10.5 12.5 6",
  unfold: "M3.5 10.5 8 6l4.5 4.5",
  library: "M2.5 13.5v-11h3v11zM5.5 13.5v-9h3v9zM9 5l3-.8 2 8.5-3 .8z",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.4 3.4",
  settings: "M2 5h7M12.5 5H14M2 11h1.5M7 11h7M9 3.2h3.5v3.6H9zM3.5 9.2H7v3.6H3.5z",
  picture: "M2.5 3h11v10h-11zM2.5 11l3.5-4 3 3 1.5-1.5 3 3",
  lessons: "M8 4C6.5 2.8 4.5 2.5 2 2.5v9.7c2.5 0 4.5.3 6 1.3M8 4c1.5-1.2 3.5-1.5 6-1.5v9.7c-2.5 0-4.5.3-6 1.3M8 4v9.5",
} as const;

export type IconName = keyof typeof PATHS | keyof typeof MORE_ICONS;

/** All that are there by now. */
const known: Partial<Record<IconName, string>> = { ...PATHS };

/** Icons that come with what is fetched later. */
export function addIcons(more: Partial<Record<IconName, string>>): void {
  Object.assign(known, more);
}

const SOLID: ReadonlySet<IconName> = new Set(["first", "previous", "next", "play", "differs"]);

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={known[name]} fill={SOLID.has(name) ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
      {name === "auto" && <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />}
    </svg>
  );
}
