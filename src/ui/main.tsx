/** Starts the page: the engine in its worker, the stores, the keys, what the address says, then window.iovascope. */
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ensure } from "../base/assert.ts";
import { connectEngine } from "../engine/client.ts";
import { AppContext, createApp, type App } from "./app.ts";
import { listenToKeys } from "./commands/keys.ts";
import { fetchStartPage, fetchWorkspace, Page, prepareWorkspace } from "./Page.tsx";
import { later } from "./parts/later.tsx";
import { followSettings } from "./settings/settings.ts";
import { followTheme } from "./state/theme.ts";

/** In somebody else's frame: one diagram with its steps. */
const embedded = new URLSearchParams(location.search).has("embed");
const EmbedPage = later(() => import("./embed/EmbedPage.tsx").then((module) => module.default));

function Root({ app, ready }: { app: App; ready: Promise<void> }) {
  const [opening, setOpening] = useState(location.hash.length > 1);
  useEffect(() => void ready.then(() => setOpening(false)), [ready]);
  return (
    <AppContext value={app}>
      {embedded ? <EmbedPage opening={opening} ready={ready} /> : <Page opening={opening} />}
    </AppContext>
  );
}

const quietly = (coming: Promise<unknown>) => void coming.catch(() => {});
/** A link's first picture waits for nothing that could have been fetched meanwhile. */
const following = location.hash.length > 1;
if (!embedded) quietly(following ? fetchWorkspace() : fetchStartPage());
const app = createApp(connectEngine);
followTheme(app.view);
followSettings(app.settings, app.session);
/** With nothing to open, the start page paints first. */
const FETCH_LATER_MS = 400;
/** What makes the page work offline waits until it works at all, and then for a calm moment. */
const OFFLINE_LATER_MS = 600;
/** What a frame has no room to show an answer in. */
const NOT_FRAMED: readonly unknown[] = ["until", "pin"];
if (embedded) listenToKeys(Object.values(app.commands).filter(({ group, id }) => group === "Steps" && !NOT_FRAMED.includes(id)));
else {
  app.library.start();
  listenToKeys(Object.values(app.commands));
  if (!following) setTimeout(() => quietly(prepareWorkspace()), FETCH_LATER_MS);
  if (import.meta.env.PROD) setTimeout(() => quietly(import("./shell/offline.ts").then(({ keepOffline }) => keepOffline(app))), OFFLINE_LATER_MS);
}

const ready = app.address.start();
/** The page's still picture says as much as a first rendering would; a link that takes longer has a bar that moves. */
const STILL_MS = 700;
const { store } = app.session;
const opened = new Promise<void>((resolve) => {
  store.subscribe(({ loaded }) => loaded && resolve());
  if (store.getState().loaded) resolve();
});
/** A link that is refused opens nothing. */
const shown = Promise.race([opened, ready]).then(() => (store.getState().loaded ? fetchWorkspace() : undefined));
const first = following && !embedded ? Promise.race([shown, new Promise((resolve) => setTimeout(resolve, STILL_MS))]) : Promise.resolve();
const render = () =>
  createRoot(ensure(document.getElementById("root"), "#root")).render(
    <StrictMode>
      <Root app={app} ready={ready} />
    </StrictMode>,
  );
void first.then(render, render);
void Promise.all([import("./api.ts"), ready]).then(([{ createApi }]) => {
  Object.assign(window, { iovascope: createApi(app) });
});
