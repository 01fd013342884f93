import type { Example } from "../../scenario/examples/examples.ts";
import type { App } from "../app.ts";
import { messageOf } from "../state/notices.ts";

/** Opens an example as a person would: read and run, and a notice when that fails. */
export async function openExample(app: App, example: Example): Promise<void> {
  try {
    const loaded = await example.load();
    if (Array.isArray(loaded)) await app.session.bring(loaded);
    else if (example.compare) await app.session.open(loaded, { compare: example.compare });
    else await app.session.open(loaded);
  } catch (error) {
    app.notices.problem(messageOf(error));
  }
}
