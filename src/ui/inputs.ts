/** What people drop on the page or paste into it, wherever they do. */
import type { InputFile } from "../engine/views.ts";
import type { App } from "./app.ts";
import { messageOf } from "./state/notices.ts";

/** A link to a scenario, alone in a text. */
const LINK = /^\s*(?:https?:\/\/\S*?)?(#\S+)\s*$/;

/** Opens a text or files: a link to a scenario, or anything the engine reads. False: a notice says why not. */
export async function bringInputs(app: App, files: InputFile[]): Promise<boolean> {
  const only = files.length === 1 && typeof files[0]?.content === "string" ? LINK.exec(files[0].content) : null;
  if (!only?.[1]) return app.session.bring(files);
  try {
    const { scenario, view } = await app.session.engine.unlink(only[1]);
    await app.session.open(scenario, { ...view });
    return true;
  } catch (error) {
    app.notices.problem(messageOf(error));
    return false;
  }
}

export async function bringFiles(app: App, files: readonly File[]): Promise<boolean> {
  if (files.length === 0) return false;
  const [only] = files;
  if (files.length === 1 && only && /^image\/|\.(?:png|svg)$/i.test(only.type || only.name)) {
    try {
      const { fragmentIn } = await import("./pictures/inside.ts");
      return await bringInputs(app, [{ name: only.name, content: await fragmentIn(only) }]);
    } catch (error) {
      app.notices.problem(messageOf(error));
      return false;
    }
  }
  return app.session.bring(files.map((file) => ({ name: file.name, content: file })));
}

/** Takes over drops everywhere and pastes outside of inputs; `dragging` says whether something hovers over the page. Returns how to stop. */
export function listenToInputs(app: App, dragging: (over: boolean) => void): () => void {
  const until = new AbortController();
  const { signal } = until;
  const carries = (event: DragEvent) => event.dataTransfer?.types.some((type) => type === "Files" || type === "text/plain") ?? false;
  window.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    dragging(true);
  }, { signal });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) dragging(false);
  }, { signal });
  window.addEventListener("drop", (event) => {
    dragging(false);
    if (!carries(event) || !event.dataTransfer) return;
    event.preventDefault();
    const { files } = event.dataTransfer;
    const text = event.dataTransfer.getData("text/plain");
    if (files.length > 0) void bringFiles(app, [...files]);
    else if (text.trim() !== "") void bringInputs(app, [{ name: "dropped text", content: text }]);
  }, { signal });
  window.addEventListener("paste", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const { clipboardData } = event;
    if (!clipboardData) return;
    if (clipboardData.files.length > 0) {
      event.preventDefault();
      void bringFiles(app, [...clipboardData.files]);
      return;
    }
    if (target?.closest("input:not([type=range]), textarea, select, [contenteditable]")) return;
    const text = clipboardData.getData("text/plain");
    if (text.trim() !== "") void bringInputs(app, [{ name: "pasted text", content: text }]);
  }, { signal });
  document.addEventListener("copy", (event) => {
    // Addresses are shown in groups of four digits; what people copy is the plain form.
    const text = document.getSelection()?.toString() ?? "";
    const plain = plainAddresses(text);
    if (plain === text || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", plain);
    event.preventDefault();
  }, { signal });
  return () => until.abort();
}

/** The text with its grouped addresses, 0xfee0_0000, in the plain form, 0xfee00000. */
export function plainAddresses(text: string): string {
  return text.replace(/0x[0-9a-f]{1,4}(?:_[0-9a-f]{4})+/gi, (address) => address.replaceAll("_", ""));
}
