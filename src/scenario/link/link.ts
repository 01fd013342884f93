/**
 * A scenario as the fragment of an address: "#1" and base64url. Version 1 is a range coder over a model that has been
 * trained on examples (training.ts), so that a usual scenario costs little. Every link of a published version must keep
 * opening: link-golden.json has some.
 */
import { parseScenario, ScenarioError } from "../schema.ts";
import { formOf } from "../other-form.ts";
import type { Scenario } from "../scenario.ts";
import { whatIfOf } from "../what-if.ts";
import { Model } from "./model.ts";
import { BitReader, BitWriter, Trainer, type BitCoder } from "./range-coder.ts";
import { codeLinked, linkedOf, type Linked } from "./scenario-codec.ts";
import { TRAINING } from "./training.ts";
import { LinkError, type LinkView } from "./view.ts";

const VERSION = "1";
export { LinkError } from "./view.ts";

/** More calls than this belong in a file. */
export const MOST_CALLS = 50_000;
/** Characters of a fragment. Few programs pass on as many, and the longest must open within a second. */
const LONGEST = 64_000;
const CHECK_BYTES = 3;

/**
 * The fragment of a link. `agrees(i)` says whether the model gives call i's recorded answer itself (restores() in
 * recorded-shape.ts): such an answer costs next to nothing and comes back as `recordedAgrees`. Throws LinkError when the
 * scenario is too big.
 */
export async function encodeLink(scenario: Scenario, view: LinkView, agrees: (index: number) => boolean = () => false): Promise<string> {
  if (scenario.calls.length > MOST_CALLS) throw new LinkError(`A link holds at most ${MOST_CALLS.toLocaleString("en")} calls; this scenario has ${scenario.calls.length.toLocaleString("en")}. Save it as a file instead.`);
  const writer = new BitWriter();
  codeLinked(trained(writer), linkedOf(scenario, view, agrees));
  const payload = writer.finish();
  const bytes = new Uint8Array(CHECK_BYTES + payload.length);
  bytes.set(checkOf(payload), 0);
  bytes.set(payload, CHECK_BYTES);
  const link = `#${VERSION}${toBase64Url(bytes)}`;
  if (link.length > LONGEST) throw new LinkError(`This link would have ${link.length.toLocaleString("en")} characters, which is more than a link may have. Save the scenario as a file instead.`);
  return link;
}

/** The scenario and view in a fragment, with or without "#". Throws LinkError with a sentence for people. */
export async function decodeLink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }> {
  const bytes = bytesOf(fragment);
  const payload = bytes.subarray(CHECK_BYTES);
  const check = checkOf(payload);
  if (bytes.length <= CHECK_BYTES || check.some((byte, index) => byte !== bytes[index])) throw new LinkError("This link is damaged or was cut off: some of its characters are missing or changed.");
  const linked = codeLinked(trained(new BitReader(payload)), null);
  try {
    return { scenario: scenarioOf(linked), view: viewOf(linked) };
  } catch (error) {
    if (error instanceof ScenarioError) throw new LinkError(`This link holds no usable scenario: ${error.message}.`);
    throw error;
  }
}

let teacher: Model | null = null;

/** A model that has seen the training scenarios. Learning takes some 60 ms, once. */
function taught(): Model {
  if (!teacher) {
    teacher = new Model(new Trainer());
    for (const linked of TRAINING) codeLinked(teacher, linked);
  }
  return teacher;
}

function trained(coder: BitCoder): Model {
  return taught().copy(coder);
}

/** Learns what all links need, before there is one. */
export function prepareLinks(): void {
  taught();
}

function scenarioOf(linked: Linked): Scenario {
  const scenario = parseScenario({ ...linked.head, calls: linked.calls.map(({ shape: _shape, ...call }) => call) });
  linked.calls.forEach(({ shape }, index) => {
    const call = scenario.calls[index];
    if (call && shape) call.recordedAgrees = shape;
  });
  return scenario;
}

function viewOf(linked: Linked): LinkView {
  const { step, selection, space, w, vs, wi } = linked.view;
  if (typeof step !== "number" || !Number.isInteger(step) || step < 0) throw new LinkError("This link is damaged: it names no step.");
  const view: LinkView = { step };
  if (typeof selection === "string") view.selection = selection;
  if (typeof space === "string") view.space = space;
  if (typeof w === "string" && /^0x[0-9a-f]{1,16}-0x[0-9a-f]{1,16}$/.test(w)) view.window = w;
  if (vs !== undefined) {
    const form = formOf(Array.isArray(vs) ? vs : [vs]);
    if (!form) throw new LinkError("This link compares with a form of the kernel that this iovascope does not know; a newer one does.");
    view.compare = form;
  }
  const whatIf = wi === undefined ? null : whatIfOf(wi);
  if (whatIf) view.whatIf = whatIf;
  return view;
}

function bytesOf(fragment: string): Uint8Array {
  const text = fragment.trim().replace(/^#/, "").replace(/[).,;:!?'"\]>]+$/, "");
  if (text === "") throw new LinkError("This address holds no scenario: there is nothing after the #.");
  const version = text.slice(0, 1);
  if (!/^[0-9a-z]$/.test(version) || !/^[\w-]+$/.test(text) ) throw new LinkError("This is not a link to a scenario.");
  if (text.length > LONGEST) throw new LinkError(`This link has ${text.length.toLocaleString("en")} characters; links have at most ${LONGEST.toLocaleString("en")}.`);
  if (version !== VERSION) {
    // A fragment of prose is no future version.
    if (!/^[0-9]$/.test(version)) throw new LinkError("This is not a link to a scenario.");
    throw new LinkError(`This link was made by a newer iovascope (link version ${version}); this one opens version ${VERSION}.`);
  }
  const bytes = fromBase64Url(text.slice(1));
  if (!bytes) throw new LinkError("This link is damaged or was cut off: some of its characters are missing or changed.");
  return bytes;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The low 24 bits of the payload's CRC-32. */
function checkOf(payload: Uint8Array): number[] {
  let crc = 0xffffffff;
  for (const byte of payload) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc = ~crc >>> 0;
  return [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff];
}
