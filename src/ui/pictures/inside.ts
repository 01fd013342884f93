/** A scenario that a picture carries. */
import { textIn } from "./png.ts";

/** Pictures of ours are far smaller. */
const LARGEST = 64 * 2 ** 20;

/** The link's fragment in a picture of ours; throws where there is none, with a message for people. */
export async function fragmentIn(file: File): Promise<string> {
  if (file.size > LARGEST) throw new Error(`${file.name} is larger (${Math.round(file.size / 2 ** 20)} MiB) than any picture that iovascope saves.`);
  const fragment = /svg/.test(file.type) || /\.svg$/i.test(file.name) ? inSvg(await file.text()) : textIn(new Uint8Array(await file.arrayBuffer()));
  if (fragment === null || !/^#[\w-]+$/.test(fragment)) throw new Error(`${file.name} is a picture without a scenario inside. Pictures that iovascope saves carry theirs; programs that resave a picture, and most chats, drop it.`);
  return fragment;
}

function inSvg(text: string): string | null {
  return /<metadata id="iovascope">\s*(#[\w-]+)\s*<\/metadata>/.exec(text)?.[1] ?? null;
}
