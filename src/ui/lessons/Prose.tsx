import { useId, useState, type ReactNode } from "react";
import type { Block, Inline, Mark } from "../../lessons/text/blocks.ts";
import { unreachable } from "../../base/assert.ts";
import { Tooltip, type Anchor } from "../diagrams/common/Tooltip.tsx";
import { glossary } from "./library.ts";

const MARKS: Record<Mark, string> = { review: "raised in review", analysis: "our analysis", posted: "as posted", merged: "merged" };

/** A word of the glossary; its meaning shows while it is pointed at or has the focus. */
function TermWord({ term, text }: { term: string; text: string }) {
  const id = useId();
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  const found = glossary.get(term);
  if (!found) return text;
  const show = (element: HTMLElement) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    setAnchor({ left, top, right, bottom });
  };
  return (
    <>
      <button
        type="button"
        className="text-button lesson-term"
        aria-describedby={anchor ? id : undefined}
        onPointerEnter={(event) => show(event.currentTarget)}
        onPointerLeave={() => setAnchor(null)}
        onFocus={(event) => show(event.currentTarget)}
        onBlur={() => setAnchor(null)}
        onClick={(event) => show(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !anchor) return;
          event.stopPropagation();
          setAnchor(null);
        }}
      >
        {text}
      </button>
      {anchor && <Tooltip id={id} text={{ title: found.term, rows: [], teach: found.meaning }} anchor={anchor} />}
    </>
  );
}

/** `still`: on paper, where nothing can be pressed. */
export function Words({ content, still = false }: { content: readonly Inline[]; still?: boolean }): ReactNode {
  return content.map((inline, index) => <Word key={index} inline={inline} still={still} />);
}

function Word({ inline, still }: { inline: Inline; still: boolean }): ReactNode {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "strong":
      return (
        <strong>
          <Words content={inline.content} still={still} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Words content={inline.content} still={still} />
        </em>
      );
    case "code":
      return <code>{inline.text}</code>;
    case "claim":
      return inline.claim.shown.startsWith("0x") ? <code className="lesson-address">{inline.claim.shown}</code> : inline.claim.shown;
    case "link":
      return <a href={inline.href}>{inline.text}</a>;
    case "term":
      return still ? inline.text : <TermWord term={inline.term} text={inline.text} />;
    default:
      return unreachable(inline);
  }
}

export function Prose({ blocks, still = false }: { blocks: readonly Block[]; still?: boolean }) {
  return blocks.map((block, index) => {
    if (block.kind === "lines") return <pre key={index}>{block.text}</pre>;
    if (block.kind === "list") {
      const items = block.items.map((item, at) => (
        <li key={at}>
          <Words content={item} still={still} />
        </li>
      ));
      return block.ordered ? <ol key={index}>{items}</ol> : <ul key={index}>{items}</ul>;
    }
    return (
      <p key={index}>
        {block.mark && <span className={`lesson-mark lesson-mark-${block.mark}`}>{MARKS[block.mark]}</span>}
        <Words content={block.content} still={still} />
      </p>
    );
  });
}
