/** The IOVA space: who carves what out of it, what is left, what is mapped, and where the call on screen wanted to go. */
import { useCallback, useContext, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { rangeText } from "../../../base/format.ts";
import { add, alignDown, type U64 } from "../../../base/u64.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { IovaQuery, IovaView, Lane } from "../../../engine/views.ts";
import { marksKey, sameSelection, type Selection } from "../../state/selection.ts";
import { later } from "../../parts/later.tsx";
import { lightOf } from "../common/light.ts";
import { SharedAxis } from "../common/shared-axis.ts";
import { useMeasure } from "../common/text.ts";
import type { Anchor } from "../common/Tooltip.tsx";
import { useSize, type Size } from "../common/use-size.ts";
import type { DiagramProps } from "../common/props.ts";
import { axisLabels } from "./axis-labels.ts";
import { bytesPerPx, WHOLE } from "./axis.ts";
import { AxisBar, AXIS_HEIGHT, Readout } from "./AxisBar.tsx";
import { blockAt, foldContributors, joinContributors, REST, visible, type Block } from "./lane-layout.ts";
import { coarseOf, ordered, patched } from "./lanes-shown.ts";
import { blockBox, LaneRows } from "./LaneRows.tsx";
import { landmarksOf } from "./landmarks.ts";
import { beyondEdge, marksOf } from "./overlay.ts";
import { Patterns } from "./Patterns.tsx";
import { ownerOf, refused as isRefused, sceneOf, tightest, type LaneRow } from "./scene.ts";
import { Bands, callBar, FocusRing, Guides, TieEnds, TieLine } from "./Shapes.tsx";
import { apertureOf, edgeHint, noteOf, rangeOf, selectedRange } from "./space-facts.ts";
import { Strip, STRIP_HEIGHT } from "./Strip.tsx";
import { Told } from "./Told.tsx";
import { Toolbar } from "./Toolbar.tsx";
import { axisOf, fit, NARROWEST, type Scale, type View } from "./viewport.ts";
import { isCrowded, useDetails } from "./use-details.ts";
import { useGlide, useJumps } from "./use-glide.ts";
import { useDenseParts, useMeasureParts, useWordsParts } from "./use-parts.ts";
import { useGestures, useWindowState, windowKey } from "./use-window.ts";

const NoSpace = later(() => import("../common/Nothing.tsx").then((module) => module.NoSpace));
const ChangedRanges = later(() => import("./ChangedRanges.tsx").then((module) => module.default));

/** The widest title that lanes have in every scenario decides the gutter, so that it never moves. */
const WIDEST_TITLE = "what a user may map";
/** Room right of the plot, so that the last label is not cut by the panel's edge. */
const MARGIN = 8;
/** How far past the plot's edges a block may show: room for outlines, none for the next thing. */
const EDGE = 5;
/** More contributor lanes than this are joined when they are alike. */
const MOST_CONTRIBUTORS = 3;
/** Those left over that differ all the same have a lane each up to this many; the others share one until it is unfolded. */
const MOST_FOLDED = 4;
const MOST_FOLDED_COMPACT = 3;

export interface IovaDiagramProps extends DiagramProps {
  /** Another number asks to be taken to the selection. */
  shown: number;
  onQuery: (query: Partial<IovaQuery>) => void;
  /** Somebody waits for a range: a drag over the plot gives it instead of moving the view. */
  onPick?: ((range: Range) => void) | null;
  /** What the plot's size will most likely be: it is drawn for it at once. */
  room?: Size | null;
}

export function IovaDiagram(props: IovaDiagramProps) {
  const { iova } = props.frame;
  return iova ? <IovaSpaceDrawing {...props} view={iova} /> : <NoSpace />;
}

interface Hit {
  row: LaneRow;
  block: Block;
  /** It is a column of pixels that stands for a crowd. */
  column?: { count: number; covered: string };
}

/** A column of a crowded lane this near to the pointer is meant. */
const COLUMN_SLOP = 3;
/** How much nearer a click on a crowd goes. */
const CLOSER = 8;
/** Stretches of a crowded lane that are told in words. */
const MOST_RUNS = 12;
/** What one asks to be taken to is made at least so wide, px. */
const SMALLEST = 5;
const NO_SPACES: readonly string[] = [];
const NOTHING: Lane[] = [];
const NO_LABELS: ReturnType<typeof axisLabels> = { ticks: [], labels: [] };

function IovaSpaceDrawing({ frame, view, selection, onSelect, hover, onHover, shown, onQuery, onPick, compact, room }: IovaDiagramProps & { view: IovaView }) {
  const root = useRef<HTMLDivElement>(null);
  const [plot, plotSize] = useSize<HTMLDivElement>(room ?? null);
  const measure = useMeasure();
  const patterns = useId();
  const tipId = useId();
  const [scale, setScale] = useState<Scale>("folded");
  const [pinned, setPinned] = useState<string | null>(null);
  const [pointer, setPointer] = useState<number | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [lastFocused, setLastFocused] = useState<string | null>(null);
  const [tip, setTip] = useState<{ hit: Hit; anchor: Anchor } | null>(null);
  const [beside, setBeside] = useState<readonly string[]>(NO_SPACES);
  const [ruler, setRuler] = useState(false);
  const [measured, setMeasured] = useState<{ from: U64; to: U64 } | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  const [scrolled, setScrolled] = useState(0);
  const jumps = useJumps();

  const gutter = compact ? 0 : Math.max(112, Math.ceil(measure(WIDEST_TITLE, "text")) + 14);
  const hasRoom = plotSize !== null;
  const width = Math.max(120, (plotSize?.width ?? 800) - gutter - MARGIN);
  const whole = view.overview ?? view.lanes;
  const alsoFolds = useContext(SharedAxis)?.alsoFolds;
  const landmarks = useMemo(() => landmarksOf(alsoFolds ? [...whole, ...alsoFolds] : whole), [whole, alsoFolds]);
  const home = useMemo(() => (scale === "linear" ? apertureOf(whole) : WHOLE), [scale, whole]);

  const [zoomed, changeWindow] = useWindowState(view.space);
  const window = zoomed ?? home;
  const current = useMemo<View>(() => ({ scale, landmarks, window, width }), [scale, landmarks, window, width]);
  const windowing = useGestures(current, gutter, changeWindow, root, plot, jumps);

  const names = useMemo(() => new Map(frame.graph.nodes.map((node) => [node.key, node.title])), [frame.graph]);
  const target = useMemo(() => axisOf(scale, landmarks, window, width), [scale, landmarks, window, width]);
  const axis = useGlide(target, jumps, root);
  const plotHeight = compact ? 0 : (plotSize?.height ?? 0);
  const answered = useMemo(() => {
    // The first rendering only finds out how much room there is.
    if (!hasRoom) return NOTHING;
    const sorted = ordered(view.lanes);
    const separate = joinContributors(sorted, MOST_CONTRIBUTORS);
    const joined = compact || tightest(separate) > plotHeight ? joinContributors(sorted, 1) : separate;
    const deciders = new Set(view.lanes.find((lane) => lane.kind === "call")?.spans.flatMap((span) => span.objects));
    return unfolded ? joined : foldContributors(joined, compact ? MOST_FOLDED_COMPACT : MOST_FOLDED, (lane) => deciders.has(ownerOf(lane) ?? ""));
  }, [hasRoom, view.lanes, compact, plotHeight, unfolded]);
  const coarse = useMemo(() => coarseOf(view), [view]);
  const lanes = useMemo(() => patched(answered, view.window ?? null, axis.window, coarse), [answered, view.window, axis.window, coarse]);
  const parts = useDenseParts(isCrowded(whole));
  const denseOf = useMemo(() => (parts ? parts.denseRows(axis) : null), [parts, axis]);
  const scene = useMemo(
    () => sceneOf({ view, lanes, axis, room: plotHeight, gutter, measure, compact, names, denseOf, runsOf: parts && ((row) => parts.denseRuns(row, MOST_RUNS)), coarse }),
    [view, lanes, axis, plotHeight, gutter, measure, compact, names, denseOf, parts, coarse],
  );
  const words = useWordsParts();
  const { ticks, labels } = useMemo(() => (hasRoom ? axisLabels(lanes, axis, measure) : NO_LABELS), [hasRoom, lanes, axis, measure]);
  const refused = isRefused(view);

  const selectedLight = useMemo(() => lightOf(frame, selection), [frame, selection]);
  const hoverLight = useMemo(() => lightOf(frame, hover), [frame, hover]);
  const selectedMarks = useMemo(() => marksOf(scene, axis, selectedLight), [scene, axis, selectedLight]);
  const hoverMarks = useMemo(() => marksOf(scene, axis, hoverLight), [scene, axis, hoverLight]);

  const also = useMemo(() => beside.filter((key) => key !== view.space && frame.spaces.some((each) => each.key === key)), [beside, view.space, frame.spaces]);
  useDetails({ whole, axis: target, space: view.space, pinned, also, parts, onQuery });

  const marked = useMemo(() => selectedRange(lanes, selection, selectedLight), [lanes, selection, selectedLight]);
  const fitSelection = useCallback(() => {
    const focus = tip?.hit.block ?? null;
    windowing.setWindow(marked ? fit(marked) : focus ? fit(focus) : null);
  }, [marked, tip, windowing]);

  const followed = useRef(shown);
  useEffect(() => {
    if (followed.current === shown || !marked) return;
    followed.current = shown;
    const px = target.toPx(add(marked.last, 1)) - target.toPx(marked.first);
    if ((zoomed && beyondEdge(marked, zoomed)) || px < SMALLEST) {
      jumps.note();
      changeWindow(fit(marked));
    }
  }, [shown, marked, zoomed, target, changeWindow, jumps]);

  const selectionOf = (hit: Hit): Selection => {
    const { block } = hit;
    if (block.kind === "aperture-field") return block.objects[0] === undefined ? { range: rangeOf(block) } : { key: block.objects[0] };
    if (block.count > 1 || block.kind === "valid" || block.kind === "allowed" || block.kind === "call" || block.kind === "call-hit") return { range: rangeOf(block) };
    return { key: block.key };
  };
  const activate = (hit: Hit): void => {
    if (hit.row.dense) {
      if (hit.column) windowing.zoomAt((hit.block.left + hit.block.right) / 2, CLOSER);
      else windowing.setWindow(fit(hit.block));
      point(null);
      return;
    }
    const next = selectionOf(hit);
    onSelect(sameSelection(next, selection) ? null : next);
  };

  const hitAt = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): Hit | null => {
    const box = event.currentTarget.querySelector("svg")!.getBoundingClientRect();
    const px = event.clientX - box.left - gutter;
    const y = event.clientY - box.top;
    const row = scene.rows.find((candidate) => y >= candidate.top && y < candidate.top + candidate.height);
    if (row?.dense && parts) {
      const column = px < 0 || y < row.bar.top || y >= row.bar.top + row.bar.height ? null : parts.columnAt(row.dense, px, COLUMN_SLOP);
      if (!column) return null;
      const block: Block = { key: "column", kind: "mapping", first: column.first, last: column.last, left: column.px, right: column.px + 1, label: "", detail: "", count: column.count, objects: [] };
      return { row, block, column: { count: column.count, covered: parts.percent(column.cover / 255) } };
    }
    if (!row || px < 0 || px > width + 4 || y < row.bar.top - 30 || y > row.bar.top + row.bar.height + 14) return null;
    const block = blockAt(row.blocks, px, 3) ?? blockAt(row.fields, px, 0);
    return block ? { row, block } : null;
  };
  const anchorOf = (hit: Hit): Anchor => {
    const box = plot.current!.querySelector("svg")!.getBoundingClientRect();
    const { left, right } = visible(hit.block, width);
    const { top, height } = blockBox(hit.block, hit.row);
    return { left: box.left + gutter + left, right: box.left + gutter + right, top: box.top + top, bottom: box.top + top + height };
  };
  const point = (hit: Hit | null, x?: number): void => {
    if (!hit) {
      if (tip) setTip(null);
      if (hover) onHover(null);
      return;
    }
    const next = hit.row.dense ? null : selectionOf(hit);
    if (!sameSelection(next, hover)) onHover(next);
    if (tip?.hit.block === hit.block) return;
    const anchor = anchorOf(hit);
    setTip({ hit, anchor: x === undefined || anchor.right - anchor.left < 260 ? anchor : { ...anchor, left: x, right: x } });
  };

  /** The device whose lane title is under the pointer. */
  const titleAt = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): string | null => {
    const box = event.currentTarget.querySelector("svg")!.getBoundingClientRect();
    const y = event.clientY - box.top;
    const row = scene.rows.find((candidate) => y >= candidate.top && y < candidate.top + candidate.height);
    return row && event.clientX - box.left < gutter ? ownerOf(row.lane) : null;
  };

  /** Is it the title of the lane that stands for many contributors? */
  const restAt = (event: React.MouseEvent<HTMLElement>): boolean => {
    const box = event.currentTarget.querySelector("svg")!.getBoundingClientRect();
    const y = event.clientY - box.top;
    const row = scene.rows.find((candidate) => candidate.lane.key === REST);
    return row !== undefined && y >= row.top && y < row.top + row.height && (compact ? y < row.bar.top : event.clientX - box.left < gutter);
  };

  const ruling = useRef(false);
  const measuring = useMeasureParts(ruler || measured !== null || Boolean(onPick));
  const placeOf = (event: PointerEvent<HTMLElement>): U64 | null => {
    const box = event.currentTarget.querySelector("svg")!.getBoundingClientRect();
    return measuring ? measuring.placeAt(scene, axis, Math.max(0, Math.min(width, event.clientX - box.left - gutter)), event.clientY - box.top) : alignDown(axis.toAddress(event.clientX - box.left - gutter), NARROWEST);
  };
  const putRulerAway = (): void => {
    setRuler(false);
    setMeasured(null);
  };
  const rulerKey = (event: KeyboardEvent): boolean => {
    if (event.key === "r" || event.key === "R") {
      const from = tip?.hit.block.first ?? alignDown(axis.toAddress(width / 2), NARROWEST);
      setMeasured((now) => (now ? null : { from, to: from }));
      return true;
    }
    if (!measured || !measuring) return false;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") putRulerAway();
    else if (step !== undefined) setMeasured({ ...measured, to: measuring.stepped(axis, measured.to, step * (event.shiftKey ? 80 : event.altKey ? 0 : 8)) });
    else return false;
    return true;
  };

  const surface = {
    ...windowing.surface,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const px = event.clientX - event.currentTarget.getBoundingClientRect().left - gutter;
      if ((event.shiftKey || ruler || onPick) && event.button === 0 && px >= 0) {
        const from = placeOf(event);
        ruling.current = true;
        windowing.dragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        if (from !== null) setMeasured({ from, to: from });
      } else windowing.surface.onPointerDown(event);
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (ruling.current && onPick && measured && measured.from !== measured.to) {
        onPick(measured.from < measured.to ? { first: measured.from, last: measured.to } : { first: measured.to, last: measured.from });
        setMeasured(null);
      }
      ruling.current = false;
      windowing.surface.onPointerUp(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const px = event.clientX - event.currentTarget.getBoundingClientRect().left - gutter;
      if (ruling.current && measured) {
        const to = placeOf(event);
        if (to !== null && to !== measured.to) setMeasured({ ...measured, to });
        setPointer(Math.max(0, Math.min(width, px)));
        return;
      }
      windowing.surface.onPointerMove(event);
      setPointer(px >= 0 && px <= width && event.pointerType !== "touch" ? px : null);
      const title = titleAt(event);
      if (title !== null) {
        setTip(null);
        onHover({ key: title });
      } else point(event.buttons === 0 ? hitAt(event) : null, event.clientX);
    },
    onPointerLeave: () => {
      setPointer(null);
      point(null);
    },
    onClick: (event: React.MouseEvent<HTMLElement>) => {
      if (windowing.dragged.current) return;
      const hit = hitAt(event);
      const title = titleAt(event);
      if (restAt(event)) setUnfolded(true);
      else if (hit) activate(hit);
      else if (title !== null) onSelect(marksKey(selection, title) ? null : { key: title });
      else if (selection && event.clientX - event.currentTarget.getBoundingClientRect().left >= gutter) onSelect(null);
    },
    onDoubleClick: (event: React.MouseEvent<HTMLElement>) => {
      const hit = hitAt(event);
      if (ruler || hit?.column) return;
      windowing.setWindow(hit && hit.block.kind !== "aperture-field" ? fit(hit.block) : null);
    },
  };

  // When the lanes do not all fit, the one of the call on screen must still be seen.
  const callRow = scene.rows.find((row) => row.lane.kind === "call");
  const callBottom = callRow ? callRow.top + callRow.height : 0;
  useEffect(() => {
    // Where everything is in sight anyway, asking how far it is scrolled would only cost a layout.
    if (callRow && plot.current && scene.height > (plotSize?.height ?? 0)) keepInSight(plot.current, callRow);
    // Only a new step may scroll, never a zoom.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [frame.step, callBottom]);

  const itemHit = (key: string | null): Hit | null => (key === null ? null : (words?.parseItem(scene, key) ?? null));
  const focusedHit = itemHit(focused);
  const onItemFocus = (key: string | null): void => {
    setFocused(key);
    if (key !== null) setLastFocused(key);
    const hit = itemHit(key);
    point(hit);
    if (hit && plot.current) keepInSight(plot.current, hit.row);
  };
  const keys = (event: KeyboardEvent): void => {
    // With everything in sight there is nowhere to pan to: arrows keep their meaning on the page.
    const arrows = event.target === event.currentTarget && zoomed !== null;
    if (!event.ctrlKey && !event.metaKey && rulerKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (windowKey(event, windowing, width, fitSelection, arrows)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Escape" && tip) {
      setTip(null);
      event.preventDefault();
    }
  };

  // Of hundreds of lanes only those in sight are drawn.
  const seen = useMemo(() => {
    const height = plotSize?.height ?? 0;
    if (compact || scene.height <= height * 2) return scene.rows;
    return scene.rows.filter((row) => row.top < scrolled + height * 1.5 && row.top + row.height > scrolled - height * 0.5);
  }, [scene, compact, plotSize, scrolled]);

  const isWhole = zoomed === null;
  const hint = useMemo(() => (isWhole ? null : edgeHint(marked ?? view.asked?.range ?? null, window, marked !== null)), [isWhole, marked, view.asked, window]);

  return (
    <div ref={root} className="dg dg-iova" data-step={frame.step} data-compact={compact || undefined}>
      <Toolbar
        spaces={frame.spaces}
        space={view.space}
        scale={scale}
        note={noteOf(scale, window, isWhole, bytesPerPx(axis))}
        whole={isWhole}
        compact={compact}
        also={also}
        unfolded={answered.some((lane) => lane.key === REST) ? false : unfolded ? true : null}
        onFold={() => setUnfolded(!unfolded)}
        ruler={ruler || measured !== null}
        onSpace={(key) => {
          const next = pinned === key && frame.spaces.length <= 2 ? null : key;
          setPinned(next);
          onQuery({ space: next, window: null, px: width, stretches: undefined, also: beside.filter((each) => each !== key) });
        }}
        onAlso={setBeside}
        onRuler={() => (ruler || measured ? putRulerAway() : setRuler(true))}
        onScale={(next) => {
          jumps.note();
          setScale(next);
          changeWindow(null);
        }}
        onZoom={(factor) => windowing.zoom(factor)}
        onAll={() => windowing.setWindow(null)}
      />
      {/* The drawing takes pointer and keys as one application; what it shows is in the lists of the mirror. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={plot}
        className="dg-plot"
        role="application"
        aria-roledescription="IOVA space"
        aria-label={`${view.label}, ${isWhole ? "the whole space" : rangeText(window.first, window.last)}. Arrows move, plus and minus zoom, 0 shows all, F fits the selection, R measures.`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the drawing takes keys
        tabIndex={0}
        data-ruler={ruler || onPick ? true : undefined}
        onKeyDown={keys}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
        {...surface}
      >
        {parts && <parts.DenseStrips rows={seen} gutter={gutter} />}
        <svg width={gutter + width + MARGIN} height={scene.height} aria-hidden="true">
          <Patterns id={patterns} />
          <Guides height={scene.height} gutter={gutter} axis={axis} ticks={ticks} />
          <Bands marks={selectedMarks} hovered={hoverMarks} gutter={gutter} height={scene.height} />
          <clipPath id={`${patterns}-plot`}>
            <rect x={-EDGE} y={0} width={width + 2 * EDGE} height={scene.height} />
          </clipPath>
          {scene.tie && (
            <g transform={`translate(${gutter} 0)`}>
              <TieLine tie={scene.tie} height={callBar(scene.rows)} />
            </g>
          )}
          <LaneRows scene={scene} rows={seen} patterns={patterns} gutter={gutter} width={width} refused={refused} compact={compact} />
          {frame.changes && <ChangedRanges frame={frame} rows={seen} axis={axis} gutter={gutter} />}
          <g transform={`translate(${gutter} 0)`} clipPath={`url(#${patterns}-plot)`}>
              {scene.tie && <TieEnds tie={scene.tie} height={callBar(scene.rows)} />}
              {hoverMarks.outlines.map((mark) => (
                <rect key={mark.key} className="dg-outline is-hover" x={mark.left - 1.5} y={mark.top - 1.5} width={mark.width + 3} height={mark.height + 3} rx={4} />
              ))}
              {selectedMarks.outlines.map((mark) => (
                <rect key={mark.key} className="dg-outline is-selected" x={mark.left - 2} y={mark.top - 2} width={mark.width + 4} height={mark.height + 4} rx={5} />
              ))}
              {focusedHit && <FocusRing block={focusedHit.block} row={focusedHit.row} />}
              {measured && measuring && <measuring.MeasureLines measured={measured} axis={axis} height={scene.height} />}
              {pointer !== null && <path className="dg-cross" d={`M${pointer} 0V${scene.height}`} />}
          </g>
        </svg>
      </div>
      <svg className="dg-axis-bar" width={gutter + width + MARGIN} height={AXIS_HEIGHT} aria-hidden="true">
        <AxisBar axis={axis} ticks={ticks} labels={labels} gutter={gutter} />
        {pointer !== null && <Readout axis={axis} px={pointer} gutter={gutter} />}
      </svg>
      <div style={{ height: STRIP_HEIGHT }}>
        <Strip lanes={hasRoom ? whole : NOTHING} window={window} whole={isWhole && scale === "folded"} width={width} gutter={gutter} patterns={patterns} refused={refused} onWindow={windowing.setWindow} onFollow={windowing.follow} />
      </div>
      {measured && measuring && <measuring.MeasurePlate measured={measured} axis={axis} gutter={gutter} top={(plot.current?.offsetTop ?? 30) + 16} onClose={putRulerAway} />}
      {hint && (
        <button type="button" className={`dg-hint is-${hint.side}`} onClick={() => windowing.setWindow(fit(hint.range))}>
          {hint.text}
        </button>
      )}
      {words && (
        <Told
          words={words}
          scene={scene}
          view={view}
          width={width}
          selected={selectedMarks.outlines[0]?.key ?? null}
          current={lastFocused}
          onFocus={onItemFocus}
          onActivate={(key) => {
            const hit = itemHit(key);
            if (hit) activate(hit);
          }}
          onKey={keys}
        />
      )}
      {tip && words && (
        <words.Tooltip id={tipId} text={tip.hit.column ? words.columnTip(tip.hit.block, tip.hit.column.covered) : words.blockTip(tip.hit.block, tip.hit.row.lane, names)} anchor={tip.anchor} />
      )}
    </div>
  );
}

function keepInSight(element: HTMLElement, row: LaneRow): void {
  if (row.top < element.scrollTop) element.scrollTop = row.top;
  else if (row.top + row.height > element.scrollTop + element.clientHeight) element.scrollTop = row.top + row.height - element.clientHeight;
}
