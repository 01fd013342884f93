/** The kernel's objects, what they are attached to, and what keeps each of them alive. */
import { memo, useMemo, useState, type ReactNode } from "react";
import type { ObjectGraph } from "../../../kernel/inspect.ts";
import { ChangeLegend, ChangeMark, changeOf, type Change } from "../common/changes.tsx";
import { lightOf } from "../common/light.ts";
import { Mirror } from "../common/Mirror.tsx";
import type { DiagramProps } from "../common/props.ts";
import { useMeasure } from "../common/text.ts";
import { Tooltip, type Anchor } from "../common/Tooltip.tsx";
import { useSize } from "../common/use-size.ts";
import { later } from "../../parts/later.tsx";
import { captionOf, holdersOf, nodeText, nodeTip, stackTip } from "./describe.ts";
import type { Curve } from "./edges.ts";
import { badgeWidth, boxTowards, capacityOf, columnsIn, layoutGraph, type Box } from "./layout.ts";
import { assignSlots, spreadOut, type Slots } from "./slots.ts";
import { familyOf, objectsIn, stackUp, type Stack } from "./stacks.ts";
import { tidied } from "./tidy.ts";

const StackList = later(() => import("./StackList.tsx").then((module) => module.StackList));

/** A stack of more is not opened: one chooses from it. */
const MOST_OPENED = 12;
/** Objects of the step that stay themselves among hundreds. */
const MOST_CONCERNED = 12;
/** Rows on a narrow screen, where the picture scrolls. */
const MOST_COMPACT = 8;
/** Objects listed in words; more are counted. */
const MOST_ITEMS = 400;

/** Slots of this graph that carry on from the graph shown before. */
function useSlots(graph: ObjectGraph): Slots {
  const [memory, setMemory] = useState<{ graph: ObjectGraph; slots: Slots }>(() => ({ graph, slots: assignSlots(graph, new Map()) }));
  if (memory.graph === graph) return memory.slots;
  const slots = assignSlots(graph, memory.slots);
  setMemory({ graph, slots });
  return slots;
}

