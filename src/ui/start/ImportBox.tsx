import { useState, type ClipboardEvent } from "react";
import { useApp, useSession } from "../app.ts";
import { bringInputs } from "../inputs.ts";
import { FILE_PICKER } from "../shell/FilePicker.tsx";

/** Pasting this much into the empty box opens it at once: it is a whole input, not something to edit. */
const OPENS_AT_ONCE = 40;

/** The box to paste into. `action` is the name of the button that opens what is in it. */
export function ImportBox({ action }: { action: string }) {
  const app = useApp();
  const busy = useSession((state) => state.busy);
  const [text, setText] = useState("");

  const openText = (content: string) => {
    if (content.trim() !== "") void bringInputs(app, [{ name: "pasted text", content }]);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text/plain");
    if (text.trim() === "" && pasted.length >= OPENS_AT_ONCE) openText(pasted);
  };

  return (
    <form
      className="import"
      onSubmit={(event) => {
        event.preventDefault();
        openText(text);
      }}
    >
      <textarea
        className="import-text"
        aria-label="Paste a log, a trace, a scenario or a link"
        placeholder={"Paste a log, a trace, a scenario or a link here,\nor drop files anywhere on the page."}
        spellCheck={false}
        autoComplete="off"
        value={text}
        data-first-focus
        onChange={(event) => setText(event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) openText(text);
        }}
      />
      <div className="import-bar">
        <p className="import-known">
          Understands <b>strace</b> and ioctl logs of /dev/iommu and VFIO, <b>QEMU</b> traces, errors and <code>info mtree</code>, <b>ftrace</b> iommu events,{" "}
          <b>reserved_regions</b>, <b>dmesg</b>, <b>lspci</b>, <b>iomem</b>, recordings and scenarios as files or as text, also gzipped. Several together make one picture.
        </p>
        <button type="button" className="button" onClick={() => document.getElementById(FILE_PICKER)?.click()}>
          Choose files…
        </button>
        <button type="submit" className="button button-strong" aria-disabled={text.trim() === "" || busy !== null}>
          {action}
        </button>
      </div>
    </form>
  );
}
