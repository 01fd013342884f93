/** Starts the page: the engine in its worker, the stores, the keys, what the address says, then window.iovascope. */
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ensure } from "../base/assert.ts";
import { connectEngine } from "../engine/client.ts";
import { createApi } from "./api.ts";
import { AppContext, createApp, type App } from "./app.ts";
import { listenToKeys } from "./commands/keys.ts";
import { fetchWorkspace, Page } from "./Page.tsx";
import { followTheme } from "./state/theme.ts";

function Root({ app, ready }: { app: App; ready: Promise<void> }) {
  const [opening, setOpening] = useState(location.hash.length > 1);
  useEffect(() => void ready.then(() => setOpening(false)), [ready]);
  return (
    <AppContext value={app}>
      <Page opening={opening} />
    </AppContext>
  );
}

const app = createApp(connectEngine);
followTheme(app.view);
listenToKeys(Object.values(app.commands));
/** With nothing to open, the start page paints first. */
const FETCH_LATER_MS = 400;
setTimeout(() => void fetchWorkspace().catch(() => {}), location.hash.length > 1 ? 0 : FETCH_LATER_MS);

const ready = app.address.start();
createRoot(ensure(document.getElementById("root"), "#root")).render(
  <StrictMode>
    <Root app={app} ready={ready} />
  </StrictMode>,
);
void ready.then(() => {
  Object.assign(window, { iovascope: createApi(app) });
});
