import { useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { plural } from "../../base/format.ts";
import { useApp, useSession } from "../app.ts";
import { takeTyped } from "../find/entry.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { saveFile, slug } from "../parts/save-file.ts";
import { messageOf } from "../state/notices.ts";
import { bundleText, readBundle } from "./bundle.ts";
import type { Keeper } from "./keeper.ts";
import { LibraryRow, type RowActions } from "./LibraryRow.tsx";
import { NameForm } from "./NameForm.tsx";
import { MOST_UNNAMED, search, type KeptRecord, type Sort } from "./record.ts";
import type { Kept } from "./shelf.ts";
import "../styles/library.css";

/** Larger files are no library. Bytes. */
const MOST_FILE = 200_000_000;

/** What has just been done, with a way back where there is one. */
interface Done {
  text: string;
  undo?: Kept;
}

/** The scenarios kept in this browser. */
export default function LibraryDialog() {
  const app = useApp();
  const { view, library, notices, session, settings } = app;
  const [keeper, setKeeper] = useState<Keeper | null>(null);
  const [records, setRecords] = useState<KeptRecord[] | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [sort, setSort] = useState<Sort>("saved");
  const [renaming, setRenaming] = useState<string | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [naming, setNaming] = useState(() => library.store.getState().naming);
  const title = useSession((state) => state.loaded?.title ?? "");
  const rows = useRef<HTMLUListElement>(null);
  const file = useRef<HTMLInputElement>(null);
  /** A new name of the open scenario: the page takes it over when the dialog closes. */
  const renamed = useRef<KeptRecord | null>(null);

  const attempt = async (action: () => Promise<void>) => {
    try {
      await action();
      setTrouble(null);
    } catch (error) {
      setTrouble(messageOf(error));
    }
  };

  useEffect(() => {
    library.store.setState({ naming: false });
    let stop = () => {};
    let gone = false;
    const tell = (error: unknown) => setTrouble(messageOf(error));
    const start = async () => {
      const found = await library.keeper();
      await found.settled();
      const refresh = async () => {
        const list = await found.shelf.list();
        if (!gone) setRecords(list);
      };
      if (gone) return;
      stop = found.shelf.onChange(() => void refresh().catch(tell));
      await refresh();
      if (!gone) setKeeper(found);
    };
    start().catch(tell);
    return () => {
      gone = true;
      stop();
    };
  }, [library]);

  // Who opens it types on at once, to find a name.
  useEffect(() => {
    const early = takeTyped();
    // Before the next key: that is added to what stands in the field.
    queueMicrotask(() => flushSync(() => setWords(early)));
  }, []);

  const shown = useMemo(() => search(records ?? [], words, sort), [records, words, sort]);

  const close = () => {
    view.open(null);
    const record = renamed.current;
    if (record) void keeper?.renamed(record).catch((error: unknown) => notices.problem(messageOf(error)));
  };

  const focusRow = (index: number) => {
    const buttons = rows.current?.querySelectorAll<HTMLElement>(".kept-open");
    buttons?.[Math.max(0, Math.min(buttons.length - 1, index))]?.focus();
  };

  const actions: RowActions = {
    open: (record: KeptRecord) => void keeper?.open(record.id).catch((error: unknown) => setTrouble(messageOf(error))),
    rename: (record: KeptRecord, wanted: string | null) => {
      setRenaming(null);
      setTimeout(() => focusRow(shown.indexOf(record)));
      if (wanted === null || wanted.trim() === "" || !keeper) return;
      void attempt(async () => {
        const next = await keeper.shelf.rename(record.id, wanted.trim());
        if (next && keeper.current() === next.id) renamed.current = next;
        setDone({ text: `Kept as “${wanted.trim()}”.` });
      });
    },
    startRename: (record: KeptRecord) => setRenaming(record.id),
    duplicate: (record: KeptRecord) =>
      void attempt(async () => {
        const copy = await keeper?.shelf.duplicate(record.id, Date.now());
        if (copy) setDone({ text: `Duplicated as “${copy.title}”.` });
      }),
    save: (record: KeptRecord) =>
      void attempt(async () => {
        const kept = await keeper?.shelf.get(record.id);
        if (kept) saveFile(`${slug(record.title)}.json`, "application/json", bundleText([kept]));
      }),
    remove: (record: KeptRecord) => {
      const index = shown.indexOf(record);
      void attempt(async () => {
        const removed = await keeper?.shelf.remove(record.id);
        if (removed) setDone({ text: `Deleted “${record.title}”.`, undo: removed });
        setTimeout(() => focusRow(index));
      });
    },
    move: (record: KeptRecord, by: number) => {
      const next = shown.indexOf(record) + by;
      if (next < 0) document.querySelector<HTMLElement>(".library-search")?.focus();
      else focusRow(next);
    },
  };

  const undo = (kept: Kept) =>
    void attempt(async () => {
      await keeper?.shelf.add(kept);
      setDone({ text: `“${kept.record.title}” is back.` });
    });

  const exportAll = () =>
    void attempt(async () => {
      if (!keeper || !records) return;
      const all = await Promise.all(records.map((record) => keeper.shelf.get(record.id)));
      saveFile("iovascope-library.json", "application/json", bundleText(all.flatMap((kept) => kept ?? [])));
    });

  const importFiles = (files: readonly File[]) =>
    void attempt(async () => {
      // Whoever is quick is here before the list is.
      const { shelf } = await library.keeper();
      let count = 0;
      const skipped: string[] = [];
      for (const one of files) {
        if (one.size > MOST_FILE) throw new Error(`${one.name} is larger than ${MOST_FILE / 1e6} MB.`);
        const read = readBundle(await one.text(), Date.now());
        await shelf.add(...read.kept);
        count += read.kept.length;
        skipped.push(...read.skipped);
      }
      setDone({ text: `${plural(count, "scenario")} imported.${skipped.length > 0 ? ` ${skipped.length} could not be read: ${skipped.slice(0, 2).join("; ")}.` : ""}` });
    });

  const keepAs = (wanted: string) => {
    setNaming(false);
    void attempt(async () => {
      // Whoever types fast is here before the list is.
      const record = await (await library.keeper()).keepAs(wanted);
      if (!record) return;
      renamed.current = record;
      setDone({ text: `Kept as “${wanted}”.` });
    });
  };

  return (
    <Dialog title="Your scenarios" wide onClose={close}>
      {naming && title !== "" && <NameForm title={title} onKeep={keepAs} onCancel={() => setNaming(false)} />}
      <div className="library-bar">
        <input
          type="search"
          className="library-search"
          aria-label="Search by name"
          placeholder="Search by name"
          value={words}
          {...(!naming && { "data-first-focus": true })}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown") return;
            event.preventDefault();
            focusRow(0);
          }}
        />
        <select aria-label="Order" value={sort} onChange={(event) => setSort(event.currentTarget.value as Sort)}>
          <option value="saved">Newest first</option>
          <option value="title">By name</option>
        </select>
      </div>
      <div className="library-done" role="status">
        {done && (
          <>
            <p>{done.text}</p>
            {done.undo && (
              <button type="button" className="button" onClick={() => done.undo && undo(done.undo)}>
                Undo
              </button>
            )}
          </>
        )}
      </div>
      <div role="alert">
        {trouble !== null && (
          <p className="warnings">
            {trouble} {session.store.getState().loaded ? "Export saves the open scenario as a file." : ""}
          </p>
        )}
      </div>
      <ul className="library" ref={rows} aria-label="Kept scenarios">
        {shown.map((record) => (
          <LibraryRow key={record.id} record={record} isOpen={record.id === keeper?.current()} renaming={record.id === renaming} actions={actions} />
        ))}
      </ul>
      {records !== null && shown.length === 0 && (
        <p className="quiet library-none">
          {records.length > 0
            ? "No name has these words."
            : settings.store.getState().autosave
              ? "Nothing yet. Whatever you open is kept here, in this browser."
              : "Nothing here: keeping scenarios is switched off in the settings."}
        </p>
      )}
      <div className="library-foot">
        <p className="quiet">Kept in this browser only. Of those without a name of yours the last {MOST_UNNAMED} stay.</p>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          multiple
          hidden
          data-library-file
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            importFiles(files);
          }}
        />
        <button type="button" className="button" onClick={() => file.current?.click()}>
          Import…
        </button>
        <button type="button" className="button" aria-disabled={!records?.length} onClick={() => records?.length && exportAll()}>
          Export all
        </button>
      </div>
    </Dialog>
  );
}
