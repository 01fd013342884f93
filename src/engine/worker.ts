/** Entry of the page's worker. */
import { kernelFor } from "./kernel-for.ts";
import { serve } from "./serve.ts";
import { Session } from "./session.ts";
import { USUAL_PX } from "./views.ts";

/** Lets messages that wait come in first; unlike a timer it costs no milliseconds. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

/** After so long nobody is in the middle of asking. */
const QUIET_MS = 60;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const session = new Session();
const server = serve(session, (reply, transfer) => scope.postMessage(reply, transfer), pause, () => new Promise((resolve) => void setTimeout(resolve, QUIET_MS)));
scope.addEventListener("message", (event) => {
  // public/early.js has handed over the link in the address; the page's own script will ask for it.
  if (typeof event.data === "string") session.followAhead(event.data, USUAL_PX);
  else server.receive(event.data);
});

/** What the next request most likely needs is made ready while none has come: a link or a file then opens at once. */
const IDLE_MS = 500;
const USUAL = { title: "", trace: "iommufd", platform: { kind: "none" }, calls: [] } as const;
const prepare = () => void Promise.allSettled([import("./links.ts").then((links) => links.prepareLinks()), kernelFor({ ...USUAL, calls: [] })]);
// Started because there is a link: see public/early.js.
if (scope.name.endsWith("for a link")) prepare();
else setTimeout(prepare, IDLE_MS);
