/** The step on screen, in words for a mail or an issue. */
import type { Address } from "../state/address.ts";
import type { Notices } from "../state/notices.ts";
import type { Session } from "../state/session.ts";

export async function copyStepText({ session, address, notices }: { session: Session; address: Address; notices: Notices }): Promise<void> {
  const link = await address.link().catch(() => null);
  const { text } = await session.engine.export("step", { step: session.store.getState().step, link });
  try {
    await navigator.clipboard.writeText(text);
    notices.info("This step is copied, with its reason and the link.");
  } catch {
    notices.problem("The browser did not let us write to the clipboard. Export shows the same text, to be copied by hand.");
  }
}
