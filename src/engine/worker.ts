/** Entry of the page's worker. */
import { serve } from "./serve.ts";
import { Session } from "./session.ts";

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

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const server = serve(new Session(), (reply, transfer) => scope.postMessage(reply, transfer), pause);
scope.addEventListener("message", (event) => server.receive(event.data));
