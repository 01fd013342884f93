/** The drawing in words. It follows when the drawing has been painted: those who listen and the keyboard do not wait for it, the eye would. */
import { useLayoutEffect, useMemo, useRef, type KeyboardEvent } from "react";
import type { Px } from "../../../base/flavor.ts";
import type { IovaView } from "../../../engine/views.ts";
import type { Direction } from "../common/Mirror.tsx";
import type { Scene } from "./scene.ts";
import { useSettled } from "./use-settled.ts";
import type * as Words from "./words-parts.ts";

interface ToldProps {
  words: typeof Words;
  scene: Scene;
  view: IovaView;
  width: Px;
  selected: string | null;
  current: string | null;
  onFocus: (key: string | null) => void;
  onActivate: (key: string) => void;
  onKey: (event: KeyboardEvent) => void;
}

export function Told(props: ToldProps) {
  const { words, selected, current } = props;
  const told = useSettled(props.scene, props.view);
  const { scene, view } = useMemo(() => ({ scene: told.value, view: told.cause }), [told]);
  const groups = useMemo(() => words.mirrorGroups(scene, view), [words, scene, view]);
  const latest = useRef({ ...props, scene });
  useLayoutEffect(() => {
    latest.current = { ...props, scene };
  });
  // The same functions for as long as it stands: then the list is only made anew when it says something else.
  const handlers = useMemo(
    () => ({
      onFocus: (key: string | null) => latest.current.onFocus(key),
      onActivate: (key: string) => latest.current.onActivate(key),
      onKey: (event: KeyboardEvent) => latest.current.onKey(event),
      neighbour: (key: string, direction: Direction) => latest.current.words.neighbourOf(latest.current.scene, key, direction, latest.current.width),
    }),
    [],
  );
  return <words.Mirror label={`${view.label} in words`} groups={groups} selected={selected} current={current} {...handlers} />;
}
