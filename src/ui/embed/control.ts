/** Lets the page that frames this one drive it by messages, and tells it what happens. See docs/embedding.md. */
import type { App } from "../app.ts";
import { messageOf } from "../state/notices.ts";
import { idOf, isForUs, readOrder, type Order, type Shown } from "./message.ts";

/** The origin to speak to: the one that the address names, else that of the page around us; "*" where nobody knows. */
function originOf(search: URLSearchParams): string {
  const named = search.get("origin");
  if (named !== null) return named;
  const around = location.ancestorOrigins?.[0] ?? (document.referrer === "" ? "" : new URL(document.referrer).origin);
  return around === "" || around === "null" ? "*" : around;
}

/** Returns how to stop. */
export function listenToHost({ session, view, address }: App, show: (shown: Shown) => void): () => void {
  const host = window.parent;
  if (host === window) return () => {};
  const search = new URLSearchParams(location.search);
  const only = search.get("origin");
  const target = originOf(search);
  const say = (message: object) => host.postMessage({ iovascope: 1, ...message }, target);

  const facts = () => {
    const { loaded, step } = session.store.getState();
    return { title: loaded?.title ?? null, steps: loaded?.steps ?? null, step: loaded ? step : null };
  };

  const carryOut = async (order: Order): Promise<object> => {
    if (order.do === "theme") view.store.setState({ themeChoice: order.theme });
    else if (order.do === "show") show(order.show);
    else if (order.do === "load") {
      if ("link" in order) await session.openLink(order.link);
      else {
        const { scenarios, warnings } = await session.engine.read([{ name: "text", content: order.text }]);
        if (!scenarios[0]) throw new Error(["no calls in it", ...warnings].join("; "));
        await session.open(scenarios[0], { arrival: "in-address" });
      }
      return facts();
    } else if (!session.store.getState().loaded) throw new Error("nothing is open");
    else if (order.do === "goto") {
      session.play(false);
      await session.goto(order.step);
      return facts();
    } else if (order.do === "play") {
      if (order.speed !== null) session.speed(order.speed);
      session.play(order.playing);
    } else if (order.do === "select") view.show(order.selection);
    else if (order.do === "link") return { link: await address.link() };
    else return { state: await session.engine.state(session.store.getState().step) };
    return {};
  };

  const hear = (event: MessageEvent) => {
    if (event.source !== host || (only !== null && event.origin !== only) || !isForUs(event.data)) return;
    const id = idOf(event.data);
    const answer = async () => carryOut(readOrder(event.data as Record<string, unknown>));
    answer().then(
      (result) => say({ event: "done", id, ...result }),
      (error: unknown) => say({ event: "error", id, message: messageOf(error) }),
    );
  };
  window.addEventListener("message", hear);

  let told = -1;
  const stop = session.store.subscribe(({ frame, load, loaded }, before) => {
    if (load !== before.load) told = -1;
    if (!loaded || !frame || frame.step === told) return;
    told = frame.step;
    const { detail } = frame;
    say({ event: "step", step: frame.step, steps: loaded.steps, call: detail?.call ?? null, errno: detail?.errno ?? null, text: detail?.spoken ?? null });
  });

  say({ event: "ready", ...facts() });
  return () => {
    stop();
    window.removeEventListener("message", hear);
  };
}
