/** A diagnosis as a message to whoever asked: what failed, why, what would work, how sure. */
import { plural } from "../../base/format.ts";
import type { Finding } from "./finding.ts";

const SURE: Record<Finding["confidence"], string> = { given: "The log says so itself.", modelled: "Found by running the kernel's checks on the host described.", guessed: "This rests on an assumption about the host." };

export function replyOf(findings: Finding[]): string {
  const [first] = findings;
  if (!first) return "";
  const same = findings.filter((finding) => finding !== first && finding.cause === first.cause).length;
  const parts = [first.text, ...(same > 0 ? [`(${plural(same, "more call")} failed in the same way.)`] : []), first.remedy, SURE[first.confidence]];
  const [need] = first.needs;
  if (need) parts.push(`To be sure, ${need.why}: ${need.command}`);
  return parts.filter((part) => part !== "").join(" ");
}