export function ObjectsDiagram({ frame, selection, onSelect, hover, onHover, compact, foot }: DiagramProps & { foot?: ReactNode }) {
  const [area, size] = useSize<HTMLDivElement>();
  const measure = useMeasure();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string | null>(null);
  const [lastFocused, setLastFocused] = useState<string | null>(null);
  const [tip, setTip] = useState<{ box: Box; anchor: Anchor } | null>(null);
  const [choosing, setChoosing] = useState<Stack | null>(null);
  const { graph, groupOf } = useMemo(() => tidied(frame.graph), [frame.graph]);

  const selected = useMemo(() => lightOf(frame, selection), [frame, selection]);
  const lit = useMemo(() => lightOf(frame, hover), [frame, hover]);
  const concerned = useMemo(() => new Set((frame.detail?.effects ?? []).flatMap((effect) => effect.objects.map((object) => object.key))), [frame.detail]);
  const keep = useMemo(() => new Set([...(selected.key === null ? [] : familyOf(graph, selected.key)), ...[...concerned].slice(0, MOST_CONCERNED).flatMap((key) => familyOf(graph, key, false))]), [graph, selected, concerned]);
  const room = useMemo(() => ({ width: size?.width ?? 460, height: compact ? 100_000 : (size?.height ?? 260) }), [size, compact]);
  const kept = useSlots(graph);
  const slots = useMemo(() => spreadOut(graph, kept, columnsIn(room), compact ? MOST_COMPACT : capacityOf(room)), [graph, kept, room, compact]);
  const stacked = useMemo(() => stackUp(graph, slots, compact ? MOST_COMPACT : capacityOf(room), keep, opened), [graph, slots, room, keep, opened, compact]);
  const layout = useMemo(() => layoutGraph(stacked, slots, room, groupOf, measure), [stacked, slots, room, groupOf, measure]);
  const holders = useMemo(() => new Set(selected.key === null ? [] : holdersOf(graph, selected.key).map((key) => stacked.standIn.get(key) ?? key)), [graph, selected, stacked]);

  const holdsIt = (curve: Curve): boolean => selected.key !== null && curve.counts && curve.to === selected.key && holders.has(curve.from);

  const show = (box: Box | null, target?: Element): void => {
    if (!box) {
      setTip(null);
      if (hover) onHover(null);
      return;
    }
    onHover(box.node ? { key: box.key } : null);
    const element = target ?? area.current?.querySelector(`[data-box="${CSS.escape(box.key)}"]`);
    if (element) setTip({ box, anchor: element.getBoundingClientRect() });
  };
  const press = (box: Box): void => {
    if (box.stack && (box.stack.count !== undefined || box.stack.members.length > MOST_OPENED)) {
      setChoosing(box.stack);
      setTip(null);
    } else if (box.stack) {
      setOpened(new Set([...opened, box.stack.key]));
      setTip(null);
    } else onSelect(selection && "key" in selection && selection.key === box.key ? null : { key: box.key });
  };

  if (graph.nodes.length === 0) {
    return (
      <div className="dg dg-empty">
        <p>
          <strong>No objects yet.</strong> Binding a device, allocating an IOAS or opening a container makes the first. Arrows will show who holds whom: an object can be destroyed only when nothing else counts in its <code>users</code>.
        </p>
      </div>
    );
  }

  const openCount = opened.size;
  const scrolls = size !== null && (layout.width * layout.scale > size.width || (!compact && layout.height * layout.scale > size.height));
  return (
    <div className="dg dg-objects" data-compact={compact || undefined}>
      {/* Where it scrolls, the keyboard must be able to scroll it. */}
      <div ref={area} className="dg-graph" {...(scrolls && { tabIndex: 0, role: "group", "aria-label": "Picture of the objects" })}>
        <svg width={layout.width * layout.scale} height={layout.height * layout.scale} viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={`Objects: ${captionOf(frame, selection)}`}>
          {layout.outlines.map((outline) => (
            <g key={`${outline.key}/${outline.top}`} className={`dg-group dg-move ${outline.key === selected.key ? "is-selected" : ""}`} style={{ transform: `translate(${outline.left}px, ${outline.top}px)` }}>
              <rect width={outline.width} height={outline.height} rx={11} />
              <text className="f-tiny" x={10} y={-2}>
                {outline.label}
              </text>
            </g>
          ))}
          {layout.curves.map((curve) => (
            <EdgeShape
              key={curve.key}
              curve={curve}
              holds={holdsIt(curve)}
              lit={curve.from === lit.key || curve.to === lit.key || curve.from === selected.key || curve.to === selected.key}
            />
          ))}
          {layout.curves.map((curve) => curve.label && <EdgeLabel key={curve.key} curve={curve} holds={holdsIt(curve)} />)}
          {layout.boxes.map((box) => (
            <BoxShape
              key={box.key}
              box={box}
              selected={selected.keys.has(box.key) || selected.key === groupOf.get(box.key)?.key}
              holder={holders.has(box.key)}
              lit={lit.keys.has(box.key) || (lit.key !== null && lit.key === groupOf.get(box.key)?.key) || (box.stack?.members.some((member) => lit.keys.has(member.key)) ?? false)}
              fresh={concerned.has(box.key)}
              change={changeOf(frame, box.key)}
              focused={focused === box.key}
              onEnter={(element) => show(box, element)}
              onLeave={() => show(null)}
              onPress={() => press(box)}
            />
          ))}
        </svg>
      </div>
      <div className="dg-foot">
        <div className="dg-foot-row">
          <p className="dg-caption">
            {captionOf(frame, selection)}
            {openCount > 0 && (
              <button type="button" className="dg-link" onClick={() => setOpened(new Set())}>
                stack again
              </button>
            )}
          </p>
          <ChangeLegend frame={frame} mine={isObject} />
        </div>
        {foot}
      </div>
      {choosing && (
        <StackList
          stack={choosing}
          onChoose={(key) => {
            setChoosing(null);
            onSelect({ key });
          }}
          onHover={(key) => onHover(key === null ? null : { key })}
          onClose={() => setChoosing(null)}
        />
      )}
      <Mirror
        label="Objects in words"
        groups={[
          {
            title: `${objectsIn(graph.nodes)} objects`,
            items: layout.boxes.slice(0, MOST_ITEMS).map((box) => ({ key: box.key, text: box.node ? nodeText(graph, box.node) : `${box.stack?.title ?? ""}: ${box.stack?.detail ?? ""}` })),
            more: layout.boxes.length > MOST_ITEMS ? `and ${layout.boxes.length - MOST_ITEMS} more` : "",
          },
        ]}
        selected={selected.key}
        current={lastFocused}
        onFocus={(key) => {
          setFocused(key);
          if (key !== null) setLastFocused(key);
          const box = layout.boxes.find((candidate) => candidate.key === key) ?? null;
          if (box) area.current?.querySelector(`[data-box="${CSS.escape(box.key)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
          show(box);
        }}
        onActivate={(key) => {
          const box = layout.boxes.find((candidate) => candidate.key === key);
          if (box) press(box);
        }}
        neighbour={(key, direction) => boxTowards(layout.boxes, key, direction)}
      />
      {tip && <Tooltip id="dg-objects-tip" text={tip.box.node ? nodeTip(tip.box.node) : stackTip(tip.box.stack!)} anchor={tip.anchor} />}
    </div>
  );
}

const EdgeShape = memo(function EdgeShape({ curve, holds, lit }: { curve: Curve; holds: boolean; lit: boolean }) {
  return (
    <g className={`dg-edge ${curve.counts ? "" : "is-loose"} ${holds ? "is-holder" : ""} ${lit ? "is-lit" : ""}`}>
      <path className="dg-edge-line dg-move" d={curve.path} />
      <path className="dg-edge-head dg-move" d="M0 0L-8 -3.6L-8 3.6Z" style={{ transform: `translate(${curve.tip.x}px, ${curve.tip.y}px) rotate(${curve.tip.angle}deg)` }} />
    </g>
  );
});

function EdgeLabel({ curve, holds }: { curve: Curve; holds: boolean }) {
  if (!curve.label) return null;
  return (
    <text className={`dg-edge-label dg-move f-text ${holds ? "is-holder" : ""}`} style={{ transform: `translate(${curve.label.x}px, ${curve.label.y}px)` }}>
      {curve.label.text}
    </text>
  );
}

interface BoxProps {
  box: Box;
  selected: boolean;
  holder: boolean;
  lit: boolean;
  fresh: boolean;
  change: Change | null;
  focused: boolean;
  onEnter: (element: Element) => void;
  onLeave: () => void;
  onPress: () => void;
}

/** The keyboard comes in through the list of words beside the picture, so the shapes themselves take the pointer only. */
function BoxShape({ box, selected, holder, lit, fresh, change, focused, onEnter, onLeave, onPress }: BoxProps) {
  const users = box.node?.users ?? null;
  const badge = badgeWidth(users ?? 0);
  return (
    <g
      className={`dg-node dg-move n-${box.kind} ${selected ? "is-selected" : ""} ${holder ? "is-holder" : ""} ${lit ? "is-lit" : ""} ${fresh ? "is-fresh" : ""} ${box.node?.pending ? "is-pending" : ""} ${box.node?.auto ? "is-auto" : ""}`}
      data-box={box.key}
      style={{ transform: `translate(${box.left}px, ${box.top}px)` }}
      onPointerEnter={(event) => onEnter(event.currentTarget)}
      onPointerLeave={onLeave}
      onClick={onPress}
    >
      {box.stack && <rect className="dg-node-back" x={4} y={4} width={box.width} height={box.height} rx={8} />}
      {focused && <rect className="dg-focus" x={-5} y={-5} width={box.width + 10} height={box.height + 10} rx={12} />}
      <rect className="dg-node-box" width={box.width} height={box.height} rx={8} />
      <path className="dg-node-bar" d={`M2.5 6V${box.height - 6}`} />
      {box.lines.map((line) => (
        <text key={line.y} className={line.faint ? `f-${line.face} dg-faint` : `f-${line.face}`} x={14} y={line.y}>
          {line.text}
        </text>
      ))}
      {box.rule !== null && <path className="dg-node-rule" d={`M14 ${box.rule}H${box.width - 10}`} />}
      {users !== null && (
        <g className={box.badgeAbove ? "dg-users is-above" : "dg-users"} transform={box.badgeAbove ? `translate(${box.width - badge - 3} -8)` : `translate(${box.width - badge - 6} 6)`}>
          <rect width={badge} height={box.badgeAbove ? 15 : Math.min(18, box.height - 9)} rx={box.badgeAbove ? 7.5 : 9} />
          <text className="f-mono" x={badge / 2} y={box.badgeAbove || box.height < 30 ? 11.5 : 13} textAnchor="middle">
            {users}
          </text>
        </g>
      )}
      {change && <ChangeMark change={change} x={1} y={1} />}
    </g>
  );
}

function isObject(key: string): boolean {
  return !key.startsWith("ioasid:");
}
