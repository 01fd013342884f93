/** Makes the page work offline, and says when a newer version of it is ready. */
import type { App } from "../app.ts";

/** How long nothing must be going on. */
const CALM_MS = 2500;

/** Resolves when nothing has been read, run or stepped to for a while: fetching all files would hold it up. */
function calm({ store }: App["session"]): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = () => {
      leave();
      resolve();
    };
    const wait = () => {
      clearTimeout(timer);
      if (store.getState().busy === null) timer = setTimeout(done, CALM_MS);
    };
    const leave = store.subscribe(wait);
    wait();
  });
}

export async function keepOffline({ notices, session }: Pick<App, "notices" | "session">): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await calm(session);
  const { serviceWorker } = navigator;
  /** A page that nobody controlled until now has nothing to reload for. */
  const hadController = serviceWorker.controller !== null;
  let reloading = false;

  const tell = (worker: ServiceWorker | null) => {
    if (!worker || !serviceWorker.controller) return;
    const reload = () => {
      reloading = true;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
      worker.postMessage("take over");
    };
    notices.info("A new version of iovascope is ready.", { title: "Reload", run: reload });
  };

  serviceWorker.addEventListener("controllerchange", () => {
    if (reloading) location.reload();
    else if (hadController) notices.info("A new version of iovascope is in use in another tab.", { title: "Reload", run: () => location.reload() });
  });

  // Undefined where a browser pretends to have service workers.
  const registration = (await serviceWorker.register("service-worker.js", { updateViaCache: "none" })) as ServiceWorkerRegistration | undefined;
  if (!registration) return;
  tell(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") tell(worker);
    });
  });
}
