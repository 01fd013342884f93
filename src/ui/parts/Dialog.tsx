import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { NoticeList } from "../shell/Notices.tsx";
import { Icon } from "./Icon.tsx";

/** A modal dialog: the browser keeps the focus in it, Escape and a click beside it close it. `data-first-focus` says where to begin, else its title does. */
export function Dialog(props: { title: string; onClose: () => void; wide?: boolean; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed while it is still in the page: then the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      (dialog.querySelector<HTMLElement>("[data-first-focus]") ?? dialog.querySelector<HTMLElement>("h2"))?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    // A click on the dialog itself, and not on what is in it, is a click on its backdrop; Escape does the same by keyboard.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      className={props.wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) props.onClose();
      }}
    >
      <div className="dialog-inner">
        <header className="dialog-head">
          <h2 id={titleId} tabIndex={-1}>{props.title}</h2>
          <button type="button" className="button button-quiet button-icon" aria-label="Close" onClick={props.onClose}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
        {/* Whatever is outside of a modal dialog can't be read or pressed. */}
        <NoticeList />
      </div>
    </dialog>
  );
}
