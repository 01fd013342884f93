import { countText, plural } from "../../base/format.ts";
import { useApp, useSession, useView } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Logo } from "../parts/Logo.tsx";
import agree from "../trust/agree.json";
import type { Loaded, Reading } from "../../engine/views.ts";

const THEME_NAME = { auto: "as the system", light: "light", dark: "dark" } as const;

export function ThemeButton() {
  const choice = useView((state) => state.themeChoice);
  return <CommandButton id="theme" icon={choice} label={`Theme: ${THEME_NAME[choice]}`} className="button-quiet button-icon" />;
}

function PlatformChip({ loaded }: { loaded: Loaded }) {
  const { commands } = useApp();
  const guessed = loaded.platform.guessed === true;
  return (
    <button type="button" className={guessed ? "chip chip-guessed" : "chip"} title="Run the same calls on another platform" onClick={commands.platform.run}>
      {loaded.platformName}
      {guessed && <em>guessed</em>}
    </button>
  );
}

function ReadingChips({ reading }: { reading: Reading }) {
  const { commands } = useApp();
  const which = useSession((state) => state.sequence);
  const lines = reading.reports.reduce((sum, report) => sum + report.lines, 0);
  const understood = reading.reports.reduce((sum, report) => sum + report.understood, 0);
  const attention = understood < lines || reading.warnings.length > 0;
  return (
    <>
      {reading.sequences.length > 1 && (
        <button type="button" className="chip" title="Choose another sequence of this file" onClick={commands.sequences.run}>
          {`sequence ${which + 1} of ${reading.sequences.length}`}
        </button>
      )}
      <button type="button" className={attention ? "chip chip-attention" : "chip"} title={attention ? "What was understood of the input" : "All of it was understood: see what was made of it"} onClick={commands.report.run}>
        {understood < lines ? `${countText(understood)} of ${countText(lines)} lines understood` : <>{plural(lines, "line")} <span className="chip-more">understood</span></>}
      </button>
    </>
  );
}

/** How many recorded calls the model answers as real kernels did; pressing it says what else stands behind the answers. */
function TrustChip() {
  const { commands } = useApp();
  const count = agree.toLocaleString("en");
  return (
    <button type="button" className="chip chip-trust" title={`${count} recorded calls agree: what stands behind the answers (b)`} onClick={commands.trust.run}>
      <Icon name="trust" size={12} /> {count} <span className="chip-more">calls agree</span>
    </button>
  );
}

export function Header() {
  const { commands } = useApp();
  const loaded = useSession((state) => state.loaded);
  const reading = useSession((state) => state.reading);
  if (!loaded) return null;
  const kernel = [...loaded.variants, /^\d/.test(loaded.kernel) ? `Linux ${loaded.kernel}` : loaded.kernel].join(" · ");
  return (
    <header className="header">
      <button type="button" className="brand" title="Start page" onClick={commands["start-page"].run}>
        <Logo />
        <span className="wordmark">iovascope</span>
      </button>
      <div className="header-what">
        <h1 title={loaded.title}>{loaded.title}</h1>
        <div className="chips">
          <PlatformChip loaded={loaded} />
          <span className="chip chip-plain" title={kernel}>
            <span className="chip-text">{kernel}</span>
          </span>
          {reading && <ReadingChips reading={reading} />}
          <TrustChip />
        </div>
      </div>
      <div className="header-buttons">
        <CommandButton id="lessons" icon="lessons">
          <span className="button-text">Lessons</span>
        </CommandButton>
        <CommandButton id="compare" icon="compare" label="Compare">
          <span className="button-text">Compare</span>
        </CommandButton>
        <CommandButton id="plan" icon="plan">
          <span className="button-text">Will it fit?</span>
        </CommandButton>
        <CommandButton id="import" icon="import">
          <span className="button-text">Import</span>
        </CommandButton>
        <CommandButton id="export" icon="export">
          <span className="button-text">Export</span>
        </CommandButton>
        <CommandButton id="copy-link" icon="link" className="button-strong">
          <span className="button-text">Copy link</span>
        </CommandButton>
        <CommandButton id="palette" icon="search" className="button-quiet button-icon" />
        <span className="header-wide">
          <ThemeButton />
        </span>
        <CommandButton id="help" icon="help" className="button-quiet button-icon header-wide" />
      </div>
    </header>
  );
}

