import { looksLikeDomain, parseDomain } from "./libvirt.ts";
import { parseQemuCommand, type GuestOptions } from "./options.ts";

/** What command lines and domains, each a text, say of the guest; the first that tells its RAM counts. Null: none does. */
export function optionsOf(texts: readonly string[]): GuestOptions | null {
  const read = texts.map((text) => (looksLikeDomain(text) ? parseDomain(text) : parseQemuCommand(text)));
  return read.find((options) => options.guest.ram !== undefined) ?? read[0] ?? null;
}
