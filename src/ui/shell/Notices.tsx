import { useStore } from "zustand";
import { useApp } from "../app.ts";
import { Icon } from "../parts/Icon.tsx";
import type { Notice } from "../state/notices.ts";

function Card({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  return (
    <div className={`notice notice-${notice.kind}`}>
      <p>{notice.text}</p>
      {notice.action && (
        <button
          type="button"
          className="button notice-action"
          onClick={() => {
            onClose();
            notice.action?.run();
          }}
        >
          {notice.action.title}
        </button>
      )}
      <button type="button" className="button button-quiet button-icon" aria-label="Dismiss" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
    </div>
  );
}

/** Messages over the page. The two live regions are always there, so that what enters them is announced. */
export function NoticeList() {
  const { notices } = useApp();
  const list = useStore(notices.store, (state) => state.list);
  const cards = (kind: Notice["kind"]) =>
    list.filter((notice) => notice.kind === kind).map((notice) => <Card key={notice.id} notice={notice} onClose={() => notices.dismiss(notice.id)} />);
  return (
    <div className="notices">
      <div role="alert">{cards("problem")}</div>
      <div role="status">{cards("info")}</div>
    </div>
  );
}
