import { useApp, useSession } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import { SPEEDS, type Speed } from "../state/player.ts";
import { Track } from "./Track.tsx";

function SpeedChoice() {
  const { session } = useApp();
  const speed = useSession((state) => state.speed);
  return (
    <select className="speed" aria-label="Speed" title="Speed" value={speed} onChange={(event) => session.speed(Number(event.currentTarget.value) as Speed)}>
      {SPEEDS.map((choice) => (
        <option key={choice} value={choice}>
          {choice}×
        </option>
      ))}
    </select>
  );
}

/** Moving through the steps: buttons, the slider, playing. */
export function Timeline() {
  const loaded = useSession((state) => state.loaded);
  const playing = useSession((state) => state.playing);
  if (!loaded) return null;
  return (
    <section className="timeline" aria-label="Timeline">
      <div className="timeline-buttons">
        <CommandButton id="first" icon="first" className="button-icon" />
        <CommandButton id="previous" icon="previous" className="button-icon" />
        <CommandButton id="play" icon={playing ? "pause" : "play"} label={playing ? "Pause" : "Play"} className="button-strong button-play">
          <span className="button-text">{playing ? "Pause" : "Play"}</span>
        </CommandButton>
        <CommandButton id="next" icon="next" className="button-icon" />
      </div>
      <Track loaded={loaded} />
      <div className="timeline-side">
        <SpeedChoice />
        <CommandButton id="until" icon="until" className="button-quiet button-icon button-until" />
        <CommandButton id="pin" icon="pin" className="button-quiet button-icon button-pin" />
        <p className="hints" aria-hidden="true">
          <kbd>←</kbd> <kbd>→</kbd> step <kbd>space</kbd> play <kbd>n</kbd> next refusal
        </p>
      </div>
    </section>
  );
}
