/** `window.iovascope`: the page for programs. Documented in docs/embedding.md. */
import { isJsonObject, type Json } from "../base/json.ts";
import type { InputFile } from "../engine/views.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { App } from "./app.ts";

/** Something that `load` takes: the text of any input that the page understands, with a name if it should have one, or a scenario. */
export type Loadable = string | { name: string; text: string } | Scenario;

export interface IovascopeApi {
  /** Opens what the inputs hold, read together; of several sequences the first. Resolves when it is on screen. */
  load(inputs: Loadable | readonly Loadable[]): Promise<{ title: string; steps: number; sequences: number; warnings: string[] }>;
  /** Shows the state after `step` calls; resolves with the step on screen. */
  goto(step: number): Promise<number>;
  /** The kernel state on screen as plain JSON; 64-bit values are hex strings. */
  state(): Promise<Json>;
  /** The full link to what is on screen. */
  link(): Promise<string>;
}

function inputFiles(inputs: readonly Loadable[]): InputFile[] {
  return inputs.map((input, index) => {
    const name = inputs.length === 1 ? "input" : `input ${index + 1}`;
    if (typeof input === "string") return { name, content: input };
    if (!isJsonObject(input)) throw new TypeError("iovascope.load takes texts and scenarios");
    if (typeof input.text === "string") return { name: typeof input.name === "string" ? input.name : name, content: input.text };
    return { name, content: JSON.stringify(input) };
  });
}

export function createApi({ session, address }: App): IovascopeApi {
  const opened = () => {
    const { loaded } = session.store.getState();
    if (!loaded) throw new Error("nothing is open: call iovascope.load first");
    return loaded;
  };
  return {
    load: async (inputs) => {
      const { sequences, warnings } = await session.openFirst(inputFiles(Array.isArray(inputs) ? (inputs as readonly Loadable[]) : [inputs as Loadable]));
      const { title, steps } = opened();
      return { title, steps, sequences: sequences.length, warnings };
    },
    goto: async (step) => {
      opened();
      await session.goto(step);
      return session.store.getState().step;
    },
    state: async () => {
      opened();
      return session.engine.state(session.store.getState().step);
    },
    link: async () => {
      opened();
      return address.link();
    },
  };
}
